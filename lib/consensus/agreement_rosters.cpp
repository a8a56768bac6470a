// From one roster to the next (docs/decisions/0035): what is proposed, what a certified roster
// stops, and when the voters of the new one begin. What those of the old one hand over is in
// agreement_handovers.cpp.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/consensus/locks.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {
namespace {

constexpr std::size_t rosters_of_one_max = 8;  ///< that one voter proposes, until one is decided

}  // namespace

Result<void> Agreement::propose_roster(Instant now, const membership::Roster& roster) {
  if (roster.forced()) return force_roster(now, roster);
  if (!setting_.votes()) return fail(Errc::not_allowed, "only voters propose a roster");
  const membership::Roster& before = setting_.rosters->newest();
  if (!follows(before, roster) || roster.size() == 0 || roster.size() > limits::voters_max) {
    return fail(Errc::malformed, "it does not follow on the roster of now");
  }
  if (!changes(*setting_.rosters, setting_.rules(), roster)) {
    return fail(Errc::malformed, "it changes nothing, or names the rule set in force");
  }
  if (auto runs = setting_.runs(roster); !runs) return runs;
  const Value value = value_of(roster);
  const auto held = backed_.find(value);
  if (held != backed_.end() && held->second.by.contains(setting_.self())) {
    tell_roster_proposals();
    return {};
  }
  const auto own = std::ranges::count_if(
      backed_, [&](const auto& entry) { return entry.second.by.contains(setting_.self()); });
  if (own >= static_cast<std::ptrdiff_t>(rosters_of_one_max)) {
    return fail(Errc::busy, "this voter has proposed too many rosters");
  }
  direct_.push_back({roster_id_, roster_statement(roster_id_, value)});
  back_roster(now, roster, {membership::encode_roster(roster), setting_.self(), {}, {}});
  return {};
}

void Agreement::hear_roster_proposal(Instant now, const PeerId& from, const Proposal& proposal) {
  const auto roster = membership::decode_roster(proposal.bytes);
  const membership::Roster& before = setting_.rosters->newest();
  if (!roster || !changes(*setting_.rosters, setting_.rules(), *roster)) return;
  // A voter takes back a forced one by naming another: what others pass on may be its old word.
  if (roster->forced() && from != proposal.proposer) return;
  std::size_t others = 0;
  for (const auto& [value, backed] : backed_) {
    if (!backed.by.contains(proposal.proposer)) continue;
    if (backed.roster == *roster || ++others >= rosters_of_one_max) return;
  }
  const bool legal =
      before.contains(proposal.proposer) &&
      (!roster->forced() ||
       std::ranges::binary_search(remaining(before, *roster), proposal.proposer)) &&
      is_signed(setting_.cluster, setting_.signer,
                {proposal.proposer, roster_statement(roster_id_, membership::value_of(*roster)),
                 proposal.path, proposal.signature});
  if (!legal) ++counters_.bad_words;
  if (legal) back_roster(now, *roster, proposal);
}

/// Whoever first hears of one passes it on; legal is what one honest voter at least proposes.
void Agreement::back_roster(Instant now, const membership::Roster& roster,
                            const Proposal& proposal) {
  const Value value = value_of(roster);
  if (roster.forced()) {
    // An operator may think again: of each voter the last one counts, which it says itself.
    for (auto& [other, backed] : backed_) {
      if (backed.roster.forced() && other != value) backed.by.erase(proposal.proposer);
    }
    std::erase_if(backed_, [](const auto& entry) {
      return entry.second.by.empty() && entry.second.commits.empty();
    });
  }
  Backed& backed = backed_.try_emplace(value, Backed{roster, {}, {}}).first->second;
  backed.by.emplace(proposal.proposer, proposal);
  Subject& subject = *find(roster_id_);
  if (roster.forced()) return advance_forced(now, value);
  if (proposal.signature != Signature{}) tell_all(subject, proposal);
  const std::size_t enough = membership::one_honest(setting_.rosters->newest().size());
  if (backed.by.size() < enough) return;
  spell(value, roster);
  // Who cannot judge by its rules does not help to decide it.
  if (subject.open == nullptr || !setting_.runs(roster)) return;
  Effects effects;
  subject.open->on_proposal(now, value, effects);
  take(now, subject, std::move(effects));
}

