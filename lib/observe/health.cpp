// SPDX-License-Identifier: MIT
#include "vouch/observe/health.hpp"

#include <fmt/format.h>

#include "vouch/observe/finished.hpp"
#include "vouch/observe/proofs.hpp"

namespace vouch::observe {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Voters finish many streams at a time, and not at the same.
constexpr std::size_t finished_waiting_usual = 1024;

/// A dispute or a vote that waits longer than this is worth a look: views of honest voters take
/// less together.
constexpr Duration long_open = seconds(10);

std::int64_t ms_since(Instant then, Instant now) {
  return std::chrono::duration_cast<milliseconds>(now - then).count();
}

std::string text_of_age(Instant then, Instant now) {
  return fmt::format("{} s", ms_since(then, now) / 1000);
}

/// What is open now.
struct Open {
  std::uint64_t instances = 0;  ///< with an own vote
  std::uint64_t disputes = 0;
  std::optional<Instant> oldest;
  std::string oldest_name;
};

Open open_of(const consensus::Agreement& agreement) {
  Open out;
  agreement.each([&](const consensus::Agreement::View& view) {
    if (view.open == nullptr) return;
    const bool stream = view.kind == consensus::SubjectKind::stream;
    if (view.disputed && (stream || view.view > 1)) ++out.disputes;
    const auto began = view.open->began();
    if (!began) return;
    ++out.instances;
    if (out.oldest && *out.oldest <= *began) return;
    out.oldest = began;
    out.oldest_name = view.name;
  });
  return out;
}

class Checkup {
 public:
  Checkup(const machine::PeerMachine& machine, const std::optional<Error>& store_error, Instant now)
      : machine_(machine), store_error_(store_error), now_(now) {}

  json::Object result() {
    look_at_self();
    look_at_rosters();
    look_at_voters();
    look_at_states();
    look_at_finished();
    look_at_agreement();
    json::Array reasons(reasons_.begin(), reasons_.end());
    json::Array notes(notes_.begin(), notes_.end());
    return {{"state", std::string(failing_           ? "failing"
                                  : reasons_.empty() ? "ok"
                                                     : "warning")},
            {"can_decide", heard_ >= needed()},
            {"voters", std::uint64_t{roster().size()}},
            {"needed", std::uint64_t{needed()}},
            {"heard", std::uint64_t{heard_}},
            {"differing", std::uint64_t{differing_}},
            {"rule_set", std::string(machine_.agreement().setting().rules().in(roster().epoch()))},
            {"forced_epochs", std::uint64_t{notes_.size()}},
            {"notes", std::move(notes)},
            {"reasons", std::move(reasons)}};
  }

 private:
  const membership::Roster& roster() const { return machine_.roster(); }
  std::size_t needed() const { return membership::quorum(roster().size()); }
  void fails(std::string reason) {
    failing_ = true;
    reasons_.emplace_back(std::move(reason));
  }
  void warns(std::string reason) { reasons_.emplace_back(std::move(reason)); }

  std::string name_of(const PeerId& peer) const {
    const auto* member = machine_.replica().state().members.find(peer);
    const std::string name = member == nullptr ? "" : member->value()->member.name;
    return name.empty() ? peer.short_hex() : name;
  }

  void look_at_self() {
    if (store_error_) {
      fails(fmt::format("the store takes no writes: {}; nothing new is taken or said until it does",
                        store_error_->text()));
    }
    const PeerId& self = machine_.replica().self().peer;
    const std::uint32_t writes_as = machine_.replica().self().incarnation;
    if (const std::string trouble = trouble_of(machine_); !trouble.empty()) {
      fails(trouble);
    } else if (!roster().contains(self)) {
      warns(fmt::format("has no vote: the roster of epoch {} does not list it", roster().epoch()));
    } else if (!machine_.writing()) {
      fails("does not write yet: it asks the other voters what they hold of its log");
    } else if (!roster().lists(self, writes_as)) {
      warns(
          fmt::format("has no vote: it lost its log and writes as incarnation {}, the roster "
                      "lists {}",
                      writes_as, roster().incarnation_of(self)));
    }
  }

