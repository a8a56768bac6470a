// Shared values: a put is written at once, alone, and stored with the turn.
// SPDX-License-Identifier: MIT
#include "vouch/machine/peer_machine.hpp"
#include "vouch/state/shared_values.hpp"

namespace vouch::machine {

Result<PutMark> PeerMachine::put(std::string_view key, std::optional<std::string> value,
                                 std::uint64_t now_ms, Outbox& out) {
  if (!roster().contains(signer_.id())) {
    return fail(Errc::not_allowed,
                "only peers of the roster put values; others refuse its batches");
  }
  if (proven() || copied_) {
    return fail(Errc::not_allowed, "this peer writes nothing any more; vouch-dump health says why");
  }
  if (!writing_) {
    return fail(Errc::busy, "too few voters told what they hold of this peer's log; try again");
  }
  auto next = state::next_put(replica_.state(), replica_.self(), key, std::move(value), now_ms);
  if (!next) return tl::unexpected(next.error());
  Records records;
  records.puts = {std::move(*next)};
  replica_.write(records, out);
  return records.puts.front().mark;
}

std::vector<Put> PeerMachine::own_puts() const {
  std::vector<Put> out;
  for (const auto& [slot, peers] : replica_.state().puts.entries()) {
    if (const auto* cell = peers.find(signer_.id())) out.push_back(*cell->value());
  }
  return out;
}

}  // namespace vouch::machine
