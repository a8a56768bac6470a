// SPDX-License-Identifier: MIT
#include "vouch/membership/roster.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::membership {

std::vector<PeerId> Roster::validators(std::string_view stream, const PeerId& self,
                                       std::size_t count) const {
  std::vector<std::pair<Hash, PeerId>> ranked;
  for (const PeerId& voter : voters_) {
    if (voter == self) continue;
    ByteWriter key;
    key.text(stream);
    key.raw(voter.view());
    ranked.emplace_back(crypto::blake2b(key.bytes()), voter);
  }
  std::sort(ranked.begin(), ranked.end());
  if (ranked.size() > count) ranked.resize(count);
  std::vector<PeerId> out;
  for (const auto& [rank, voter] : ranked) out.push_back(voter);
  return out;
}

}  // namespace vouch::membership
