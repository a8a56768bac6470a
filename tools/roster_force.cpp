// SPDX-License-Identifier: MIT
#include "tools/roster_force.hpp"

#include <algorithm>

#include "tools/json_view.hpp"
#include <fmt/format.h>

#include "vouch/membership/rosters.hpp"

namespace vouch::tools {

using membership::Roster;

Result<Roster> forced_roster(const ToldRosters& told, const ChangeWords& words) {
  const Roster& now = told.newest();
  ChangeWords all{words.list, {}, {}, words.incarnation, {}};
  const auto grown = wanted_roster(told, all);
  if (!grown) return tl::unexpected(grown.error());
  std::set<PeerId> named;
  for (const std::string& word : words.list) {
    const auto key = key_of(told, word);
    if (!key) return tl::unexpected(key.error());
    named.insert(*key);
  }
  Roster out = *grown;
  for (const PeerId& voter : grown->voters()) {
    if (!named.contains(voter)) out.remove(voter);
  }
  for (const PeerId& voter : out.voters()) {
    const auto writes = told.writes_as.find(voter);
    const bool anew = writes != told.writes_as.end() && writes->second > out.incarnation_of(voter);
    if (anew) out.list(voter, writes->second);
  }
  out.force();
  if (remaining(now, out).empty()) {
    return fail(Errc::malformed, "none of these votes now: a voter that remains has to sign");
  }
  return out;
}

bool is_forced_already(const ToldRosters& told, const Roster& forced) {
  const Roster& now = told.newest();
  return now.forced() &&
         std::ranges::all_of(
             forced.voters(),
             [&](const PeerId& voter) { return now.lists(voter, forced.incarnation_of(voter)); }) &&
         now.size() == forced.size();
}

std::optional<std::string> objection(const ToldRosters& told, const Roster& forced) {
  const Roster& now = told.newest();
  const auto heard = static_cast<std::size_t>(std::ranges::count_if(
      now.voters(), [&](const PeerId& voter) { return told.heard.contains(voter); }));
  if (heard >= membership::quorum(now.size())) {
    return fmt::format(
        "{} of the {} voters of epoch {} are heard and {} decide: change the roster "
        "with add, remove or replace",
        heard, now.size(), now.epoch(), membership::quorum(now.size()));
  }
  for (const json::Value& said : list(told.deciding, "said")) {
    if (text(said, "phase") != "commit") continue;
    return fmt::format(
        "{} has committed to another roster of epoch {}, and those that are lost may "
        "hold its certificate",
        text(said, "voter").substr(0, 8), forced.epoch());
  }
  return std::nullopt;
}

std::string loss_text(const ToldRosters& told, const Roster& forced) {
  const Roster& now = told.newest();
  const std::vector<PeerId> left = remaining(now, forced);
  const std::size_t lost = now.size() - left.size();
  std::string out = fmt::format(
      "{} of the {} voters of epoch {} remain; each of them must be told this by its operator:\n",
      left.size(), now.size(), now.epoch());
  for (const PeerId& voter : left) out += fmt::format("    {}\n", voter.hex());
  out += fmt::format(
      "lost: {} voters, what only they hold, and what only they decided{}\n", lost,
      lost < membership::quorum(now.size())
          ? ""
          : fmt::format(": they are {} and {} decide, so they may hold certificates that the new "
                        "roster will contradict",
                        lost, membership::quorum(now.size())));
  if (left.size() < membership::one_honest(now.size())) {
    out += fmt::format(
        "fewer than {} sign it: every other peer must be told the same, and receipts "
        "of later epochs are verified from the forced roster alone\n",
        membership::one_honest(now.size()));
  }
  return out;
}

std::string after_text(const Roster& forced) {
  const std::size_t f = membership::faults_tolerated(forced.size());
  return fmt::format(
      "next: see that nobody starts the lost voters with their old disks elsewhere; look at "
      "`vouch-dump health` of all peers{}; `vouch-dump roster` shows epoch {} as forced, for "
      "ever\n",
      f == 0 ? "; add voters, since now none may lie" : "", forced.epoch());
}

}  // namespace vouch::tools
