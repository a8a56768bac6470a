// SPDX-License-Identifier: MIT
#include "tools/roster_change.hpp"

#include <algorithm>

#include "tools/plain_text.hpp"
#include <fmt/format.h>

#include "vouch/membership/rosters.hpp"
#include "vouch/validator/rule_set.hpp"

namespace vouch::tools {
namespace {

using membership::Roster;

constexpr std::size_t digits_min = 4;

/// A whole key, or the first digits of one of `known`.
Result<PeerId> key_of(const std::string& text, const std::set<PeerId>& known) {
  if (const auto whole = PeerId::from_hex(text)) return *whole;
  std::string digits = text;
  std::ranges::transform(digits, digits.begin(), [](unsigned char c) { return std::tolower(c); });
  std::optional<PeerId> found;
  for (const PeerId& key : known) {
    if (digits.size() < digits_min || !key.hex().starts_with(digits)) continue;
    if (found) return fail(Errc::malformed, printable(text) + " is the beginning of two keys");
    found = key;
  }
  if (found) return *found;
  return fail(Errc::malformed,
              printable(text) +
                  " is neither a key (64 hexadecimal digits) nor the first four or "
                  "more digits of one that is known");
}

std::set<PeerId> known_to(const ToldRosters& told) {
  std::set<PeerId> out;
  for (const auto& [epoch, roster] : told.rosters) {
    out.insert(roster.voters().begin(), roster.voters().end());
  }
  for (const auto& [peer, incarnation] : told.writes_as) out.insert(peer);
  return out;
}

std::string summary(const Roster& roster) {
  const std::size_t n = roster.size(), f = membership::faults_tolerated(n);
  return fmt::format("{} {}, {} decide, {} {} tolerated", n, n == 1 ? "voter" : "voters",
                     membership::quorum(n), f, f == 1 ? "liar" : "liars");
}

/// Of one that changes them.
std::string rules_text(const Roster& roster) {
  if (roster.rule_set().empty()) return "";
  return "; streams begin under " + printable(roster.rule_set()) + " from then on";
}

/// Of one that is not in force: who has to be told yet.
std::string forced_text(const ChangeOutcome& outcome) {
  std::string out = fmt::format("not in force: {} of the {} voters that remain agree",
                                outcome.by.size(), outcome.needed);
  if (outcome.asked.empty()) return out + "; their commits are on their way";
  out += "; run the same at";
  for (const PeerId& voter : outcome.asked) out += " " + voter.short_hex();
  return out;
}

std::string_view name_of(ChangeOutcome::End end) {
  switch (end) {
    case ChangeOutcome::End::unchanged:
      return "unchanged";
    case ChangeOutcome::End::refused:
      return "refused";
    case ChangeOutcome::End::open:
      return "open";
    case ChangeOutcome::End::handover:
      return "handover";
    case ChangeOutcome::End::in_force:
      return "in_force";
    case ChangeOutcome::End::superseded:
      return "superseded";
  }
  return "";
}

template <class Peers>
json::Array keys_json(const Peers& peers) {
  json::Array out;
  for (const PeerId& peer : peers) out.push_back(peer.hex());
  return out;
}

json::Array voters_json(const Roster& roster) {
  json::Array out;
  for (const PeerId& voter : roster.voters()) {
    out.push_back(json::Object{{"key", voter.hex()},
                               {"incarnation", std::uint64_t{roster.incarnation_of(voter)}}});
  }
  return out;
}

}  // namespace

Result<PeerId> key_of(const ToldRosters& told, const std::string& word) {
  return key_of(word, known_to(told));
}

Result<Roster> wanted_roster(const ToldRosters& told, const ChangeWords& words) {
  const Roster& now = told.newest();
  const std::set<PeerId> voters(now.voters().begin(), now.voters().end());
  const std::set<PeerId> known = known_to(told);
  const auto writes_as = [&](const PeerId& peer) {
    const auto held = told.writes_as.find(peer);
    return held == told.writes_as.end() ? 1 : held->second;
  };
  if (words.incarnation != 0 && words.list.size() + words.renew.size() != 1) {
    return fail(Errc::malformed, "--incarnation is for one key");
  }
  RosterChange change;
  for (const std::string& word : words.remove) {
    const auto key = key_of(word, known);
    if (!key) return tl::unexpected(key.error());
    if (now.contains(*key)) change.remove.insert(*key);  // else it is so already
  }
  for (const std::string& word : words.renew) {
    const auto key = key_of(word, voters);
    if (!key) return tl::unexpected(key.error());
    if (!now.contains(*key)) return fail(Errc::malformed, key->hex() + " has no vote now");
    change.list[*key] = words.incarnation != 0 ? words.incarnation : writes_as(*key);
  }
  for (const std::string& word : words.list) {
    const auto key = key_of(word, known);
    if (!key) return tl::unexpected(key.error());
    change.list[*key] = words.incarnation != 0 ? words.incarnation
                        : now.contains(*key)   ? now.incarnation_of(*key)
                                               : writes_as(*key);
  }
  if (!words.rule_set.empty()) {
    const auto rules = validator::RuleSet::parse(words.rule_set);
    if (!rules) return tl::unexpected(rules.error());
    if (rules->id() != told.rules_now()) change.rule_set = rules->id();
  }
  return membership::changed(now, change);
}

std::optional<std::string> too_few_heard(const ToldRosters& told, const Roster& wanted) {
  const auto heard = [&](const PeerId& voter) {
    const auto writes = told.writes_as.find(voter);
    const bool listed = writes == told.writes_as.end() || wanted.lists(voter, writes->second);
    return listed && told.heard.contains(voter);
  };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(wanted.voters(), heard));
  if (count >= membership::quorum(wanted.size())) return std::nullopt;
  return fmt::format(
      "{} of the {} voters it lists are heard and {} are needed: until more are, "
      "nothing would be certified (a new voter is heard only once it votes)",
      count, wanted.size(), membership::quorum(wanted.size()));
}

