// From stored rows to what a machine starts with.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/row_store.hpp"
#include "vouch/ingest/intake.hpp"
#include "vouch/machine/peer_machine.hpp"

namespace vouch::machine {

/// Reads everything a peer kept and folds the events of unsettled streams again into `intake`.
/// Errors: io; malformed (rows that this version did not write).
Result<Restored> reopen(const RowStore& store, ingest::Intake& intake, const ClusterId& cluster);

/// Key and value of the row of Table::meta that names what was finished last: count of streams,
/// each a text; count of proposals, each a subject.
const Bytes& finished_key();
/// So many are finished at a time, that a turn stays short.
inline constexpr std::size_t finish_max = 256;
/// From so many on the oldest are finished, down to `kept`. Many at a time: each time costs a
/// batch, with its signature and its place on the disk.
std::size_t finished_from(std::size_t kept);
/// The last words grow by what is `due`.
template <class Id>
void note_finished(const std::vector<Id>& due, std::deque<Id>& lately) {
  // Without others there is nothing new to finish, so the last words that they lack are few.
  constexpr std::size_t lately_max = 4 * finish_max;
  lately.insert(lately.end(), due.begin(), due.end());
  while (lately.size() > lately_max) lately.pop_front();
}
Bytes encode_finished(const FinishedLately& finished);
Result<FinishedLately> decode_finished(ByteView row);

}  // namespace vouch::machine
