// Start, doors, tick. What the parts do is in their own rooms; here they are only connected.
// SPDX-License-Identifier: MIT
#include "vouch/machine/peer_machine.hpp"

#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/state/cell_of.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/sync/marks.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::machine {
namespace {

sync::ReplicaConfig replica_config(const MachineConfig& config, const PeerId& self,
                                   Released& released, membership::Rosters& rosters) {
  sync::ReplicaConfig out{config.cluster, {}, config.roster};
  out.released = &released;
  out.rosters = &rosters;
  out.publishes = config.sync != sync::Mode::crdt;
  out.relays = config.relays;
  out.known.insert(config.roster.voters().begin(), config.roster.voters().end());
  out.known.insert(self);
  return out;
}

consensus::Setting setting_of(const MachineConfig& config, const Signer& signer,
                              const consensus::Chains& chains, const Released& released,
                              membership::Rosters& rosters, const consensus::Logs& logs) {
  consensus::Setting out{config.cluster,  config.roster, signer, chains, config.self.rule_set, 0,
                         config.agreement};
  out.released = &released;
  out.rosters = &rosters;
  out.logs = &logs;
  out.custom_rules = config.custom_rules;
  return out;
}

/// The chain of rosters begins where it began, whatever the config lists by now.
MachineConfig with_first(MachineConfig config, const Restored& restored) {
  auto first = consensus::Agreement::first_roster(config.cluster, restored.agreement);
  if (first && *first != config.roster) {
    config.listed = std::exchange(config.roster, std::move(*first));
  }
  return config;
}

/// Voters ask each other, so that any of them repairs what another withholds.
std::vector<PeerId> asked(const MachineConfig& config, const PeerId& self) {
  if (!config.roster.contains(self)) return config.sources;
  std::vector<PeerId> out = config.roster.voters();
  std::erase(out, self);
  return out;
}

/// Until others are told what a chain has that stands still: one voter after the other does.
Duration standing_still(const MachineConfig& config, const PeerId& self) {
  const std::vector<PeerId>& voters = config.roster.voters();
  const auto place = std::ranges::find(voters, self) - voters.begin();
  return config.attest_interval * 5 + std::chrono::milliseconds(500) * place;
}

}  // namespace

PeerMachine::PeerMachine(MachineConfig config, const Signer& signer, ingest::Streams& streams,
                         Released& released, Restored restored)
    : config_(with_first(std::move(config), restored)),
      signer_(signer),
      streams_(streams),
      released_(released),
      rosters_(config_.cluster, config_.roster),
      replica_(replica_config(config_, signer.id(), released, rosters_), signer_,
               std::move(restored.state), std::move(restored.frontier)),
      puller_(asked(config_, signer.id()), config_.pulls, config_.sync),
      pusher_(config_.cluster, signer_, config_.pushes),
      refolder_(config_.self.rule_set, signer.id(), streams, config_.refolds, &rosters_),
      reconciler_(config_.pulls.timeout),
      transfer_({config_.pulls.timeout, config_.pulls.first_timeout},
                config_.sync != sync::Mode::snapshot),
      attestor_(config_.attest_interval),
      still_(standing_still(config_, signer.id())),
      chains_(streams),
      logs_(replica_),
      agreement_(setting_of(config_, signer_, chains_, released, rosters_, logs_)),
      forgettable_(std::move(restored.forgettable)),
      finished_lately_(std::move(restored.finished)),
      own_incarnation_(restored.incarnation),
      repairs_(std::move(restored.repairs)),
      joining_(false) {
  const std::uint32_t held = replica_.highest_own_incarnation();
  const std::uint32_t stored = own_incarnation_.value_or(0);
  known_incarnation_ = std::max(held, stored);
  // The row and the log do not fit: part of the store is lost, and the log is not gone on with.
  if (held != stored) own_incarnation_.reset();
  // Who cannot tell what it has voted must not vote as the same again.
  if (!restore_agreement(restored.agreement)) own_incarnation_.reset();
  joining_ = roster().contains(signer.id());
  for (sync::StreamRow& row : restored.streams) rows_.emplace(row.name, row);
  for (const auto& [stream, cells] : replica_.state().streams.entries()) {
    const state::AttestationCell* own = cells.find(signer_.id());
    if (own != nullptr) attestor_.restore(stream, own->rank().upto);
  }
}

