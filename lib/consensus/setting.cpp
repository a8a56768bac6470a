// SPDX-License-Identifier: MIT
#include "vouch/consensus/setting.hpp"

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {

PeerId Setting::primary(const SubjectId& subject, std::uint32_t height, std::uint32_t view) const {
  VOUCH_CHECK(view > 0 && roster.size() > 0);
  std::vector<std::pair<Hash, PeerId>> order;
  for (const PeerId& voter : roster.voters()) {
    ByteWriter out;
    out.raw(subject.view());
    out.u32(height);
    out.raw(voter.view());
    order.emplace_back(crypto::blake2b(out.bytes()), voter);
  }
  const std::size_t at = (view - 1) % order.size();
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(at), order.end());
  return order[at].second;
}

}  // namespace vouch::consensus
