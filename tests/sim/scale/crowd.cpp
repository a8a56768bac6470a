// SPDX-License-Identifier: MIT
#include "tests/sim/scale/crowd.hpp"

#include <algorithm>

#include "tests/sim/signer.hpp"
#include <fmt/format.h>

#include "vouch/schemas/envelope.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sim {
namespace {

class CountingSigner final : public Signer {
 public:
  CountingSigner(std::unique_ptr<Signer> signer, std::uint64_t& checks)
      : signer_(std::move(signer)), checks_(checks) {}

  const PeerId& id() const override { return signer_->id(); }
  Signature sign(ByteView message) const override { return signer_->sign(message); }
  bool verify(const PeerId& signer, ByteView message, const Signature& signature) const override {
    ++checks_;
    return signer_->verify(signer, message, signature);
  }

 private:
  std::unique_ptr<Signer> signer_;
  std::uint64_t& checks_;
};

}  // namespace

Crowd::Crowd(std::uint64_t seed, std::vector<Place> places, std::size_t voters)
    : seed_(seed),
      places_(std::move(places)),
      network_(seed),
      ledger_(seed, rules_),
      flights_(places_.size(), voters),
      checks_(places_.size()),
      heard_(places_.size()),
      before_(places_.size()),
      wakes_(places_.size()) {
  std::vector<std::unique_ptr<Signer>> signers;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    signers.push_back(std::make_unique<CountingSigner>(make_signer(seed, i, false), checks_[i]));
    ids_.push_back(signers[i]->id());
    numbers_[ids_[i]] = i;
  }
  voters_.assign(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(voters));
  const auto held = [this](const PeerId& at, const Attested& fact) {
    flights_.held(now_, numbers_.at(at), at == fact.voter, fact);
  };
  for (std::size_t i = 0; i < places_.size(); ++i) {
    peers_.push_back(std::make_unique<SimPeer>(Surroundings{network_, ledger_, rules_, now_, held},
                                               std::move(signers[i]), config_of(i), seed + i));
  }
  connect();
}

machine::MachineConfig Crowd::config_of(std::size_t number) const {
  machine::MachineConfig config;
  config.cluster = sync::cluster_id("simulation");
  config.roster = membership::Roster(voters_, 0);
  config.self.name = fmt::format("p{}", number);
  config.self.rule_set = rules_.id();
  config.relays = places_[number].role == Role::relay;
  for (const std::size_t source : places_[number].sources) config.sources.push_back(ids_[source]);
  for (std::size_t i = voters_.size(); i < places_.size(); ++i) {
    if (std::ranges::count(places_[i].sources, number) != 0) config.observers.insert(ids_[i]);
  }
  return config;
}

void Crowd::connect() {
  const auto link = [this](std::size_t one, std::size_t other) {
    const transport::LinkFaults delay = delay_between(places_[one], places_[other]);
    network_.set_faults(ids_[one], ids_[other], delay);
    network_.set_faults(ids_[other], ids_[one], delay);
  };
  for (std::size_t i = 0; i < places_.size(); ++i) {
    std::vector<PeerId> subscribers;
    for (const std::size_t subscriber : places_[i].subscribers) {
      subscribers.push_back(ids_[subscriber]);
      link(i, subscriber);
    }
    for (const std::size_t source : places_[i].sources) link(i, source);
    network_.set_subscribers(ids_[i], std::move(subscribers));
  }
}

void Crowd::start() {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    peers_[i]->start(seed_ + i);
    wake(i);
  }
}

void Crowd::submit(std::size_t voter, const std::string& stream) {
  const std::uint64_t length = length_of(seed_, stream);
  for (std::uint64_t i = 0; i <= length; ++i) peers_[voter]->submit_next(stream, seed_);
  wake(voter);
}

void Crowd::run_until(VirtualTime end) {
  for (;;) {
    const auto frame = network_.next_delivery();
    VirtualTime next = frame ? std::min(end, *frame) : end;
    if (!queue_.empty()) next = std::min(next, queue_.begin()->first);
    if (next >= end) break;
    now_ = std::max(now_, next);
    if (frame && *frame <= next) {
      deliver();
      continue;
    }
    const std::size_t number = queue_.begin()->second;
    note(number, false);
    peers_[number]->turn();
    wake(number);
  }
  now_ = end;
}

void Crowd::deliver() {
  arrived_.clear();
  network_.deliver_until(now_, arrived_);
  for (transport::MemoryDelivery& delivery : arrived_) {
    const std::size_t number = numbers_.at(delivery.to);
    note(number, true);
    trace_.add(ByteView(*delivery.frame));
    count(heard_[number], delivery);
    peers_[number]->receive(std::move(delivery));
    wake(number);
  }
}

void Crowd::count(Heard& heard, const transport::MemoryDelivery& delivery) const {
  const std::size_t bytes = delivery.frame->size();
  if (delivery.via != transport::Via::gossip) {
    heard.direct_bytes += bytes;
    return;
  }
  const auto frame = split_frame(*delivery.frame);
  const bool beat = frame && frame->kind == FrameKind::heartbeat;
  ++(beat ? heard.heartbeats : heard.batches);
  (beat ? heard.heartbeat_bytes : heard.batch_bytes) += bytes;
}

void Crowd::wake(std::size_t number) {
  std::optional<VirtualTime>& held = wakes_[number];
  const auto next = peers_[number]->next_turn();
  if (next == held) return;
  if (held) queue_.erase({*held, number});
  held = next;
  if (held) queue_.emplace(*held, number);
}

void Crowd::note(std::size_t number, bool frame) {
  ++steps_;
  trace_.add(static_cast<std::uint64_t>(now_.count()) << 16 | number << 1 | (frame ? 1U : 0U));
}

bool Crowd::equal() const {
  const StateDigest first = machine(0).replica().state_digest();
  return std::ranges::all_of(
      peers_, [&](const auto& peer) { return peer->machine().replica().state_digest() == first; });
}

void Crowd::measure() {
  flights_.forget();
  std::ranges::fill(heard_, Heard{});
  std::ranges::fill(before_, Heard{});
  before_ = heard();
}

std::vector<Heard> Crowd::heard() const {
  std::vector<Heard> out = heard_;
  for (const auto& [peer, traffic] : network_.traffic()) {
    Heard& heard = out[numbers_.at(peer)];
    heard.received = traffic.received;
    heard.sent = traffic.sent;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].received -= before_[i].received;
    out[i].sent -= before_[i].sent;
    out[i].checks = checks_[i] - before_[i].checks;
  }
  return out;
}

}  // namespace vouch::sim
