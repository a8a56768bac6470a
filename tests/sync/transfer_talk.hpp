// What voters answer to a peer that takes a state, and how it hears that: what the machine and its
// carrier do, in the hands of a test.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/state/state_sum.hpp"
#include "vouch/sync/replica.hpp"
#include "vouch/sync/state_transfer.hpp"

namespace vouch::sync {

/// An honest answer of `replica`, whose logs end with these batches, and which let go of nothing.
inline MessageBody answer_of(const Replica& replica, const std::vector<Bytes>& ends,
                             const MessageBody& question) {
  if (std::holds_alternative<AskEnds>(question)) return Ends{{}, ends, {}};
  if (const auto* leaves = std::get_if<AskLeaves>(&question)) {
    return Leaves{replica.short_digest(), state::salted_leaves(replica.state(), leaves->salt),
                  replica.unread(leaves->read)};
  }
  if (const auto* cells = std::get_if<AskCells>(&question)) return cells_of(replica, *cells);
  return ReleasedSubjects{{}, false, replica.unread(std::get<AskReleased>(question).read), {}};
}

inline void hear(StateTransfer& transfer, Instant now, const PeerId& from, std::uint64_t id,
                 const MessageBody& answer) {
  if (const auto* leaves = std::get_if<Leaves>(&answer)) {
    transfer.on_leaves(from, id, *leaves);
  } else if (const auto* cells = std::get_if<Cells>(&answer)) {
    transfer.on_cells(from, id, *cells);
  } else if (const auto* released = std::get_if<ReleasedSubjects>(&answer)) {
    transfer.on_released(from, id, *released);
  } else if (transfer.awaits_ends(from, id)) {
    for (const Bytes& batch : std::get<Ends>(answer).batches) {
      const BatchHeader header = Replica::header_of(batch);
      transfer.note_end({header.writer, header.last()}, batch);
    }
    transfer.on_ends(now, std::get<Ends>(answer).upto);
  }
}

}  // namespace vouch::sync
