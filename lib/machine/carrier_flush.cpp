// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "vouch/machine/carrier.hpp"
#include "vouch/sync/answer.hpp"

namespace vouch::machine {
namespace {

constexpr Duration deferred_commit = std::chrono::milliseconds(250);
constexpr std::size_t deferred_rows_max = 4096;
/// What may gather while the disk works: then the machine waits for it.
constexpr std::size_t heard_max = 128;
constexpr std::size_t waiting_bytes_max = 8U << 20;
constexpr std::size_t answer_bytes_max = 512U << 10;
constexpr std::size_t payload_bytes = 64U << 10;
constexpr std::size_t events_bytes_max = 256U << 10;

}  // namespace

void Carrier::flush(Instant now, bool wait) {
  notify_heard();
  if (flushing_ && !settle(now, wait || crowded())) return;
  // Twice: what the first pass read from the store for somebody leaves with the second.
  for (int pass = 0; pass < 2; ++pass) {
    if (!begin(now) || (flushing_ && !settle(now, wait))) return;
  }
}

/// Hands to the store what must be in it, or sends off what needs none. False when it was refused.
bool Carrier::begin(Instant now) {
  // Answers and loads read the store: what they need must be in it.
  const bool reads = !outbox_.pulls.empty() || !outbox_.certificates.empty() ||
                     !outbox_.events.empty() || !outbox_.stored.empty() || !outbox_.loads.empty() ||
                     !outbox_.trims.empty() || !outbox_.evidence.empty() || !outbox_.pages.empty();
  const bool late = now >= next_commit_ || outbox_.rows.size() > deferred_rows_max;
  const bool storing = outbox_.synced || reads || (late && !outbox_.rows.empty());
  if (!storing && outbox_.only_rows()) {
    tell_all(to_tell_);  // what they say rests on nothing that waits here
    return true;
  }
  if (storing) {
    if (!write(now)) return false;
    weigh_evidence();
    // What a proof takes away is gone before anybody hears of it.
    if (outbox_.synced && !write(now)) return false;
  }
  leaving_ = std::exchange(outbox_, {});
  leaving_to_tell_ = std::exchange(to_tell_, {});
  if (!storing) {
    outbox_.rows = std::exchange(leaving_.rows, {});
    transmit(now);
    return true;
  }
  flushing_ = true;
  written_ = heard_ = weighed_ = waiting_bytes_ = 0;
  trim();
  return true;
}

/// Batches that are too many go with the next commit.
void Carrier::trim() {
  trimmer_.note(leaving_.rows);
  auto gone = trimmer_.cut(
      parts_.store, [this](const Writer& log) { return parts_.machine.read_by_quorum(log); });
  if (!gone) {
    ++counters_.store_errors;
    return;
  }
  std::ranges::move(*gone, std::back_inserter(outbox_.rows));
}

bool Carrier::write(Instant now) {
  const std::span<const Row> rows = std::span(outbox_.rows).subspan(written_);
  const auto written = rows.empty() ? Result<void>() : parts_.store.write(rows);
  if (!written) {
    note_stored(now, written);
    hold_back();
    return false;
  }
  written_ = outbox_.rows.size();
  outbox_.synced = false;
  return true;
}

/// Sends off what leaves once the disk has its rows. False while it has not, or when it refused.
bool Carrier::settle(Instant now, bool wait) {
  const auto flushed = parts_.store.flush(wait);
  if (!flushed) return false;
  flushing_ = false;
  note_stored(now, *flushed);
  if (*flushed) {
    leaving_.rows.clear();
    transmit(now);
    return true;
  }
  leaving_.append(std::move(outbox_));
  outbox_ = std::exchange(leaving_, {});
  outbox_.synced = true;
  hold_back();
  return false;
}

void Carrier::note_stored(Instant now, const Result<void>& stored) {
  next_commit_ = now + deferred_commit;
  store_error_ = stored ? std::nullopt : std::optional(stored.error());
  parts_.intake.set_closed_for(stored ? std::nullopt : std::optional(stored.error().code));
  if (!stored) ++counters_.store_errors;
}

/// Nothing that rests on unwritten rows may leave; they stay queued and are tried again.
void Carrier::hold_back() {
  written_ = 0;
  outbox_.replies.clear();
  outbox_.sends.clear();
  tell_all(leaving_to_tell_);
  tell_all(to_tell_);
}

void Carrier::when_stored(std::function<void()> tell) {
  if (degraded() || stored()) return tell();
  to_tell_.push_back(std::move(tell));
}

void Carrier::tell_all(std::vector<std::function<void()>>& waiting) {
  for (const auto& tell : std::exchange(waiting, {})) tell();
}

/// More than memory should hold waits for the disk.
bool Carrier::crowded() {
  for (; weighed_ < outbox_.rows.size(); ++weighed_) {
    const Row& row = outbox_.rows[weighed_];
    waiting_bytes_ += row.key.size() + (row.value ? row.value->size() : 0);
  }
  return heard_ > heard_max || weighed_ > deferred_rows_max || waiting_bytes_ > waiting_bytes_max;
}

void Carrier::notify_heard() {
  if (outbox_.notices.empty()) return;
  const PeerId& self = parts_.machine.replica().self().peer;
  notify(outbox_, [&self](const Notice& notice) {
    const auto* attested = std::get_if<Attested>(&notice);
    return attested != nullptr && attested->voter != self;
  });
}

void Carrier::notify(Outbox& box, const std::function<bool(const Notice&)>& which) {
  std::vector<Notice>& all = box.notices;
  const auto rest = std::stable_partition(all.begin(), all.end(), which);
  const std::vector<Notice> told(std::move_iterator(all.begin()), std::move_iterator(rest));
  all.erase(all.begin(), rest);
  for (const Notice& notice : told) parts_.notices(notice);
}

/// All that leaves. What it makes the machine want goes to the outbox.
void Carrier::transmit(Instant now) {
  for (const Bytes& frame : leaving_.publish) parts_.wire.publish(frame);
  for (const AnswerPull& pull : leaving_.pulls) answer(pull);
  for (const LoadCertificate& wanted : leaving_.certificates) load(wanted);
  for (const LoadPage& wanted : leaving_.pages) load(wanted);
  for (const AnswerEvents& ask : leaving_.events) answer(ask);
  for (const AnswerStored& ask : leaving_.stored) answer(ask);
  for (const LoadPayload& wanted : leaving_.loads) load(now, wanted);
  for (const TrimPayload& wanted : leaving_.trims) trim(wanted);
  for (const Send& send : leaving_.sends) {
    send_parts(send.message, [&](ByteView part) { return parts_.wire.send(send.to, part); });
  }
  for (const Reply& reply : leaving_.replies) {
    send_parts(reply.message, [&](ByteView part) { return parts_.wire.reply(reply.route, part); });
  }
  tell_all(leaving_to_tell_);
  notify(leaving_, [](const Notice&) { return true; });
  leaving_ = {};
}

void Carrier::send_parts(const Message& message, const std::function<bool(ByteView)>& send) {
  for (const Bytes& part : splitter_.split(encode_message(message))) {
    if (send(part)) continue;
    ++counters_.unsent;
    return;
  }
}

/// `whole` turns false where the store could not be read: an answer that leaves something out would
/// pass for all there is. Better none, they ask again.
sync::LogReader Carrier::log_reader(bool& whole) {
  const auto failed = [this, &whole] {
    ++counters_.store_errors;
    whole = false;
  };
  sync::LogReader log;
  log.scan = [this, failed](const Bytes& from, const RowVisitor& visit) {
    if (!parts_.store.scan(Table::batches, from, visit)) failed();
  };
  log.floor = [this, failed](const Bytes& key, const Bytes& prefix) -> Bytes {
    auto found = parts_.store.floor_key(Table::batches, key, prefix);
    if (found) return std::move(*found);
    failed();
    return key;
  };
  return log;
}

void Carrier::answer(const AnswerPull& pull) {
  bool whole = true;
  const sync::Replica& replica = parts_.machine.replica();
  Pulled pulled =
      sync::answer_pull({pull.from, replica.self().peer}, pull.request, replica.frontier(),
                        replica.state().proofs, log_reader(whole), answer_bytes_max);
  if (whole) leaving_.replies.push_back({pull.route, {pull.id, std::move(pulled)}});
}

void Carrier::answer(const AnswerStored& ask) {
  const auto reply = [&](MessageBody body) {
    leaving_.replies.push_back({ask.route, {ask.id, std::move(body)}});
  };
  if (const auto* ends = std::get_if<AskEnds>(&ask.request)) {
    bool whole = true;
    const sync::Replica& replica = parts_.machine.replica();
    Ends answer = sync::answer_ends(*ends, replica.frontier(), replica.state().proofs,
                                    parts_.machine.rosters().certificates(), log_reader(whole),
                                    answer_bytes_max);
    if (whole) reply(std::move(answer));
    return;
  }
  if (const auto* value = std::get_if<AskValue>(&ask.request)) {
    auto answer = sync::answer_value(*value, parts_.store);
    if (answer) reply(std::move(*answer));
    return;
  }
  const auto& asked = std::get<AskReleased>(ask.request);
  auto released = sync::answer_released(asked, parts_.store, events_bytes_max);
  if (!released) {
    ++counters_.store_errors;
    return;
  }
  released->lacks = ask.lacks;
  reply(std::move(*released));
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
  if (events && events->events.empty()) add_state(ask.request, *events);
  if (events) {
    leaving_.replies.push_back({ask.route, {ask.id, std::move(*events)}});
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

void Carrier::load(const LoadPage& wanted) {
  const auto row = parts_.store.get(Table::agreement, wanted.key);
  if (!row) ++counters_.store_errors;
  if (row && *row) parts_.machine.on_page(wanted, **row, outbox_);
}

void Carrier::load(Instant now, const LoadPayload& wanted) {
  const bool own = wanted.target == parts_.machine.replica().self().peer;
  const auto items = sync::read_events(parts_.store, wanted.stream, wanted.first, UINT64_MAX,
                                       own ? events_bytes_max : payload_bytes);
  if (!items) ++counters_.store_errors;
  std::optional<sync::StateRow> state;
  if (items && items->empty()) {
    if (own) {
      state = state_of(wanted.stream);
    } else {
      send_state(wanted);
    }
  }
  parts_.machine.on_payload(now, wanted, items.value_or(std::vector<ingest::Item>()), state,
                            outbox_);
}

std::optional<sync::StateRow> Carrier::state_of(const std::string& stream) {
  auto row = sync::read_state(parts_.store, stream);
  if (row) return std::move(*row);
  ++counters_.store_errors;
  return std::nullopt;
}

/// Nobody asked for it: the events that this validator wants are gone.
void Carrier::send_state(const LoadPayload& wanted) {
  Events instead{wanted.stream, wanted.first, {}};
  add_state({wanted.stream, wanted.first, wanted.first, {}}, instead);
  if (instead.state) outbox_.send(wanted.target, std::move(instead));
}

/// Events that are gone are answered by what stands for them.
void Carrier::add_state(const AskEvents& request, Events& answer) {
  auto row = state_of(request.stream);
  if (!row || row->state.size <= request.first) return;
  const SubjectId subject = parts_.machine.subject_of(request.stream);
  const Bytes key = consensus::Agreement::certificate_key(subject, row->height);
  auto certificate = parts_.store.get(Table::certificates, key);
  if (!certificate) ++counters_.store_errors;
  if (!certificate || !*certificate) return;
  answer.state =
      EventsState{row->state.size, std::move(row->state.bytes), std::move(**certificate)};
}

/// What a state stands for goes with the next commit, before whatever was decided meanwhile: the
/// stream may be over, or on another chain.
void Carrier::trim(const TrimPayload& wanted) {
  auto rows = sync::trimmed(parts_.store, wanted.stream, wanted.below);
  if (!rows) ++counters_.store_errors;
  if (!rows) return;
  outbox_.rows.insert(outbox_.rows.begin(), std::move_iterator(rows->begin()),
                      std::move_iterator(rows->end()));
}

}  // namespace vouch::machine
