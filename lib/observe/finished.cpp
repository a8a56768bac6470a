// SPDX-License-Identifier: MIT
#include "vouch/observe/finished.hpp"

namespace vouch::observe {

std::map<PeerId, std::uint64_t> waiting_for(const state::State& state,
                                            const membership::Roster& roster) {
  std::map<PeerId, std::uint64_t> out;
  const auto count = [&](const auto& finished) {
    for (const auto& [subject, peers] : finished.entries()) {
      for (const PeerId& voter : roster.voters()) {
        if (peers.find(voter) == nullptr && !state.proven(voter)) ++out[voter];
      }
    }
  };
  count(state.finished);
  count(state.finished_proposals);
  return out;
}

json::Object finished_json(const machine::PeerMachine& machine) {
  const state::State& state = machine.replica().state();
  json::Array waiting;
  for (const auto& [voter, subjects] : waiting_for(state, machine.roster())) {
    waiting.push_back(json::Object{{"voter", voter.hex()}, {"subjects", subjects}});
  }
  return {{"over", std::uint64_t{machine.over()}},
          {"waiting", std::uint64_t{state.finished.size()}},
          {"released", machine.counters().released},
          {"proposals_decided", std::uint64_t{machine.decided()}},
          {"proposals_waiting", std::uint64_t{state.finished_proposals.size()}},
          {"proposals_released", machine.counters().released_proposals},
          {"waiting_for", std::move(waiting)}};
}

}  // namespace vouch::observe