/// Whoever votes for a roster can say later what it is, also when all were started again: of those
/// that lock it f + 1 at least are honest and heard its bytes.
void Agreement::spell(const Value& value, const membership::Roster& roster) {
  const auto [spelled, fresh] = spelled_.try_emplace(value, membership::encode_roster(roster));
  if (fresh) roster_rows_.emplace_back(roster_key('b', value.head.view()), spelled->second);
}

void Agreement::tell_roster_proposals() {
  for (const auto& [value, backed] : backed_) {
    for (const auto& [voter, proposal] : backed.by) {
      if (proposal.signature != Signature{}) tell_all(*find(roster_id_), proposal);
    }
  }
}

/// Puts the bytes of the roster into its certificate, and takes the roster up. False when nobody
/// told of them yet: then the voters that committed are asked.
bool Agreement::decide_roster(Instant now, Subject& subject, Certificate& certificate) {
  if (certificate.value == subject.base.value) return true;  // null
  const auto held = spelled_.find(certificate.value);
  if (certificate.roster.empty() && held != spelled_.end()) certificate.roster = held->second;
  membership::Rosters& rosters = *setting_.rosters;
  const bool known = rosters.find(certificate.value.epoch) != nullptr;
  if (certificate.roster.empty() || (!known && !rosters.add(setting_.signer, certificate))) {
    for (const Certificate::Commit& commit : certificate.commits) {
      note_ahead(now, subject, commit.voter, certificate.height);
    }
    return false;
  }
  ByteWriter epoch;
  epoch.u64_ordered(certificate.value.epoch);
  roster_rows_.emplace_back(roster_key('l', epoch.bytes()), encode_certificate(certificate));
  if (certificate.value.epoch == rosters.first().epoch() + 1) {
    roster_rows_.emplace_back(roster_key('f', {}), membership::encode_roster(rosters.first()));
  }
  backed_.clear();
  end_forcing();
  for (const auto& [value, bytes] : spelled_) {
    roster_rows_.emplace_back(roster_key('b', value.head.view()), std::nullopt);
  }
  spelled_.clear();
  forget_handovers();
  leave_slates(now);
  hand_over();
  return true;
}

void Agreement::try_enter(Instant now) {
  const membership::Roster& newest = setting_.rosters->newest();
  const bool votes = newest.lists(setting_.self(), setting_.incarnation);
  if (setting_.entered == Entered{newest.epoch(), setting_.incarnation}) return;
  if (newest.epoch() == setting_.rosters->first().epoch()) return;
  // Who does not know yet under what it writes may be listed.
  const bool unknown = setting_.incarnation == 0 && newest.contains(setting_.self());
  if (unknown || index_) return;
  if (!votes) {
    if (setting_.roster.epoch() == newest.epoch()) return;
    handovers_.keep_only({setting_.self()});
    return enter(now, false);
  }
  if (now >= look_at_) look_at_handovers(now);
  handovers_.advance();
  const std::set<PeerId> met = met_handovers();
  if (told_enough(met) && has_room_for_locks()) {
    handovers_.keep_only(met);
    return enter(now, true);
  }
  if (!ask_handovers_at_ || now >= *ask_handovers_at_) ask_handovers(now);
}