ChangeOutcome outcome_of(const ToldRosters& told, const Roster& wanted) {
  ChangeOutcome out{ChangeOutcome::End::open, wanted, {}, {}, 0, {}};
  if (const auto held = told.rosters.find(wanted.epoch()); held != told.rosters.end()) {
    const bool waits = told.handed_over && told.newest() == wanted;
    out.end = !(held->second == wanted) ? ChangeOutcome::End::superseded
              : waits                   ? ChangeOutcome::End::handover
                                        : ChangeOutcome::End::in_force;
    if (waits) {
      out.by = *told.handed_over;
      const auto before = told.rosters.find(wanted.epoch() - 1);
      if (before != told.rosters.end()) {
        out.needed = wanted.forced() ? remaining(before->second, wanted).size()
                                     : membership::quorum(before->second.size());
      }
    }
    return out;
  }
  out.needed = membership::one_honest(told.newest().size());
  for (const ProposedRoster& one : told.proposed) {
    if (one.roster == wanted) out.by = one.by;
  }
  if (wanted.forced()) {
    const auto left = remaining(told.newest(), wanted);
    out.needed = left.size();
    std::ranges::set_difference(left, out.by, std::inserter(out.asked, out.asked.end()));
  }
  return out;
}

std::string outcome_text(const ChangeOutcome& outcome) {
  const std::uint32_t epoch = outcome.wanted.epoch();
  switch (outcome.end) {
    case ChangeOutcome::End::unchanged:
      return fmt::format("nothing to change: it is so in epoch {}", epoch - 1);
    case ChangeOutcome::End::refused:
      return "refused: " + outcome.reason;
    case ChangeOutcome::End::open:
      if (outcome.wanted.forced()) return forced_text(outcome);
      if (outcome.by.size() < outcome.needed) {
        return fmt::format(
            "not decided: {} of the {} voters that it takes propose it; run the same "
            "command at another one",
            outcome.by.size(), outcome.needed);
      }
      return fmt::format("not decided: {} voters propose it, the others have not agreed yet",
                         outcome.by.size());
    case ChangeOutcome::End::handover:
      return fmt::format(
          "{} as epoch {}; in handover: {} of the {} voters that it takes of "
          "the roster before have handed over",
          outcome.wanted.forced() ? "forced" : "certified", epoch, outcome.by.size(),
          outcome.needed);
    case ChangeOutcome::End::in_force:
      return fmt::format("in force as epoch {}{}: {}{}", epoch,
                         outcome.wanted.forced() ? ", forced by an operator" : "",
                         summary(outcome.wanted), rules_text(outcome.wanted));
    case ChangeOutcome::End::superseded:
      return fmt::format(
          "cannot be any more: another roster was certified as epoch {}; look at it "
          "with `vouch-peer roster show`",
          epoch);
  }
  return "";
}

