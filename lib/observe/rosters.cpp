// SPDX-License-Identifier: MIT
#include "vouch/observe/rosters.hpp"

#include <algorithm>

namespace vouch::observe {
namespace {

using json::Array;
using json::Object;

template <class Peers>
Array keys_json(const Peers& peers) {
  Array out;
  for (const PeerId& peer : peers) out.push_back(peer.hex());
  return out;
}

Array proposed_json(const consensus::Agreement& agreement) {
  const membership::Roster& newest = agreement.rosters().newest();
  Array out;
  for (const auto& [roster, by] : agreement.proposed_rosters()) {
    Object one = roster_json(roster);
    const std::size_t needed = roster.forced() ? membership::remaining(newest, roster).size()
                                               : membership::one_honest(newest.size());
    one.emplace_back("by", keys_json(by));
    one.emplace_back("needed", std::uint64_t{needed});
    out.push_back(std::move(one));
  }
  return out;
}

Object deciding_json(const consensus::Instance& instance) {
  Array said;
  for (const auto& [voter, voice] : instance.voices()) {
    said.push_back(Object{{"voter", voter.hex()},
                          {"phase", std::string(name_of(voice.phase))},
                          {"view", std::uint64_t{voice.view}}});
  }
  return {{"height", std::uint64_t{instance.height()}},
          {"view", std::uint64_t{instance.view()}},
          {"said", std::move(said)}};
}

Array heard_json(const machine::PeerMachine& machine, Instant now) {
  const Duration lately = machine.config().heartbeat_interval * 3;
  Array out{machine.replica().self().peer.hex()};
  for (const auto& [peer, neighbour] : machine.neighbours()) {
    if (now - neighbour.heard <= lately) out.push_back(peer.hex());
  }
  return out;
}

Array writes_as_json(const state::State& state) {
  Array out;
  for (const auto& [peer, cell] : state.members.entries()) {
    out.push_back(
        Object{{"key", peer.hex()}, {"incarnation", std::uint64_t{cell.value()->incarnation}}});
  }
  return out;
}

Array rules_json(const membership::Rosters& rosters, const std::string& first) {
  Array out{Object{{"epoch", std::uint64_t{0}}, {"rule_set", first}}};
  for (const Certificate& one : rosters.certificates()) {
    const membership::Roster& roster = *rosters.find(one.value.epoch);
    if (roster.rule_set().empty()) continue;
    out.push_back(
        Object{{"epoch", std::uint64_t{roster.epoch()}}, {"rule_set", roster.rule_set()}});
  }
  return out;
}

}  // namespace

Object roster_json(const membership::Roster& roster) {
  Array voters;
  for (const PeerId& voter : roster.voters()) {
    voters.push_back(
        Object{{"key", voter.hex()}, {"incarnation", std::uint64_t{roster.incarnation_of(voter)}}});
  }
  Object out{{"epoch", std::uint64_t{roster.epoch()}},
             {"f", std::uint64_t{membership::faults_tolerated(roster.size())}},
             {"q", std::uint64_t{membership::quorum(roster.size())}},
             {"voters", std::move(voters)},
             {"bytes", to_hex(membership::encode_roster(roster))}};
  if (roster.forced()) out.emplace_back("forced", true);
  if (!roster.rule_set().empty()) out.emplace_back("rule_set", roster.rule_set());
  return out;
}

Object chain_json(const membership::Rosters& rosters, const std::string& first_rules) {
  Array chain;
  for (const Certificate& one : rosters.certificates()) {
    chain.push_back(Object{{"epoch", std::uint64_t{one.value.epoch}},
                           {"certificate", to_hex(encode_certificate(one))}});
  }
  Object out = roster_json(rosters.newest());
  out.emplace_back("first", roster_json(rosters.first()));
  out.emplace_back("chain", std::move(chain));
  out.emplace_back("rules", rules_json(rosters, first_rules));
  return out;
}

Object rosters_json(const machine::PeerMachine& machine, const std::string& cluster, Instant now) {
  const consensus::Agreement& agreement = machine.agreement();
  Object out{{"cluster", cluster},
             {"peer", machine.replica().self().peer.hex()},
             {"roster", chain_json(machine.rosters(), machine.config().self.rule_set)},
             {"in_force", !agreement.setting().stopped()},
             {"votes", agreement.setting().votes()},
             {"proposed", proposed_json(agreement)},
             {"heard", heard_json(machine, now)},
             {"writes_as", writes_as_json(machine.replica().state())}};
  if (const auto* instance = agreement.deciding()) {
    out.emplace_back("deciding", deciding_json(*instance));
  }
  if (const auto by = agreement.entering()) out.emplace_back("handed_over", keys_json(*by));
  return out;
}

}  // namespace vouch::observe
