// Two shipping machines with their carriers on disks in memory. What they send to each other lies
// in a queue until the test delivers it; what they publish reaches nobody.
// SPDX-License-Identifier: MIT
#pragma once

#include <deque>

#include "tests/sim/disk.hpp"
#include "tests/sim/released.hpp"
#include "tests/sim/signer.hpp"
#include <gtest/gtest.h>

#include "vouch/driver/lanes.hpp"
#include "vouch/machine/carrier.hpp"
#include "vouch/machine/reopen.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sim {

using Texts = std::vector<std::string>;

/// Of stream "t", or of any other.
inline const Texts short_run{R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})",
                             R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})"};

inline machine::Restored reopened(const SimDisk& disk, driver::Lanes& lanes) {
  auto restored = machine::reopen(disk, lanes, sync::cluster_id("two"));
  EXPECT_TRUE(restored);
  return restored.value_or(machine::Restored{});
}

/// One peer; what it sends lies in `mail` until the test delivers it.
struct Host final : Wire {
  struct Letter {
    PeerId to;
    transport::Incoming incoming;
  };

  Host(std::size_t number, const membership::Roster& roster, std::deque<Letter>& letters)
      : signer(make_signer(1, number, false)),
        mail(letters),
        machine(config(roster), *signer, lanes, released, reopened(disk, lanes)) {
    carrier.start(now, number);
  }

  static machine::MachineConfig config(const membership::Roster& roster) {
    machine::MachineConfig config;
    config.cluster = sync::cluster_id("two");
    config.roster = roster;
    config.self.rule_set = validator::RuleSet{}.id();
    return config;
  }

  bool publish(ByteView) override { return true; }
  bool send(const PeerId& to, ByteView frame) override {
    const PeerId& self = signer->id();
    mail.push_back({to, {transport::Via::request, self, self.hex(), to_bytes(frame)}});
    return true;
  }
  bool reply(const std::string& route, ByteView frame) override {
    mail.push_back(
        {*PeerId::from_hex(route), {transport::Via::reply, signer->id(), "", to_bytes(frame)}});
    return true;
  }
  void submit(const Texts& events) {
    for (const std::string& event : events) {
      EXPECT_TRUE(lanes.submit("t", event, std::nullopt, false));
    }
    carrier.turn(now);
  }
  /// What the machine wants at once when it is told to fold.
  void refold(sync::Fold fold) {
    Outbox out;
    machine.refold(now, std::move(fold), out);
    while (!out.loads.empty()) {
      const auto loads = std::exchange(out.loads, {});
      for (const LoadPayload& load : loads) {
        machine.on_payload(now, load, *sync::read_events(disk, load.stream, load.first, 99, 99), {},
                           out);
      }
    }
    for (const Send& sent : out.sends) tell(sent.to, sent.message);
  }
  /// A message that its machine has no part in.
  void tell(const PeerId& to, const Message& message) {
    transport::PartSplitter splitter(77);
    for (const Bytes& part : splitter.split(encode_message(message))) send(to, part);
  }

  std::unique_ptr<Signer> signer;
  std::deque<Letter>& mail;
  Instant now{};
  SimDisk disk{1};
  SimReleased released{sync::cluster_id("two"), disk};
  driver::Lanes lanes{1, validator::Policy{}, ingest::TableLimits{}, 8U << 20, [] {}, &released};
  machine::PeerMachine machine;
  machine::Carrier carrier{{machine, lanes, disk, *this, [](const Notice&) {},
                            [](const Message&) { return std::optional<Message>(); }}};
};

struct Pair {
  membership::Roster roster{{make_signer(1, 0, false)->id(), make_signer(1, 1, false)->id()}, 0};
  std::deque<Host::Letter> mail;
  Host one{0, roster, mail}, other{1, roster, mail};

  void pass(Duration time) {
    for (const Instant end = one.now + time; one.now < end;) {
      one.now += std::chrono::milliseconds(10);
      other.now = one.now;
      deliver();
      one.carrier.turn(one.now);
      other.carrier.turn(other.now);
    }
  }
  void deliver() {
    while (!mail.empty()) {
      Host::Letter letter = std::move(mail.front());
      mail.pop_front();
      Host& host = letter.to == one.signer->id() ? one : other;
      host.carrier.receive(host.now, std::move(letter.incoming));
      host.carrier.turn(host.now);
    }
  }
};

}  // namespace vouch::sim
