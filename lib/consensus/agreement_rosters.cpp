// From one roster to the next (docs/decisions/0035): what is proposed, what a certified roster
// stops, what the voters of the old one hand over, and when those of the new one begin.
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

/// How often a voter that waits looks whether it knows enough.
constexpr Duration look_time = std::chrono::milliseconds(100);

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
  list_.reset();
  for (const auto& [voter, told] : handovers_) {
    roster_rows_.emplace_back(roster_key('h', voter.view()), std::nullopt);
  }
  handovers_.clear();
  refused_.clear();
  given_.clear();
  hand_over();
  return true;
}

/// What this voter knows as its roster ends is fixed here, before anything else is heard.
void Agreement::hand_over() {
  const membership::Rosters& rosters = *setting_.rosters;
  if (!setting_.in_epoch() || rosters.newest().epoch() != setting_.roster.epoch() + 1) return;
  HandoverList list;
  if (setting_.logs != nullptr) list.logs = setting_.logs->ends();
  subjects_.each([&](const SubjectId& id, const Subject& subject) {
    if (id == roster_id_) return;
    SubjectState state{id, subject.height, {}};
    if (subject.open != nullptr) state.prepares = subject.open->lock_proof();
    if (state.height > 0 || !state.prepares.empty()) list.subjects.push_back(std::move(state));
  });
  list_ = encode_handover(list);
  Statement statement;
  statement.phase = Phase::handover;
  statement.subject = roster_id_;
  statement.height = setting_.roster.epoch() + 1;
  statement.epoch = setting_.roster.epoch();
  statement.incarnation = setting_.incarnation;
  statement.basis = crypto::blake2b(*list_);
  direct_.push_back({roster_id_, statement});
}

void Agreement::keep_handover(const Handover& handover, HandoverList list) {
  const PeerId& voter = handover.vote.voter;
  ByteWriter row;
  write_signed(row, handover.vote);
  row.sized(handover.list);
  roster_rows_.emplace_back(roster_key('h', voter.view()), row.take());
  handovers_[voter] = {handover, std::move(list)};
}

/// The own one, once it is signed.
void Agreement::say_handover(Instant now, const SignedStatement& vote) {
  if (!list_ || vote.statement.basis != crypto::blake2b(*list_)) return;
  const Handover own{vote, *std::exchange(list_, std::nullopt)};
  auto list = decode_handover(own.list);
  keep_handover(own, std::move(*list));
  for (const PeerId& voter : setting_.rosters->voters()) {
    if (voter != setting_.self()) tell(voter, *find(roster_id_), own);
  }
  try_enter(now);
}

void Agreement::hear_handover(Instant now, const Handover& handover) {
  const SignedStatement& vote = handover.vote;
  const Statement& s = vote.statement;
  const membership::Roster& newest = setting_.rosters->newest();
  const membership::Roster* roster = setting_.rosters->find(s.epoch);
  const bool awaited = s.epoch + 1 == newest.epoch() && roster != nullptr &&
                       roster->lists(vote.voter, s.incarnation) &&
                       !handovers_.contains(vote.voter) && !refused_.contains(vote.voter);
  if (!awaited) return;
  auto list = decode_handover(handover.list);
  const bool said = s.phase == Phase::handover && s.subject == roster_id_ &&
                    s.height == newest.epoch() && s.view == 0 &&
                    s.basis == crypto::blake2b(handover.list) &&
                    is_signed(setting_.cluster, setting_.signer, vote);
  bool holds = said && list;
  for (std::size_t i = 0; holds && i < list->subjects.size(); ++i) {
    const SubjectState& state = list->subjects[i];
    if (state.prepares.empty()) continue;
    const auto lock = proven_lock(setting_, state.subject, state.height + 1, state.prepares);
    holds = lock && lock->epoch <= s.epoch;
  }
  if (!holds) {
    // Looking at the locks of a list costs time: once for each liar.
    if (said) refused_.insert(vote.voter);
    ++counters_.bad_words;
    return;
  }
  keep_handover(handover, std::move(*list));
  try_enter(now);
}

