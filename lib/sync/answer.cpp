// SPDX-License-Identifier: MIT
#include "vouch/sync/answer.hpp"

#include <algorithm>

#include "vouch/schemas/bytes.hpp"
#include "vouch/sync/marks.hpp"
#include "vouch/sync/payload_rows.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {

namespace {

/// Gathers frames until a bound is reached; one always fits.
class Gatherer {
 public:
  Gatherer(Pulled& answer, std::size_t bytes_max) : answer_(answer), bytes_max_(bytes_max) {}

  bool add(ByteView frame) {
    if (!answer_.batches.empty() && bytes_ + frame.size() > bytes_max_) {
      answer_.more = true;
      return false;
    }
    bytes_ += frame.size();
    answer_.batches.push_back(to_bytes(frame));
    return true;
  }

 private:
  Pulled& answer_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
};

}  // namespace

Pulled answer_pull(const PeerId& asker, const Pull& request, const FrontierMap& held,
                   const state::Proofs& proofs, const LogReader& log, std::size_t bytes_max) {
  const Marks theirs(request);
  Pulled answer;
  for (const auto& [writer, entry] : held) {
    if (writer.peer == asker) answer.incarnation = std::max(answer.incarnation, writer.incarnation);
  }
  Gatherer gatherer(answer, bytes_max);
  for (const auto& [peer, proof] : proofs.entries()) {
    if (theirs.same(proven_logs(peer), proven_entry)) continue;
    if (!gatherer.add(proof.value()->bytes)) return answer;
  }
  for (const auto& [writer, entry] : held) {
    if (entry == proven_entry) continue;
    if (theirs.same(proven_logs(writer.peer), proven_entry)) continue;
    const std::uint64_t last = theirs.last(writer);
    if (last > entry.last || theirs.same(writer, entry)) continue;
    const Bytes prefix = Replica::log_prefix(writer);
    const std::uint64_t number = std::min(last + 1, entry.last);
    log.scan(log.floor(Replica::batch_key(writer, number), prefix),
             [&](ByteView key, ByteView frame) {
               return key.size() > prefix.size() && starts_with(key, prefix) && gatherer.add(frame);
             });
  }
  return answer;
}

Result<Events> answer_events(const AskEvents& request, const RowStore& store,
                             std::size_t bytes_max) {
  const auto items = read_events(store, request.stream, request.first, request.upto, bytes_max);
  if (!items) return tl::unexpected(items.error());
  Events answer{request.stream, request.first, {}};
  for (std::size_t i = 0; i < items->size(); ++i) {
    const ingest::Item& item = (*items)[i];
    if (!request.digests.empty() && request.digests[i] != item.digest) break;
    answer.events.push_back(*item.text);
  }
  return answer;
}

}  // namespace vouch::sync
