// SPDX-License-Identifier: MIT
#include "tests/sim/peer.hpp"

#include "vouch/machine/reopen.hpp"

namespace vouch::sim {
namespace {

constexpr std::size_t backlog_bytes_max = 8U << 20;

}  // namespace

SimPeer::SimPeer(Surroundings around, std::unique_ptr<Signer> signer, machine::MachineConfig config,
                 std::uint64_t disk_seed)
    : around_(around), signer_(std::move(signer)), config_(std::move(config)), disk_(disk_seed) {}

template <class Step>
void SimPeer::live(Step step) {
  if (!life_) return;
  disk_.set_now(around_.now);
  try {
    step(*life_);
  } catch (const Crash&) {
    kill();
  }
}

void SimPeer::start(std::uint64_t nonce) {
  if (life_) return;
  disk_.open_again();
  auto life = std::make_unique<Life>();
  const validator::Policy policy{around_.rules, {}, {}, {}, around_.later, around_.state_interval};
  life->released = std::make_unique<SimReleased>(config_.cluster, disk_);
  life->lanes = std::make_unique<driver::Lanes>(
      1, policy, ingest::TableLimits{}, backlog_bytes_max, [] {}, life->released.get());
  auto restored = machine::reopen(disk_, *life->lanes, config_.cluster);
  if (!restored) return;
  around_.ledger.reopened(id(), *life->lanes, disk_);
  life->machine = std::make_unique<machine::PeerMachine>(config_, *signer_, *life->lanes,
                                                         *life->released, std::move(*restored));
  const auto nobody = [](const Message&) { return std::optional<Message>(); };
  life->carrier = std::make_unique<machine::Carrier>(
      machine::CarrierParts{*life->machine, *life->lanes, disk_, *this,
                            [this](const Notice& notice) { on_notice(notice); }, nobody});
  life_ = std::move(life);
  around_.network.attach(around_.now, id());
  live([&](Life& l) { l.carrier->start(clock_.at(around_.now), nonce); });
}

void SimPeer::kill() {
  if (!life_) return;
  life_.reset();
  disk_.never_crash();
  disk_.lose_unflushed();
  around_.network.detach(id());
  ++crashes_;
}

void SimPeer::receive(transport::MemoryDelivery delivery) {
  live([&](Life& l) {
    const Instant now = clock_.at(around_.now);
    l.carrier->receive(
        now, {delivery.via, delivery.from, std::move(delivery.route), Bytes(*delivery.frame)});
    l.carrier->turn(now);
  });
}

void SimPeer::turn() {
  live([&](Life& l) {
    l.machine->set_load(l.lanes->events(), l.lanes->open_streams(), 0);
    l.carrier->turn(clock_.at(around_.now));
    around_.ledger.queued(id(), l.carrier->queued());
  });
}

std::optional<VirtualTime> SimPeer::next_turn() const {
  if (!life_) return std::nullopt;
  std::optional<VirtualTime> next = disk_.flushed_at();
  if (const auto local = life_->carrier->next_turn()) {
    const VirtualTime turn = clock_.when(*local);
    next = next ? std::min(*next, turn) : turn;
  }
  if (!next) return std::nullopt;
  return std::max(*next, around_.now);
}

bool SimPeer::submit_next(const std::string& stream, std::uint64_t seed) {
  if (!life_) return true;
  learn_rules();
  const auto [next, closed] = life_->lanes->position(stream);
  const std::uint64_t end = length_of(seed, stream);
  if (closed) return !attested_for_good(life_->lanes->key_of(stream), end);
  if (next >= end) {
    const auto mark = life_->lanes->close(stream);
    if (mark) around_.ledger.judged(life_->lanes->key_of(stream), next, mark->code);
    return true;
  }
  const auto answer = life_->lanes->submit(stream, event_of(seed, stream, next), next, false);
  if (!answer) return true;
  for (const validator::Verdict& verdict : answer->verdicts) {
    around_.ledger.judged(life_->lanes->key_of(stream), static_cast<std::uint64_t>(verdict.index),
                          verdict.code);
  }
  return true;
}

/// Whatever this peer follows, all follow.
void SimPeer::learn_rules() {
  const membership::Rosters& rosters = life_->machine->rosters();
  for (; ruled_ < rosters.newest().epoch(); ++ruled_) {
    const membership::Roster& roster = *rosters.find(ruled_ + 1);
    if (roster.rule_set().empty()) continue;
    const bool same = around_.ledger.oracle().learn(roster.epoch(), roster.rule_set());
    if (!same) around_.ledger.breach("an epoch has two rule sets");
  }
}

bool SimPeer::attested_for_good(const std::string& stream, std::uint64_t upto) const {
  if (life_->carrier->degraded() || !life_->carrier->stored()) return false;
  // It attests no more: what a client can wait for is the verdict.
  if (life_->machine->proven() || life_->machine->copied()) return true;
  if (life_->released->size_of(stream).value_or(std::nullopt)) return true;
  const auto* cells = life_->machine->replica().state().streams.find(stream);
  const auto* own = cells == nullptr ? nullptr : cells->find(id());
  return own != nullptr && own->rank().upto == upto;
}

void SimPeer::put(const std::string& key, const std::string& value) {
  live([&](Life& l) {
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(around_.now);
    const auto mark = l.carrier->put(key, value.empty() ? std::nullopt : std::optional(value),
                                     static_cast<std::uint64_t>(at.count()));
    if (mark) around_.ledger.put(key, id(), *mark, value);
  });
}

void SimPeer::propose(const std::string& subject, const std::string& value) {
  live(
      [&](Life& l) { (void)l.carrier->propose(clock_.at(around_.now), subject, as_bytes(value)); });
}

void SimPeer::seek_value(const std::string& subject) {
  live([&](Life& l) { l.carrier->seek_value(clock_.at(around_.now), subject); });
}

std::optional<std::pair<Hash, std::optional<Bytes>>> SimPeer::decision(
    const std::string& subject) const {
  if (auto held = machine().agreement().decision(subject)) {
    return std::pair(held->certificate.value.head, std::move(held->value));
  }
  auto row = life_->released->row_of(proposal_subject(config_.cluster, subject));
  if (!row) return std::nullopt;
  const bool told = sync::tells_value(*row);
  return std::pair(row->head, told ? std::optional(std::move(row->value)) : std::nullopt);
}

void SimPeer::propose_roster(const membership::Roster& next) {
  live([&](Life& l) { (void)l.carrier->propose_roster(clock_.at(around_.now), next); });
}

bool SimPeer::publish(ByteView frame) {
  around_.ledger.published(id(), frame, disk_);
  return around_.network.publish(around_.now, id(),
                                 std::make_shared<const Bytes>(frame.begin(), frame.end()));
}

bool SimPeer::send(const PeerId& to, ByteView frame) {
  return around_.network.send(around_.now, id(), to,
                              std::make_shared<const Bytes>(frame.begin(), frame.end()));
}

bool SimPeer::reply(const std::string& route, ByteView frame) {
  around_.ledger.answered(id(), frame);
  return around_.network.reply(around_.now, id(), route,
                               std::make_shared<const Bytes>(frame.begin(), frame.end()));
}

void SimPeer::on_notice(const Notice& notice) {
  learn_rules();
  if (const auto* attested = std::get_if<Attested>(&notice)) {
    around_.ledger.attested(*attested);
    if (is_split(attested->stream)) around_.ledger.splits().attested(*attested, *life_->lanes);
    if (around_.heard) around_.heard(id(), *attested);
  } else if (const auto* disputed = std::get_if<Disputed>(&notice)) {
    around_.ledger.disputed(*disputed);
  } else if (const auto* proven = std::get_if<Proven>(&notice)) {
    around_.ledger.proven(*proven);
  } else if (const auto* put = std::get_if<PutHeard>(&notice); put && put->writer == id()) {
    around_.ledger.stored(*put);
  } else if (const auto* certified = std::get_if<Certified>(&notice)) {
    if (is_split(certified->name)) around_.ledger.splits().certified(*certified, *life_->lanes);
  }
}

}  // namespace vouch::sim