/// They may be long: nobody gets them more often than an honest voter asks.
void Agreement::give_handovers(Instant now, const PeerId& to, const AskHandovers& ask) {
  if (ask.epoch + 1 != setting_.rosters->newest().epoch()) return;
  const auto [given, first] = given_.try_emplace(to, now);
  if (!first && now < given->second + setting_.timing.resend_max / 2) return;
  given->second = now;
  for (const auto& [voter, held] : handovers_) {
    if (!std::ranges::binary_search(ask.held, voter)) tell(to, *find(roster_id_), held.words);
  }
}

void Agreement::ask_handovers(Instant now) {
  AskHandovers ask{setting_.rosters->newest().epoch() - 1, {}};
  for (const auto& [voter, held] : handovers_) ask.held.push_back(voter);
  for (const PeerId& voter : setting_.rosters->voters()) {
    if (voter != setting_.self()) tell(voter, *find(roster_id_), ask);
  }
  ask_handovers_at_ = now + setting_.timing.resend_max;
  name_strangers();
}

/// A certificate is asked for by the name of its stream, which who never had the stream finds in
/// the logs alone.
void Agreement::name_strangers() {
  if (setting_.logs == nullptr) return;
  setting_.logs->each_stream([this](const std::string& stream) {
    const SubjectId id = id_of(SubjectKind::stream, stream);
    const Subject* held = find(id);
    if (held != nullptr && held->name.empty()) subject(SubjectKind::stream, stream, id);
  });
}

/// This peer knows all that the voter knew.
bool Agreement::is_met(const HandoverList& list) const {
  const auto read = [this](const LogEnd& end) {
    return setting_.logs == nullptr || setting_.logs->reaches(end);
  };
  const auto known = [this](const SubjectState& state) {
    const Subject* held = subjects_.find(state.subject);
    if (held != nullptr ? held->height >= state.height : state.height == 0) return true;
    return setting_.released != nullptr && setting_.released->contains(state.subject);
  };
  return std::ranges::all_of(list.logs, read) && std::ranges::all_of(list.subjects, known);
}

void Agreement::chase(Instant now, const PeerId& voter, const HandoverList& list) {
  for (const SubjectState& state : list.subjects) {
    Subject* held = find_or_stranger(state.subject);
    if (held != nullptr) note_ahead(now, *held, voter, state.height);
  }
}

void Agreement::try_enter(Instant now) {
  const membership::Roster& newest = setting_.rosters->newest();
  const bool votes = newest.lists(setting_.self(), setting_.incarnation);
  if (setting_.entered == Entered{newest.epoch(), setting_.incarnation}) return;
  if (newest.epoch() == setting_.rosters->first().epoch()) return;
  // Who does not know yet under what it writes may be listed.
  const bool unknown = setting_.incarnation == 0 && newest.contains(setting_.self());
  if (unknown || list_) return;
  if (!votes) {
    if (setting_.roster.epoch() != newest.epoch()) enter(now, false);
    return;
  }
  look_at_ = now + look_time;
  std::set<PeerId> met;
  for (const auto& [voter, held] : handovers_) {
    if (is_met(held.list)) {
      met.insert(voter);
    } else {
      chase(now, voter, held.list);
    }
  }
  // A lock that there is no room for must not be forgotten.
  for (const auto& [voter, held] : handovers_) {
    for (const SubjectState& state : held.list.subjects) {
      const bool over = setting_.released != nullptr && setting_.released->contains(state.subject);
      if (!over && !state.prepares.empty() && find_or_stranger(state.subject) == nullptr)
        met.clear();
    }
  }
  if (told_enough(met)) return enter(now, true);
  if (!ask_handovers_at_ || now >= *ask_handovers_at_) ask_handovers(now);
}

/// All instances are opened again, with the highest lock that anybody handed over.
void Agreement::enter(Instant now, bool votes) {
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
  for (const auto& [voter, held] : handovers_) {
    for (const SubjectState& state : held.list.subjects) {
      Subject* subject = votes ? find_or_stranger(state.subject) : nullptr;
      if (subject != nullptr && subject->height == state.height) {
        offer(state.subject, state.prepares);
      }
    }
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
  if (setting_.stopped() && !handovers_.contains(setting_.self())) hand_over();
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
    hear_handover(now, *handover);
  } else if (const auto* ask = std::get_if<AskHandovers>(&body)) {
    give_handovers(now, from, *ask);
  }
}

}  // namespace vouch::consensus
