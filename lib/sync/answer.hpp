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

/// Proofs and batches that `held` and `proofs` cover and the request does not, at most `bytes_max`
/// of them (but at least one). Of a log of equal length that differs, the last batch.
Pulled answer_pull(const PeerId& asker, const Pull& request, const FrontierMap& held,
                   const state::Proofs& proofs, const LogReader& log, std::size_t bytes_max);

/// Stored events that the request names, at most `bytes_max` of them (but at least one). Errors:
/// those of the store.
Result<Events> answer_events(const AskEvents& request, const RowStore& store,
                             std::size_t bytes_max);

}  // namespace vouch::sync