/// All instances are opened again, with the highest lock that anybody handed over.
void Agreement::enter(Instant now, bool votes) {
  leave_slates(now);
  std::map<SubjectId, std::vector<SignedStatement>> locks;
  const auto offer = [&](const SubjectId& id, const std::vector<SignedStatement>& prepares) {
    if (prepares.empty()) return;
    auto& held = locks[id];
    const auto lock_of = [](const std::vector<SignedStatement>& proof) {
      const Statement& s = proof.front().statement;
      return Lock{s.view, *s.value, s.epoch};
    };
    if (held.empty() || outranks(lock_of(prepares), lock_of(held))) held = prepares;
  };
  for (const auto& [id, prepares] : std::exchange(locks_, {})) {
    const Subject* subject = find_or_stranger(id);
    const std::uint32_t height = prepares.front().statement.height;
    if (subject != nullptr && subject->height + 1 == height) offer(id, prepares);
  }
  std::vector<SubjectId> open;
  subjects_.each([&](const SubjectId& id, Subject& subject) {
    if (subject.open != nullptr) {
      offer(id, subject.open->lock_proof());
      open.push_back(id);
    }
  });
  setting_.roster = setting_.rosters->newest();
  ask_handovers_at_.reset();
  records_.clear();
  std::erase_if(direct_, [](const Pending& p) { return p.statement.phase != Phase::propose; });
  if (votes) {
    setting_.entered = Entered{setting_.roster.epoch(), setting_.incarnation};
    ByteWriter row;
    row.leb(setting_.entered->epoch);
    row.leb(setting_.entered->incarnation);
    roster_rows_.emplace_back(roster_key('e', {}), row.take());
  }
  Subject& rosters = *find(roster_id_);
  if (rosters.open == nullptr) open.push_back(roster_id_);
  just_entered_ = true;
  for (const SubjectId& id : open) {
    Subject& subject = *find(id);
    this->open(subject);
    mark(subject);
    Effects effects;
    const auto lock = locks.find(id);
    if (lock != locks.end()) subject.open->take_over(std::move(lock->second));
    look(now, subject, effects);
    take(now, subject, std::move(effects));
    const auto proposals = subject.proposals;
    for (const auto& [value, held] : proposals) {
      Effects again;
      if (subject.open != nullptr) subject.open->on_proposal(now, value, again);
      take(now, subject, std::move(again));
    }
  }
  replay_backed(now);
}

/// Rosters that enough voters proposed before the instance was open.
void Agreement::replay_backed(Instant now) {
  Subject& subject = *find(roster_id_);
  std::vector<Value> legal;
  for (const auto& [value, backed] : backed_) {
    const std::size_t enough = membership::one_honest(setting_.rosters->newest().size());
    const bool known = backed.by.size() >= enough && !backed.roster.forced();
    if (known && setting_.runs(backed.roster)) legal.push_back(value);
  }
  for (const Value& value : legal) {
    Effects effects;
    if (subject.open != nullptr) subject.open->on_proposal(now, value, effects);
    take(now, subject, std::move(effects));
  }
}

/// As what it is, with the lock that was handed over.
void Agreement::reopen(Subject& subject) {
  const bool decided = subject.last && subject.last->value.size != 0;
  std::vector<SignedStatement> lock;
  if (subject.open != nullptr) lock = subject.open->lock_proof();
  subject.open.reset();
  if (decided) return;
  open(subject);
  if (!lock.empty()) subject.open->take_over(std::move(lock));
}

/// After a start: what the newest roster asks of this incarnation.
void Agreement::resume_epoch(Instant now) {
  if (setting_.stopped() && !handovers_.holds(setting_.self())) hand_over();
  try_enter(now);
  pursue_forced(now);
}

void Agreement::watch(Instant now) {
  try_enter(now);
  pursue_forced(now);
}

void Agreement::hear_roster_word(Instant now, const PeerId& from, const Body& body) {
  if (const auto* proposal = std::get_if<Proposal>(&body)) {
    hear_roster_proposal(now, from, *proposal);
  } else if (const auto* handover = std::get_if<Handover>(&body)) {
    hear_handover(now, from, *handover);
  } else if (const auto* ask = std::get_if<AskHandovers>(&body)) {
    give_handovers(now, from, *ask);
  } else if (const auto* wanted = std::get_if<AskPages>(&body)) {
    give_pages(now, from, *wanted);
  } else if (const auto* page = std::get_if<HandoverPage>(&body)) {
    hear_page(now, from, page->bytes);
  }
}

}  // namespace vouch::consensus
