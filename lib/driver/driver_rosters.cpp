// Changes of the roster, as programs and operators ask for them.
// SPDX-License-Identifier: MIT
#include "vouch/driver/clock.hpp"
#include "vouch/driver/driver.hpp"
#include "vouch/observe/rosters.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::driver {

Result<void> Driver::propose_roster(const membership::Roster& next) {
  return carrier_->propose_roster(now(), next);
}

Result<membership::Roster> Driver::changed_roster(const RosterChange& change) const {
  RosterChange known = change;
  for (auto& [peer, incarnation] : known.list) {
    if (incarnation != 0) continue;
    const auto* member = machine_->replica().state().members.find(peer);
    incarnation = member == nullptr ? 1 : member->value()->incarnation;
  }
  if (!known.rule_set.empty()) {
    const auto named = validator::RuleSet::parse(known.rule_set);
    if (!named) return fail(Errc::malformed, named.error().detail);
    // What is in force is not named again.
    const membership::RuleChain rules = machine_->agreement().setting().rules();
    known.rule_set = named->id() == rules.in(roster().epoch()) ? std::string() : named->id();
  }
  return membership::changed(roster(), known);
}

std::string Driver::rosters() const {
  return json::to_text(observe::rosters_json(*machine_, config_.cluster, now()));
}

RosterStanding Driver::roster_standing(const membership::Roster& wanted) {
  // What is told of it must not be forgotten by a crash.
  carrier_->store_all();
  const membership::Rosters& rosters = machine_->rosters();
  RosterStanding out;
  out.epoch = wanted.epoch();
  if (const membership::Roster* held = rosters.find(wanted.epoch())) {
    out.certified = *held == wanted;
    out.lost = !out.certified;
    out.in_force = out.certified && !machine_->agreement().setting().stopped();
    return out;
  }
  out.backers_needed = membership::one_honest(rosters.newest().size());
  for (const auto& [roster, by] : machine_->agreement().proposed_rosters()) {
    if (roster == wanted) out.backers.assign(by.begin(), by.end());
  }
  return out;
}

}  // namespace vouch::driver
