// Answers from the store what other peers ask: proofs that are lacked, then exact missing batches
// by range, one round trip; events by index and digest. Where the asker's log is no prefix of ours,
// the answer contradicts what it holds.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "vouch/base/row_store.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/state/state.hpp"

namespace vouch::sync {

/// Table::batches as an answer needs it.
struct LogReader {
  /// Visits rows from `from` on in key order until the visitor says false.
  std::function<void(const Bytes& from,
                     const std::function<bool(ByteView key, ByteView frame)>& visit)>
      scan;
  /// The last key not above `key` that starts with `prefix`; `key` itself when there is none.
  std::function<Bytes(const Bytes& key, const Bytes& prefix)> floor;
};

struct Asking {
  PeerId asker, asked;
};

/// Proofs and batches that `held` and `proofs` cover and the request does not, at most `bytes_max`
/// of them (but at least one). Of a log of equal length that differs, the last batch; of one whose
/// next batches are gone, none.
Pulled answer_pull(const Asking& who, const Pull& request, const FrontierMap& held,
                   const state::Proofs& proofs, const LogReader& log, std::size_t bytes_max);

/// The last batch of each log that `held` covers, or the proof against its writer, at most
/// `bytes_max` of them (but at least one).
Ends answer_ends(const AskEnds& request, const FrontierMap& held, const state::Proofs& proofs,
                 const std::vector<Certificate>& rosters, const LogReader& log,
                 std::size_t bytes_max);

/// Of a proposal that was released. Errors: unknown: so it was not, or its value is not known here;
/// malformed, and those of the store.
Result<ProposalValue> answer_value(const AskValue& request, const RowStore& store);

/// Errors: those of the store; malformed.
Result<ReleasedSubjects> answer_released(const AskReleased& request, const RowStore& store,
                                         std::size_t bytes_max);

/// Stored events that the request names, at most `bytes_max` of them (but at least one). Errors:
/// those of the store.
Result<Events> answer_events(const AskEvents& request, const RowStore& store,
                             std::size_t bytes_max);

}  // namespace vouch::sync