  /// Votes of this voter can be counted, as far as anybody here knows. Otherwise why not.
  std::string absence_of(const PeerId& voter) const {
    const state::State& state = machine_.replica().state();
    if (const auto* proof = state.proofs.find(voter)) {
      return fmt::format("proven to lie: it {}", deed_of(*proof->value()));
    }
    const auto* member = state.members.find(voter);
    if (member != nullptr && !roster().lists(voter, member->value()->incarnation)) {
      return "lost its log, and its vote";
    }
    if (voter == machine_.replica().self().peer) return machine_.writing() ? "" : "not ready";
    const auto neighbour = machine_.neighbours().find(voter);
    if (neighbour == machine_.neighbours().end()) return "never heard";
    const Instant heard = neighbour->second.heard;
    if (now_ - heard <= machine_.config().heartbeat_interval * 3) return "";
    return "silent for " + text_of_age(heard, now_);
  }

  void look_at_voters() {
    std::string absent;
    for (const PeerId& voter : roster().voters()) {
      const std::string why = absence_of(voter);
      if (why.empty()) {
        ++heard_;
      } else {
        absent += fmt::format("{}{} ({})", absent.empty() ? "" : ", ", name_of(voter), why);
      }
    }
    if (heard_ < needed()) {
      fails(fmt::format("cannot decide: {} of {} voters heard, {} needed; absent: {}", heard_,
                        roster().size(), needed(), absent));
    } else if (!absent.empty()) {
      warns(fmt::format("{} of {} voters heard, {} needed; absent: {}", heard_, roster().size(),
                        needed(), absent));
    }
  }

  void look_at_rosters() {
    const auto& listed = machine_.config().listed;
    if (listed && listed->voters() != roster().voters()) {
      warns(fmt::format(
          "its config lists other voters than the roster of epoch {}, which counts; the "
          "roster is changed by vouch-peer roster, not by a config",
          roster().epoch()));
    }
    look_at_forced();
    look_at_rules();
    const auto by = machine_.agreement().entering();
    if (!by) return;
    const membership::Roster* before = machine_.rosters().find(roster().epoch() - 1);
    const std::string names = names_of(*by);
    warns(
        fmt::format("in handover to the roster of epoch {}: certifies nothing until {} of {} "
                    "voters of the one before have told what they were locked on; told so far: {}",
                    roster().epoch(), machine_.agreement().handovers_needed(), before->size(),
                    names.empty() ? "none" : names));
  }

  std::string names_of(const auto& peers) const {
    std::string names;
    for (const PeerId& peer : peers) names += (names.empty() ? "" : ", ") + name_of(peer);
    return names;
  }

  /// Those that this peer cannot judge by, and configs that began with others.
  void look_at_rules() {
    const std::string& own = machine_.config().self.rule_set;
    for (const PeerId& voter : roster().voters()) {
      const auto* member = machine_.replica().state().members.find(voter);
      const std::string other = member == nullptr ? "" : member->value()->member.rule_set;
      if (own.empty() || other.empty() || other == own) continue;
      warns(
          fmt::format("the config of {} begins with the rule set {}, ours with {}: it stays as it "
                      "was first, and is changed by vouch-peer roster rules",
                      name_of(voter), other, own));
    }
    const consensus::Setting& setting = machine_.agreement().setting();
    const std::uint32_t now = setting.rules().since(roster().epoch());
    for (const Certificate& one : machine_.rosters().certificates()) {
      const membership::Roster& named = *machine_.rosters().find(one.value.epoch);
      const auto runs = setting.runs(named);
      if (runs) continue;
      const std::string why =
          fmt::format("judges no stream under the rules of epoch {}{}: {}", named.epoch(),
                      named.epoch() == now ? ", those of now" : "", runs.error().detail);
      named.epoch() == now ? fails(why) : warns(why);
    }
  }

  /// What operators did, and what they may have to do.
  void look_at_forced() {
    for (const Certificate& one : machine_.rosters().certificates()) {
      const membership::Roster* forced = machine_.rosters().find(one.value.epoch);
      if (!forced->forced()) continue;
      const auto& before = *machine_.rosters().find(one.epoch);
      notes_.emplace_back(fmt::format("epoch {} was forced by an operator, at {}", forced->epoch(),
                                      names_of(remaining(before, *forced))));
    }
    for (const auto& [value, rival] : machine_.agreement().rivals()) {
      fails(fmt::format(
          "epoch {} has another roster, which {} {}: peers are apart for good, and those of one "
          "side have to begin anew",
          rival.roster.epoch(), names_of(rival.by),
          rival.roster.forced() ? "forced" : "certified"));
    }
    for (const auto& [peer, neighbour] : machine_.neighbours()) {
      if (!neighbour.last || neighbour.last->epoch <= roster().epoch()) continue;
      warns(
          fmt::format("{} is in epoch {}, which is not known here; if that lasts and an operator "
                      "forced it, tell this peer so: vouch-peer roster force",
                      name_of(peer), neighbour.last->epoch));
    }
    const auto& wanted = machine_.agreement().wanted_roster();
    if (!wanted) return;
    warns(fmt::format(
        "an operator here forces a roster of {} voters as epoch {}: it waits for the others that "
        "remain; see vouch-peer roster show",
        wanted->size(), wanted->epoch()));
  }

