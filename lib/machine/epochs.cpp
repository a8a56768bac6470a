// What a new roster changes for the peer around the agreement (docs/decisions/0035): whom it asks,
// whether it writes, and what it says at the beginning of an epoch.
// SPDX-License-Identifier: MIT
#include "vouch/machine/peer_machine.hpp"

namespace vouch::machine {

void PeerMachine::ask_voters(Instant now) {
  std::vector<PeerId> voters = rosters_.voters();
  std::erase(voters, signer_.id());
  puller_.add_peers(now, voters);
}

/// Streams whose events come in here go to the validators that the newest roster gives them.
void PeerMachine::push_to_new_validators(Instant now, Outbox& out) {
  std::vector<std::string> names;
  for (const auto& [name, row] : rows_) {
    if (!row.local) continue;
    names.push_back(name);
    const std::vector<PeerId> validators = validators_of(name);
    if (pusher_.retarget(now, name, validators)) continue;
    // All that validated it have it; what the new ones are to vote on they need, too.
    const auto tip = streams_.tip(name);
    if (tip && tip->summary.closed) pusher_.adopt(now, name, tip->upto, true, validators);
  }
  for (const std::string& name : names) settle(name, out);
}

/// True when something is to be said.
bool PeerMachine::mind_epoch(Instant now, Outbox& out) {
  if (epoch_ != rosters_.newest().epoch()) {
    while (epoch_ != rosters_.newest().epoch()) {
      const std::string& rules = rosters_.find(++epoch_)->rule_set();
      if (!rules.empty()) streams_.follow_rules(epoch_, rules);
    }
    ask_voters(now);
    push_to_new_validators(now, out);
    const bool silent = !joining_ && !writing_ && !proven() && !copied_;
    if (silent && roster().contains(signer_.id())) {
      joining_ = true;
      join_until_ = now + config_.join_wait;
    }
  }
  if (!agreement_.take_entered()) return false;
  // Votes of this epoch may have come before it was entered.
  recount(now);
  roster_due_ = !rosters_.certificates().empty();
  for (const auto& [stream, cells] : replica_.state().streams.entries()) note_over(stream);
  out.notices.push_back(RosterChanged{epoch_, agreement_.setting().votes()});
  return true;
}

Result<void> PeerMachine::propose_roster(Instant now, const membership::Roster& next) {
  return agreement_.propose_roster(now, next);
}

}  // namespace vouch::machine