void PeerMachine::start(Instant now, std::uint64_t nonce, Outbox& out) {
  nonce_ = nonce;
  next_beat_ = now + config_.heartbeat_interval;
  epoch_ = rosters_.newest().epoch();
  if (epoch_ != rosters_.first().epoch()) ask_voters(now);
  salts_ = sync::salt_secret(signer_, nonce);
  puller_.on_start(now, salts_);
  out.rows.insert(out.rows.end(), repairs_.begin(), repairs_.end());
  repairs_.clear();
  join_until_ = now + config_.join_wait;
  // Votes name streams by their hash alone: which ones are ours is told first.
  for (const auto& [name, row] : rows_) agreement_.on_chain(now, name);
  recount(now);
  agreement_.watch(now);
  // The last life may have ended between a roster and its record.
  roster_due_ = !rosters_.certificates().empty();
  std::vector<std::string> names, local;
  for (const auto& [name, row] : rows_) {
    take_up(now, row);
    names.push_back(name);
    if (row.local) local.push_back(name);
  }
  note_all_runs(local);
  for (const std::string& name : names) settle(name, out);
  for (const auto& [stream, cells] : replica_.state().streams.entries()) note_over(stream);
  replica_.look_for_finished(out);
  // The last life may have ended between a contradiction and its proof.
  replica_.look_for_contradictions(out);
  on_tick(now, out);
}

/// The last life was put on another chain and ended before it said so.
bool PeerMachine::attests_other(const std::string& stream, std::uint64_t tip) const {
  const auto* cell = state::cell_of(replica_.state().streams, stream, signer_.id());
  if (cell == nullptr) return false;
  const auto here = streams_.head_at(stream, cell->rank().upto);
  return cell->rank().upto > tip || (here && !cell->claims().contains(*here));
}

void PeerMachine::take_up(Instant now, const sync::StreamRow& row) {
  const auto tip = streams_.tip(row.name);
  const std::uint64_t events = tip ? tip->upto + (row.closed ? 0 : 1) : 0;
  if (row.local) pusher_.adopt(now, row.name, events, row.closed, validators_of(row.name));
  note_certified(row.name);
  if (!tip) return;
  // The last life may have ended between validating and attesting.
  ingest::Progress progress;
  progress.stream = row.name;
  progress.size = tip->upto + 1;
  progress.closed = row.closed;
  progress.urgent = true;
  progress.checkpoint = tip;
  if (attests_other(row.name, tip->upto)) attestor_.rebase(row.name);
  attestor_.on_progress(now, progress);
  still_.watch(now, row.name);
  compare_words(now, row.name, 0, progress.size);  // nobody may say again what was heard before
}

void PeerMachine::on_progress(Instant now, const std::vector<ingest::Progress>& news, Outbox& out) {
  for (const ingest::Progress& progress : news) {
    store_events(progress, out);
    grow(now, progress);
    attestor_.on_progress(now, progress);
    still_.watch(now, progress.stream);
    if (rows_.at(progress.stream).local) note_runs(progress.runs);
    if (progress.local) pusher_.on_progress(now, progress, validators_of(progress.stream));
    if (progress.awaited) pusher_.on_awaited(now, progress.stream);
    forget_events(progress.stream, out);
    if (progress.closed) settle(progress.stream, out);
  }
}

void PeerMachine::store_events(const ingest::Progress& progress, Outbox& out) {
  sync::StreamRow& row = rows_[progress.stream];
  const std::uint64_t size = progress.closed ? progress.size : 0;
  sync::StreamRow after{progress.stream, row.local || progress.local, progress.closed, false, size,
                        row.kept_from};
  if (row != after) {
    row = after;
    out.persist(Table::streams, sync::stream_row_key(row.name), sync::encode_stream_row(row));
  }
  if (progress.state) hold_state(progress.stream, *progress.state, out);
  if (progress.items.empty()) return;
  out.persist(Table::payloads, sync::payload_key(progress.stream, progress.first),
              sync::encode_items(progress.items));
}

void PeerMachine::on_gossip(Instant now, ByteView frame, Outbox& out) {
  const auto view = split_frame(frame);
  if (view && view->kind == FrameKind::heartbeat) {
    on_heartbeat(now, frame, *view, out);
  } else {
    const sync::Receipt receipt = replica_.receive(frame, out);
    if (receipt.result == sync::Accepted::gap) puller_.on_gap(receipt.writer);
    hear(now, receipt.absorbed);
    watch_own_log(now, receipt, out);
    review(now, out);  // who is told at once is told what was looked at
  }
}