json::Value outcome_json(const ChangeOutcome& outcome) {
  return json::Object{{"outcome", std::string(name_of(outcome.end))},
                      {"epoch", std::uint64_t{outcome.wanted.epoch()}},
                      {"forced", outcome.wanted.forced()},
                      {"rule_set", outcome.wanted.rule_set()},
                      {"voters", voters_json(outcome.wanted)},
                      {"by", keys_json(outcome.by)},
                      {"needed", std::uint64_t{outcome.needed}},
                      {"reason", outcome.reason},
                      {"text", outcome_text(outcome)}};
}

std::string change_text(const ToldRosters& told, const Roster& wanted) {
  const Roster& now = told.newest();
  std::string out =
      fmt::format("{} as epoch {}: {}\n", wanted.forced() ? "to be forced" : "proposed",
                  wanted.epoch(), summary(wanted) + rules_text(wanted));
  for (const PeerId& voter : now.voters()) {
    if (!wanted.contains(voter)) out += fmt::format("  - {}\n", voter.hex());
  }
  for (const PeerId& voter : wanted.voters()) {
    const std::uint32_t incarnation = wanted.incarnation_of(voter);
    if (now.lists(voter, incarnation)) continue;
    out += fmt::format("  {} {} incarnation {}\n", now.contains(voter) ? "~" : "+", voter.hex(),
                       incarnation);
  }
  return out;
}

std::string told_text(const ToldRosters& told) {
  const Roster& now = told.newest();
  std::string out =
      fmt::format("epoch {} of {}: {}\n", now.epoch(), printable(told.cluster), summary(now));
  for (const PeerId& voter : now.voters()) {
    const auto writes = told.writes_as.find(voter);
    const bool other = writes != told.writes_as.end() && !now.lists(voter, writes->second);
    out += fmt::format("  {} incarnation {}{}{}{}\n", voter.hex(), now.incarnation_of(voter),
                       voter == told.peer ? ", this peer" : "",
                       told.heard.contains(voter) ? "" : ", not heard",
                       other ? fmt::format(", writes as {}: renew it", writes->second) : "");
  }
  for (const auto& [epoch, roster] : told.rosters) {
    if (roster.forced()) out += fmt::format("epoch {} was forced by an operator\n", epoch);
  }
  for (const auto& [epoch, rules] : told.rules) {
    out += fmt::format("streams begin under {}{}\n", printable(rules),
                       epoch == 0 ? std::string() : fmt::format(" from epoch {} on", epoch));
  }
  if (told.handed_over) {
    out +=
        fmt::format("this peer is in handover: {} voters of the roster before have handed over\n",
                    told.handed_over->size());
  } else if (!told.votes) {
    out += "this peer has no vote\n";
  }
  for (const ProposedRoster& one : told.proposed) {
    out += fmt::format("{} of the {} voters that it takes have ", one.by.size(), one.needed);
    out += change_text(told, one.roster);
  }
  return out;
}

json::Value told_json(const ToldRosters& told) {
  json::Array proposed;
  for (const ProposedRoster& one : told.proposed) {
    proposed.push_back(json::Object{{"voters", voters_json(one.roster)},
                                    {"rule_set", one.roster.rule_set()},
                                    {"by", keys_json(one.by)},
                                    {"needed", std::uint64_t{one.needed}}});
  }
  json::Array forced;
  for (const auto& [epoch, roster] : told.rosters) {
    if (roster.forced()) forced.emplace_back(std::uint64_t{epoch});
  }
  json::Array rules;
  for (const auto& [epoch, id] : told.rules) {
    rules.push_back(json::Object{{"epoch", std::uint64_t{epoch}}, {"rule_set", id}});
  }
  const Roster& now = told.newest();
  return json::Object{{"cluster", told.cluster},
                      {"peer", told.peer.hex()},
                      {"epoch", std::uint64_t{now.epoch()}},
                      {"f", std::uint64_t{membership::faults_tolerated(now.size())}},
                      {"q", std::uint64_t{membership::quorum(now.size())}},
                      {"voters", voters_json(now)},
                      {"forced", std::move(forced)},
                      {"rules", std::move(rules)},
                      {"in_force", told.in_force},
                      {"votes", told.votes},
                      {"proposed", std::move(proposed)},
                      {"deciding", told.deciding},
                      {"heard", keys_json(told.heard)}};
}

}  // namespace vouch::tools
