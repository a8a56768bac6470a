// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/machine/carrier.hpp"
#include "vouch/sync/answer.hpp"

namespace vouch::machine {
namespace {

constexpr Duration deferred_commit = std::chrono::milliseconds(250);
constexpr std::size_t deferred_rows_max = 4096;
constexpr std::size_t answer_bytes_max = 512U << 10;
constexpr std::size_t payload_bytes = 64U << 10;
constexpr std::size_t events_bytes_max = 256U << 10;

}  // namespace

void Carrier::flush(Instant now) {
  notify_heard();
  // Answers and loads read the store: what they need must be in it.
  const bool reads = !outbox_.pulls.empty() || !outbox_.certificates.empty() ||
                     !outbox_.events.empty() || !outbox_.loads.empty() || !outbox_.evidence.empty();
  const bool late = now >= next_commit_ || outbox_.rows.size() > deferred_rows_max;
  if (outbox_.synced || reads || (late && !outbox_.rows.empty())) {
    if (!commit(now)) return hold_back();
  }
  weigh_evidence();
  // What a proof takes away is gone before anybody hears of it.
  if (outbox_.synced && !commit(now)) return hold_back();
  transmit(now);
  notify([](const Notice&) { return true; });
}

/// Nothing that rests on unwritten rows may leave; they stay queued and are tried again.
void Carrier::hold_back() {
  outbox_.replies.clear();
  outbox_.sends.clear();
}

void Carrier::notify_heard() {
  if (outbox_.notices.empty()) return;
  const PeerId& self = parts_.machine.replica().self().peer;
  notify([&self](const Notice& notice) {
    const auto* attested = std::get_if<Attested>(&notice);
    return attested != nullptr && attested->voter != self;
  });
}

void Carrier::notify(const std::function<bool(const Notice&)>& which) {
  std::vector<Notice>& all = outbox_.notices;
  const auto rest = std::stable_partition(all.begin(), all.end(), which);
  const std::vector<Notice> told(std::move_iterator(all.begin()), std::move_iterator(rest));
  all.erase(all.begin(), rest);
  for (const Notice& notice : told) parts_.notices(notice);
}

bool Carrier::commit(Instant now) {
  const auto written = parts_.store.commit(outbox_.rows);
  next_commit_ = now + deferred_commit;
  degraded_ = !written;
  parts_.intake.set_closed_for(written ? std::nullopt : std::optional(written.error().code));
  if (!written) {
    ++counters_.store_errors;
    return false;
  }
  outbox_.rows.clear();
  outbox_.synced = false;
  return true;
}

void Carrier::transmit(Instant now) {
  for (const Bytes& frame : outbox_.publish) parts_.wire.publish(frame);
  outbox_.publish.clear();
  for (const AnswerPull& pull : outbox_.pulls) answer(pull);
  outbox_.pulls.clear();
  const std::vector<LoadCertificate> certificates = std::move(outbox_.certificates);
  outbox_.certificates.clear();
  for (const LoadCertificate& wanted : certificates) load(wanted);
  for (const AnswerEvents& ask : outbox_.events) answer(ask);
  outbox_.events.clear();
  const std::vector<LoadPayload> loads = std::move(outbox_.loads);
  outbox_.loads.clear();
  for (const LoadPayload& wanted : loads) load(now, wanted);
  for (const Send& send : outbox_.sends) {
    send_parts(send.message, [&](ByteView part) { return parts_.wire.send(send.to, part); });
  }
  outbox_.sends.clear();
  for (const Reply& reply : outbox_.replies) {
    send_parts(reply.message, [&](ByteView part) { return parts_.wire.reply(reply.route, part); });
  }
  outbox_.replies.clear();
}

void Carrier::send_parts(const Message& message, const std::function<bool(ByteView)>& send) {
  for (const Bytes& part : splitter_.split(encode_message(message))) {
    if (send(part)) continue;
    ++counters_.unsent;
    return;
  }
}

void Carrier::answer(const AnswerPull& pull) {
  bool whole = true;
  const auto failed = [this, &whole] {
    ++counters_.store_errors;
    whole = false;
  };
  sync::LogReader log;
  log.scan = [&](const Bytes& from, const RowVisitor& visit) {
    if (!parts_.store.scan(Table::batches, from, visit)) failed();
  };
  log.floor = [&](const Bytes& key, const Bytes& prefix) -> Bytes {
    auto found = parts_.store.floor_key(Table::batches, key, prefix);
    if (found) return std::move(*found);
    failed();
    return key;
  };
  const sync::Replica& replica = parts_.machine.replica();
  Pulled pulled = sync::answer_pull(pull.from, pull.request, replica.frontier(),
                                    replica.state().proofs, log, answer_bytes_max);
  // An answer that leaves something out would pass for all there is: better none, they ask again.
  if (whole) outbox_.replies.push_back({pull.route, {pull.id, std::move(pulled)}});
}

Bytes Carrier::batch_with(const Writer& writer, std::uint64_t number) {
  const auto key = parts_.store.floor_key(Table::batches, sync::Replica::batch_key(writer, number),
                                          sync::Replica::log_prefix(writer));
  const auto frame = key ? parts_.store.get(Table::batches, *key) : tl::unexpected(key.error());
  if (!frame) ++counters_.store_errors;
  return frame && *frame ? **frame : Bytes();
}

void Carrier::weigh_evidence() {
  const std::vector<LoadEvidence> wishes = std::move(outbox_.evidence);
  outbox_.evidence.clear();
  for (const LoadEvidence& wish : wishes) {
    const Bytes one = batch_with(wish.writer, wish.number);
    const Bytes other =
        wish.other_number == 0 ? wish.other : batch_with(wish.writer, wish.other_number);
    parts_.machine.on_evidence(one, other, outbox_);
  }
}

void Carrier::answer(const AnswerEvents& ask) {
  auto events = sync::answer_events(ask.request, parts_.store, events_bytes_max);
  if (events) {
    outbox_.replies.push_back({ask.route, {ask.id, std::move(*events)}});
  } else {
    ++counters_.store_errors;  // they ask again, or somebody else
  }
}

void Carrier::load(const LoadCertificate& wanted) {
  const Bytes key = consensus::Agreement::certificate_key(wanted.subject, wanted.height);
  const auto row = parts_.store.get(Table::certificates, key);
  if (!row) ++counters_.store_errors;
  if (row && *row) parts_.machine.on_certificate(wanted, **row, outbox_);
}

void Carrier::load(Instant now, const LoadPayload& wanted) {
  const bool own = wanted.target == parts_.machine.replica().self().peer;
  const auto items = sync::read_events(parts_.store, wanted.stream, wanted.first, UINT64_MAX,
                                       own ? events_bytes_max : payload_bytes);
  if (!items) ++counters_.store_errors;
  parts_.machine.on_payload(now, wanted, items.value_or(std::vector<ingest::Item>()), outbox_);
}

}  // namespace vouch::machine