void PeerMachine::on_heartbeat(Instant now, ByteView raw, const FrameView& frame, Outbox& out) {
  const auto beat = decode_heartbeat(frame);
  const bool known = beat && beat->cluster == config_.cluster &&
                     rosters_.contains(beat->writer.peer) && beat->writer.peer != signer_.id();
  if (!known || !sync::heartbeat_is_signed(frame, beat->writer.peer, signer_)) {
    ++counters_.bad_heartbeats;
    return;
  }
  Neighbour& neighbour = neighbours_[beat->writer.peer];
  const auto age = [](const Heartbeat& h) {
    return std::tuple(h.writer.incarnation, h.session, h.number);
  };
  if (neighbour.last && age(*beat) <= age(*neighbour.last)) return;
  const auto start = [](const Heartbeat& h) { return std::tuple(h.writer.incarnation, h.session); };
  if (!neighbour.last || start(*beat) != start(*neighbour.last)) {
    puller_.on_link(beat->writer.peer);
    neighbour.differing = 0;
  }
  const bool silent = neighbour.last && now - neighbour.beat > config_.heartbeat_interval * 2;
  const bool equal = beat->frontier == replica_.short_digest();
  if (equal) {
    const bool same = beat->state == replica_.state_digest();
    neighbour.differing = same ? 0 : neighbour.differing + 1;
    if (neighbour.differing >= Neighbour::differing_min) reconciler_.on_differing();
  }
  neighbour.last = *beat;
  neighbour.beat = now;
  neighbour.heard = now;
  ++counters_.heartbeats;
  if (config_.relays) out.publish.push_back(to_bytes(raw));
  puller_.on_digest(beat->writer.peer, equal);
  // What it published while its heartbeats did not come did not come either.
  if (silent && !equal) puller_.on_open(now, beat->writer.peer);
}

bool PeerMachine::hear_from(Instant now, const PeerId& from) {
  if (!rosters_.contains(from)) return false;
  if (from != signer_.id()) neighbours_[from].heard = now;  // a copy of our folder is no neighbour
  return true;
}

bool PeerMachine::may_ask(const PeerId& from, const Message& message) const {
  const bool asks = std::holds_alternative<Pull>(message.body) ||
                    std::holds_alternative<Check>(message.body) ||
                    std::holds_alternative<AskLeaves>(message.body) ||
                    std::holds_alternative<AskCells>(message.body) ||
                    std::holds_alternative<AskEnds>(message.body) ||
                    std::holds_alternative<AskReleased>(message.body);
  return asks && config_.observers.contains(from);
}

void PeerMachine::on_request(Instant now, const PeerId& from, const std::string& route,
                             const Message& message, Outbox& out) {
  if (!hear_from(now, from) && !may_ask(from, message)) {
    ++counters_.refused;
    out.replies.push_back({route, {message.id, Refused{Errc::not_allowed, "for voters only"}}});
  } else if (const auto* pull = std::get_if<Pull>(&message.body)) {
    out.pulls.push_back({route, message.id, from, *pull});
  } else if (const auto* check = std::get_if<Check>(&message.body)) {
    // Nobody can be made to pull by saying so: whoever checks also pulls.
    const FrontierDigest own = replica_.short_digest();
    if (check->frontier != own) out.replies.push_back({route, {message.id, Check{own}}});
  } else if (std::holds_alternative<Push>(message.body)) {
    on_push(from, route, message, out);
  } else if (const auto* agree = std::get_if<Agree>(&message.body)) {
    agreement_.on_words(now, from, agree->words);
  } else if (const auto* ask = std::get_if<AskEvents>(&message.body)) {
    out.events.push_back({route, message.id, *ask});
  } else if (const auto* offer = std::get_if<Events>(&message.body)) {
    take_offer(now, from, *offer, out);
  } else if (!tell_state(route, message, out)) {
    ++counters_.refused;
    out.replies.push_back({route, {message.id, Refused{Errc::malformed, "no such request"}}});
  }
}

void PeerMachine::on_push(const PeerId& from, const std::string& route, const Message& message,
                          Outbox& out) {
  const Push& push = std::get<Push>(message.body);
  const auto too_large = [](const std::string& e) { return e.size() > limits::event_bytes_max; };
  if (std::any_of(push.events.begin(), push.events.end(), too_large)) {
    ++counters_.refused;
    return;
  }
  const ingest::PushOutcome outcome =
      streams_.push(push.stream, push.first, push.events, push.closes);
  if (outcome.full) {
    out.replies.push_back({route, {message.id, Refused{Errc::busy, "no room for more of it"}}});
    return;
  }
  // Events that were taken must be what the sender signed: the channel already tells who it is, the
  // signature is what convinces others. Events beyond a gap were not looked at.
  const bool all = outcome.digests.size() == push.events.size();
  if (all && !push.events.empty()) {
    const Hash leaf =
        sync::push_leaf(config_.cluster, push.stream, push.first, outcome.digests, push.closes);
    const Bytes statement = bundle_statement(tree_root(leaf, push.path));
    if (!signer_.verify(from, statement, push.signature)) {
      ++counters_.bad_pushes;
      streams_.taint(push.stream);
    }
  }
  if (push.attest) streams_.attest(push.stream);
  // The sender forgets what is acknowledged, so it must be on disk here before the answer leaves;
  // so must what a client said here a moment ago, of which a push without events hears, too.
  out.synced = true;
  out.replies.push_back({route, {message.id, Pushed{push.stream, outcome.next, outcome.conflict}}});
}

