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

/// True when something is to be said.
bool PeerMachine::mind_epoch(Instant now) {
  if (epoch_ != rosters_.newest().epoch()) {
    epoch_ = rosters_.newest().epoch();
    ask_voters(now);
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
  return true;
}

Result<void> PeerMachine::propose_roster(Instant now, const membership::Roster& next) {
  return agreement_.propose_roster(now, next);
}

}  // namespace vouch::machine