  void look_at_states() {
    for (const auto& [peer, neighbour] : machine_.neighbours()) {
      // Who is silent may have become equal without saying so.
      const bool beats = now_ - neighbour.beat <= machine_.config().heartbeat_interval * 3;
      if (neighbour.differing < machine::Neighbour::differing_min || !beats) continue;
      ++differing_;
      warns(
          fmt::format("{} has another state than we, from the same logs, in {} heartbeats: a fault "
                      "of a disk, a memory or a program; vouch-dump diff names the record",
                      name_of(peer), neighbour.differing));
    }
  }

  void look_at_finished() {
    const std::size_t usual = machine_.config().finished_kept + finished_waiting_usual;
    for (const auto& [voter, subjects] : waiting_for(machine_.replica().state(), roster())) {
      if (subjects <= usual) continue;
      warns(
          fmt::format("memory grows: {} streams and proposals are over that {} has not finished; "
                      "start it again, or take it out of the roster",
                      subjects, name_of(voter)));
    }
  }

  void look_at_agreement() {
    const consensus::Agreement& agreement = machine_.agreement();
    if (agreement.counters().alarms > 0) {
      fails("two certificates contradict each other: more voters lie than the roster tolerates");
    }
    if (agreement.counters().other_states > 0) {
      fails(
          "what a quorum certified of the state behind its verdicts is not what this peer comes "
          "to: it runs another version than they do, or its memory is damaged; start it again");
    }
    const Open open = open_of(agreement);
    if (open.oldest && now_ - *open.oldest >= long_open) {
      warns(fmt::format("waits since {} for a decision about {}{}; see vouch-dump disputes",
                        text_of_age(*open.oldest, now_), open.oldest_name,
                        open.instances > 1 ? fmt::format(" and {} more", open.instances - 1) : ""));
    }
    const std::uint64_t contradictions = agreement.counters().contradictions;
    if (contradictions > 0) {
      warns(fmt::format("{} pairs of votes contradict each other: some voter lies, or runs twice",
                        contradictions));
    }
  }

  const machine::PeerMachine& machine_;
  const std::optional<Error>& store_error_;
  Instant now_;
  bool failing_ = false;
  std::size_t heard_ = 0, differing_ = 0;
  std::vector<std::string> reasons_, notes_;
};

}  // namespace

json::Object health_json(const machine::PeerMachine& machine,
                         const std::optional<Error>& store_error, Instant now) {
  return Checkup(machine, store_error, now).result();
}

json::Object agreement_json(const machine::PeerMachine& machine, Instant now) {
  const consensus::AgreementCounters& c = machine.agreement().counters();
  const sync::RefoldCounters& r = machine.refolder().counters();
  const Open open = open_of(machine.agreement());
  const consensus::Charges& charges = machine.agreement().setting().charges;
  const auto deciding = std::chrono::duration_cast<milliseconds>(c.deciding).count();
  json::Object out{{"votes", machine.agreement().setting().votes()},
                   {"votes_sent", c.votes},
                   {"bundles", c.bundles},
                   {"certificates", c.certificates},
                   {"nulls", c.nulls},
                   {"disputes", c.disputes},
                   {"settled_by_vote", c.settled_above},
                   {"view_changes", c.view_changes},
                   {"bad_words", c.bad_words},
                   {"alarms", c.alarms},
                   {"other_states", c.other_states},
                   {"contradictions", c.contradictions},
                   {"evidence_lost", charges.losses()},
                   {"evidence_put_off", charges.put_off()},
                   {"refolded", r.rebased},
                   {"resumed", r.resumed},
                   {"events_missing", r.missing},
                   {"events_forgotten", machine.counters().forgotten},
                   {"decisions_timed", c.timed},
                   {"decision_ms", static_cast<std::uint64_t>(deciding)},
                   {"open", open.instances},
                   {"open_disputes", open.disputes}};
  if (open.oldest) out.emplace_back("oldest_open_ms", ms_since(*open.oldest, now));
  if (const auto last = machine.agreement().last_certificate()) {
    out.emplace_back("last_certificate_ms", ms_since(*last, now));
  }
  return out;
}

}  // namespace vouch::observe