void PeerMachine::on_reply(Instant now, const PeerId& from, const Message& message, Outbox& out) {
  hear_from(now, from);
  if (const auto* pulled = std::get_if<Pulled>(&message.body)) {
    on_pulled(now, from, message.id, *pulled, out);
  } else if (const auto* check = std::get_if<Check>(&message.body)) {
    puller_.on_checked(from, check->frontier == replica_.short_digest());
  } else if (const auto* pushed = std::get_if<Pushed>(&message.body)) {
    pusher_.on_pushed(now, from, message.id, *pushed);
    if (pushed->conflict) mind_chain(now, pushed->stream, from);
    forget_events(pushed->stream, out);
    settle(pushed->stream, out);
  } else if (const auto* events = std::get_if<Events>(&message.body)) {
    hear_events(now, from, message.id, *events, out);
  } else if (!hear_state(now, from, message, out)) {
    ++counters_.refused;  // a Refused: whoever asked runs into its timeout and asks again
  }
}

void PeerMachine::on_pulled(Instant now, const PeerId& from, std::uint64_t id, const Pulled& pulled,
                            Outbox& out) {
  note_reported(pulled.incarnation);
  bool progress = false;
  for (const Bytes& frame : pulled.batches) {
    const sync::Receipt receipt = replica_.receive(frame, out);
    progress |= receipt.result == sync::Accepted::news;
    hear(now, receipt.absorbed);
    watch_own_log(now, receipt, out);
  }
  puller_.on_pulled(now, from, id, pulled, progress);
  transfer_.on_pulled(from, pulled.behind);
}

void PeerMachine::on_payload(Instant now, const LoadPayload& wanted,
                             const std::vector<ingest::Item>& items,
                             const std::optional<sync::StateRow>& state, Outbox& out) {
  if (wanted.target == signer_.id()) {
    refolder_.on_loaded(now, wanted.stream, wanted.first, items, state, out);
    finish_folds(now, out);
  } else {
    pusher_.on_payload(wanted.stream, wanted.target, wanted.first, items, out);
  }
}

void PeerMachine::on_evidence(ByteView one, ByteView other, Outbox& out) {
  replica_.weigh(one, other, out);
  mind_proof();
}

void PeerMachine::on_tick(Instant now, Outbox& out) {
  mind_proof();
  if (joining_) join(now, out);
  agreement_.on_tick(now);
  mind_epoch(now, out);
  if (writing_) {
    write_due(now, out);
    if (mind_epoch(now, out)) write_due(now, out);
    if (now >= next_beat_) beat(now, out);
  } else {
    decide(now, out);
    agreement_.flush(now, out);
  }
  refolder_.on_tick(now, out);
  finish_folds(now, out);
  mind_still(now);
  pusher_.on_tick(now, out);
  puller_.on_tick(now, replica_, out);
  mind_state(now, out);
  mind_transfer(now, out);
  mind_values(now, out);
  review(now, out);
}

void PeerMachine::beat(Instant now, Outbox& out) {
  load_.cluster = config_.cluster;
  load_.writer = replica_.self();
  load_.session = session_;
  ++load_.number;
  load_.last = replica_.own_last();
  load_.backlog_bytes = pusher_.backlog_bytes();
  load_.frontier = replica_.short_digest();
  load_.state = replica_.state_digest();
  load_.epoch = roster().epoch();
  load_.read = read_marks();
  out.publish.push_back(sync::seal_heartbeat(load_, signer_));
  next_beat_ = now + config_.heartbeat_interval;
}

std::optional<Instant> PeerMachine::next_deadline() const {
  std::optional<Instant> next = puller_.next_deadline();
  const auto sooner = [&next](std::optional<Instant> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  sooner(pusher_.next_deadline());
  sooner(refolder_.next_deadline());
  sooner(reconciler_.next_deadline());
  sooner(transfer_.next_deadline());
  sooner(still_.next_deadline());
  sooner(seeker_.next_deadline());
  sooner(agreement_.next_deadline());
  if (joining_) sooner(join_until_);
  if (writing_) {
    sooner(next_beat_);
    sooner(attestor_.next_deadline());
    for (const auto& [subject, owed] : owed_) sooner(owed.due);
  }
  return next;
}

void PeerMachine::set_load(std::uint64_t events, std::uint64_t streams, std::uint64_t dropped) {
  load_.events = events;
  load_.streams = streams;
  load_.dropped = dropped;
}

std::vector<PeerId> PeerMachine::validators_of(const std::string& stream) const {
  const std::size_t wanted = config_.validators != 0
                                 ? config_.validators
                                 : membership::default_validators(roster().size());
  // A peer without a vote judges its streams, and nobody counts on that.
  const std::size_t own = roster().contains(signer_.id()) ? 1 : 0;
  return roster().validators(stream, signer_.id(), wanted - own);
}

}  // namespace vouch::machine
