// SPDX-License-Identifier: MIT
#include "vouch/sync/answer.hpp"

#include <algorithm>

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/sync/marks.hpp"
#include "vouch/sync/payload_rows.hpp"
#include "vouch/sync/released_row.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {

namespace {

/// Gathers frames until a bound is reached; one always fits.
class Gatherer {
 public:
  Gatherer(std::vector<Bytes>& batches, std::size_t bytes_max)
      : batches_(batches), bytes_max_(bytes_max) {}

  /// False when it does not fit any more.
  bool add(ByteView frame) {
    full_ = full_ || (!batches_.empty() && bytes_ + frame.size() > bytes_max_);
    if (full_) return false;
    bytes_ += frame.size();
    batches_.push_back(to_bytes(frame));
    return true;
  }
  bool full() const { return full_; }

 private:
  std::vector<Bytes>& batches_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

std::uint64_t last_in(ByteView raw) {
  const auto frame = split_frame(raw);
  const auto header = frame ? decode_batch_header(*frame) : fail(Errc::malformed, "no batch");
  return header ? header->last() : 0;
}

/// Adds what follows on `last` in a log that ends at `end`. False when what follows first is gone;
/// what is not stored yet is not.
bool add_log(const Writer& writer, std::uint64_t last, std::uint64_t end, const LogReader& log,
             Gatherer& gatherer) {
  const Bytes prefix = Replica::log_prefix(writer);
  // Of a log of equal length, which ends otherwise, the last one.
  std::uint64_t next = std::min(last + 1, end);
  bool follows = true;
  log.scan(log.floor(Replica::batch_key(writer, next), prefix), [&](ByteView key, ByteView frame) {
    if (key.size() <= prefix.size() || !starts_with(key, prefix)) return false;
    follows = ByteReader(key.subspan(prefix.size())).u64_ordered() <= next;
    next = last_in(frame) + 1;
    return follows && gatherer.add(frame);
  });
  return follows;
}

}  // namespace

Pulled answer_pull(const Asking& who, const Pull& request, const FrontierMap& held,
                   const state::Proofs& proofs, const LogReader& log, std::size_t bytes_max) {
  const Marks theirs(request);
  Pulled answer;
  for (const auto& [writer, entry] : held) {
    if (writer.peer == who.asker)
      answer.incarnation = std::max(answer.incarnation, writer.incarnation);
  }
  Gatherer gatherer(answer.batches, bytes_max);
  for (const auto& [peer, proof] : proofs.entries()) {
    if (!theirs.same(proven_logs(peer), proven_entry)) gatherer.add(proof.value()->bytes);
  }
  for (const auto& [writer, entry] : held) {
    if (entry == proven_entry) continue;
    if (theirs.same(proven_logs(writer.peer), proven_entry)) continue;
    const std::uint64_t last = theirs.last(writer);
    if (last > entry.last || theirs.same(writer, entry)) continue;
    const bool named = writer.peer == who.asker || writer.peer == who.asked;
    const bool wanted = !request.own || named || last == entry.last;
    if (wanted && (gatherer.full() || add_log(writer, last, entry.last, log, gatherer))) continue;
    answer.behind = true;
    answer.self_behind = answer.self_behind || writer.peer == who.asker;
  }
  answer.more = gatherer.full();
  return answer;
}

Ends answer_ends(const AskEnds& request, const FrontierMap& held, const state::Proofs& proofs,
                 const std::vector<Certificate>& rosters, const LogReader& log,
                 std::size_t bytes_max) {
  Ends answer;
  for (const Certificate& roster : rosters) {
    if (roster.value.epoch > request.epoch) answer.rosters.push_back(encode_certificate(roster));
  }
  Gatherer gatherer(answer.batches, bytes_max);
  std::optional<Writer> upto;
  auto at = request.after ? held.upper_bound(*request.after) : held.begin();
  for (; at != held.end() && answer.batches.size() < limits::log_ends_max; ++at) {
    const auto& [writer, entry] = *at;
    if (entry == proven_entry) {
      const auto* proof = proofs.find(writer.peer);
      if (proof != nullptr && !gatherer.add(proof->value()->bytes)) break;
    } else {
      const Bytes key = Replica::batch_key(writer, entry.last);
      log.scan(log.floor(key, Replica::log_prefix(writer)), [&](ByteView, ByteView frame) {
        if (last_in(frame) == entry.last) gatherer.add(frame);
        return false;
      });
      if (gatherer.full()) break;
    }
    upto = writer;
  }
  if (at != held.end()) answer.upto = upto;
  return answer;
}

Result<ReleasedSubjects> answer_released(const AskReleased& request, const RowStore& store,
                                         std::size_t bytes_max) {
  ReleasedSubjects answer;
  std::optional<Error> error;
  std::size_t bytes = 0;
  Bytes from = request.after ? to_bytes(request.after->view()) : Bytes{};
  if (request.after) from.push_back(0);  // the key after it
  bool any = false;
  const auto scanned = store.scan(Table::released, from, [&](ByteView key, ByteView bytes_of_row) {
    const auto subject = SubjectId::from(key);
    auto row = decode_released_row(bytes_of_row);
    if (!row) {
      error = row.error();
      return false;
    }
    bytes += row->proposal ? SubjectId::size : row->name.size() + Hash::size + 8;
    answer.more = std::exchange(any, true) && bytes > bytes_max;
    if (answer.more) return false;
    if (row->proposal && subject) {
      answer.proposals.push_back(*subject);
    } else {
      answer.streams.push_back({std::move(row->name), row->size, row->head});
    }
    return true;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  if (error) return tl::unexpected(*error);
  return answer;
}

Result<ProposalValue> answer_value(const AskValue& request, const RowStore& store) {
  const auto bytes = store.get(Table::released, to_bytes(request.proposal.view()));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return fail(Errc::unknown, "no such proposal was released");
  auto row = decode_released_row(**bytes);
  if (!row) return tl::unexpected(row.error());
  if (!tells_value(*row)) return fail(Errc::unknown, "its value is not known here");
  return ProposalValue{encode_certificate(*row->certificate), std::move(row->value)};
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
