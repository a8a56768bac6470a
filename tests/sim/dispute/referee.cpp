// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/referee.hpp"

#include <algorithm>

#include "tests/sim/checks.hpp"
#include <fmt/format.h>

#include "vouch/membership/certificate.hpp"

namespace vouch::sim {
namespace {

constexpr std::size_t convinced_max = 32;

}  // namespace

void Referee::breach(std::string what) {
  if (breaches_.size() < breaches_max) breaches_.push_back(std::move(what));
}

std::uint64_t Referee::nulls() const {
  std::uint64_t count = 0;
  std::uint64_t before = 0;
  for (const auto& [height, value] : decided_) {
    if (value.size == before) ++count;
    before = value.size;
  }
  return count;
}

void Referee::certified_roster(const Certificate& c) {
  const bool null = c.value.epoch == c.epoch;
  if (rosters_.doubt_of(context_.signer, c) != membership::Doubt::none) {
    breach(fmt::format("a certificate of the roster of epoch {} does not convince", c.value.epoch));
  }
  if (null) return;
  if (rosters_.find(c.value.epoch) == nullptr) rosters_.add(context_.signer, c);
  const membership::Roster* held = rosters_.find(c.value.epoch);
  if (held == nullptr || membership::value_of(*held) != c.value) {
    breach(fmt::format("epoch {} has two rosters", c.value.epoch));
  }
}

void Referee::check_signatures(const Certificate& c) {
  if (std::find(convinced_.begin(), convinced_.end(), c) != convinced_.end()) return;
  const auto doubt = rosters_.doubt_of(context_.signer, c);
  if (doubt != membership::Doubt::none) {
    breach(fmt::format("a certificate of height {} does not convince", c.height));
  }
  convinced_.push_back(c);
  if (convinced_.size() > convinced_max) convinced_.erase(convinced_.begin());
}

void Referee::proposed(const SubjectId& subject, const Value& value) {
  proposed_.emplace(subject, value);
}

/// The first value that is not null ends a subject.
void Referee::certified_proposal(const Certificate& c) {
  check_signatures(c);
  const auto [held, fresh] = proposals_decided_.try_emplace({c.subject, c.height}, c.value);
  if (!fresh && held->second != c.value) {
    breach(fmt::format("height {} of a proposal is certified twice", c.height));
  }
  if (c.value == Value{}) return;
  if (!proposed_.contains({c.subject, c.value})) breach("what nobody proposed is certified");
  const auto later = std::next(held);
  if (later != proposals_decided_.end() && later->first.first == c.subject) {
    breach("a proposal goes on after it was decided");
  }
}

void Referee::certified(const Certificate& c) {
  check_signatures(c);
  const auto [held, fresh] = decided_.emplace(c.height, c.value);
  if (!fresh && held->second != c.value) {
    breach(fmt::format("height {} is certified twice: {} entries and {} entries", c.height,
                       held->second.size, c.value.size));
  }
  if (fresh) check_value(c.height, c.value);
}

/// One chain passes through both points.
bool Referee::follows(const Value& before, const Value& after) const {
  if (before.size > after.size) return false;
  for (std::size_t b = 0; b < context_.branches.size(); ++b) {
    if (context_.branches[b].entries.size() < after.size) continue;
    const BranchHeads& heads = context_.heads[b];
    if (heads.at(before.size) == before.head && heads.at(after.size) == after.head) return true;
  }
  return false;
}

/// Precondition: the height before is decided.
bool Referee::after_null(std::uint32_t height) const {
  const auto before = decided_.find(height - 1);
  if (before == decided_.begin()) return before->second.size == 0;
  return std::prev(before)->second == before->second;
}

void Referee::check_value(std::uint32_t height, const Value& value) {
  const auto place = decided_.find(height);
  const auto next = std::next(place);
  if (next != decided_.end() && !follows(value, next->second)) {
    breach(fmt::format("height {} does not follow from height {}", next->first, height));
  }
  Value before{};
  if (place != decided_.begin()) {
    before = std::prev(place)->second;
    if (!follows(before, value)) {
      breach(fmt::format("height {} does not follow from what was certified before", height));
    }
  }
  if (value == before) return;  // null
  bool served = false, held = !value.state;
  for (std::size_t b = 0; b < context_.branches.size() && !served; ++b) {
    const Branch& branch = context_.branches[b];
    const bool on =
        value.size <= branch.entries.size() && context_.heads[b].at(value.size) == value.head;
    served = on && !branch.fabricated;
    held = held || (on && branch.state_at(value.size, context_.heads[b]) == value.state);
  }
  if (!held) breach(fmt::format("height {} certifies a state that no fold comes to", height));
  if (!served) breach(fmt::format("height {} certifies what nobody can recompute", height));
  // After a null the claim of a single voter is enough.
  if (height > 1 && (!decided_.contains(height - 1) || after_null(height))) return;
  const bool claimed =
      std::any_of(context_.copies.begin(), context_.copies.end(), [&](const auto& copy) {
        return copy->honest && copy->chain->head_at(disputed_stream, value.size) == value.head;
      });
  if (!claimed) breach(fmt::format("height {} certifies what no honest voter has", height));
}

void Referee::accused(const PeerId& voter) {
  for (const auto& copy : context_.copies) {
    if (copy->honest && copy->id == voter) {
      breach(fmt::format("voter {} is accused and honest", copy->voter));
    }
  }
}

Stand Referee::stand_of(const Copy& copy) {
  Stand stand{copy.agreement->certified(disputed_stream).height + 1,
              copy.agreement->setting().roster.epoch()};
  copy.agreement->each([&](const auto& subject) {
    if (subject.kind == consensus::SubjectKind::stream) stand.finished |= subject.finished;
  });
  return stand;
}

void Referee::hears(const Copy& copy, const Stand& stand, const SignedStatement& vote) {
  const Statement& s = vote.statement;
  // Who has no vote in the epoch that the voter is in is not listened to.
  const membership::Roster* roster = copy.agreement->rosters().find(stand.epoch);
  const bool counts = s.epoch == stand.epoch && roster->lists(vote.voter, s.incarnation);
  if (s.height != stand.height || stand.finished || !counts) return;
  Hearing& hearing = hearings_[&copy];
  if (hearing.height != stand.height) hearing = {stand.height, {}, {}};
  const auto place = std::tuple(vote.voter, s.phase, s.view > 0, s.epoch);
  Statement& held = hearing.votes.try_emplace(place, s).first->second;
  if (held.view == s.view && held != s) hearing.doubled.insert(vote.voter);
  if (held.view < s.view) held = s;
}

void Referee::heard(const Copy& copy) {
  const auto hearing = hearings_.find(&copy);
  if (hearing == hearings_.end()) return;
  for (const PeerId& voter : hearing->second.doubled) {
    const bool noticed = std::ranges::any_of(copy.found, [&](const auto& found) {
      return found.one.voter == voter && found.one.statement.height == hearing->second.height;
    });
    if (!noticed) breach(fmt::format("voter {} overlooks that somebody voted twice", copy.voter));
  }
}

void Referee::lives(const Copy& copy) {
  const auto hearing = hearings_.find(&copy);
  if (hearing == hearings_.end()) return;
  provable_.merge(hearing->second.doubled);
  hearing->second.doubled.clear();
}

void Referee::judges(const Copy& copy) {
  for (const auto& held : context_.copies) {
    if (!held->honest || !copy.replica->proven(held->id)) continue;
    breach(fmt::format("voter {} is proven and honest", held->voter));
  }
}

std::string Referee::unproven() const {
  for (const auto& copy : context_.copies) {
    if (!copy->honest) continue;
    for (const PeerId& offender : provable_) {
      if (copy->replica->proven(offender)) continue;
      return fmt::format("voter {} has no proof against {}", copy->voter, offender.short_hex());
    }
  }
  return "";
}

void Referee::judged() {
  if (const std::string missing = unproven(); !missing.empty()) breach(missing);
  for (const auto& copy : context_.copies) {
    for (const std::string& flaw : flaws_of_proofs(copy->replica->state(), context_.signer)) {
      breach(fmt::format("voter {} {}", copy->voter, flaw));
    }
  }
}

void Referee::stored(const Copy& copy, ByteView row) {
  if (row.size() <= row_bytes_max) return;
  breach(fmt::format("voter {} stores a row of {} bytes", copy.voter, row.size()));
}

void Referee::waiting(std::size_t events) {
  if (events > waiting_max) breach(fmt::format("{} messages are on their way", events));
}

void Referee::healed() {
  for (const auto& copy : context_.copies) {
    if (copy->honest) healed_at_[copy.get()] = copy->agreement->certified(disputed_stream).height;
  }
}

void Referee::ended() {
  for (const auto& [copy, height] : healed_at_) {
    bool disputed = false;
    copy->agreement->each([&](const auto& subject) {
      if (subject.kind == consensus::SubjectKind::stream) disputed |= subject.disputed;
    });
    if (!disputed || copy->agreement->certified(disputed_stream).height > height) continue;
    breach(fmt::format("voter {}: height {} does not close: {}", copy->voter, height + 1,
                       text_of(*copy)));
  }
}

}  // namespace vouch::sim
