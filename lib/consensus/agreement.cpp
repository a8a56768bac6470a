// Subjects and their order. Words of other voters are in agreement_words.cpp, what leaves in
// agreement_flush.cpp, what others ask in agreement_questions.cpp, timers in
// agreement_deadlines.cpp.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/agreement.hpp"

#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/bytes.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {
namespace {

/// Subjects that are known by their hash alone and have no certificate; votes for more of them are
/// dropped.
constexpr std::size_t strangers_max = 1U << 16;

}  // namespace

Agreement::Agreement(Setting setting)
    : setting_(std::move(setting)),
      roster_id_(roster_subject(setting_.cluster)),
      subjects_(setting_.signer, "subjects") {
  if (setting_.rosters == nullptr) {
    setting_.rosters = &own_rosters_.emplace(setting_.cluster, setting_.roster);
  }
  this->subject(SubjectKind::roster, std::string(roster_name), roster_id_);
}

SubjectId Agreement::id_of(SubjectKind kind, const std::string& name) const {
  if (kind == SubjectKind::roster) return roster_id_;
  if (named_last_.kind != kind || named_last_.name != name) {
    named_last_ = {kind, name, subject_id(setting_.cluster, kind, name)};
  }
  return named_last_.id;
}

Agreement::Subject* Agreement::find(const SubjectId& id) {
  return subjects_.find(id);
}

const Agreement::Subject* Agreement::find(SubjectKind kind, const std::string& name) const {
  return subjects_.find(id_of(kind, name));
}

Agreement::Subject& Agreement::subject(SubjectKind kind, const std::string& name) {
  return subject(kind, name, id_of(kind, name));
}

Agreement::Subject& Agreement::subject(SubjectKind kind, const std::string& name,
                                       const SubjectId& id) {
  Subject& subject = subjects_[id];
  if (subject.name.empty()) {
    subject.id = id;
    subject.name = name;
    if (subject.height == 0) ++vouched_;
    if (subject.open != nullptr) subject.open->set_name(name);
    // Known by its hash alone it was taken for a stream.
    if (kind != std::exchange(subject.kind, kind)) reopen(subject);
  }
  if (subject.open == nullptr && subject.height == 0) open(subject);
  return subject;
}

Agreement::Subject* Agreement::find_or_open(SubjectKind kind, const std::string& name) {
  return find_or_open(kind, name, id_of(kind, name));
}

Agreement::Subject* Agreement::find_or_open(SubjectKind kind, const std::string& name,
                                            const SubjectId& id) {
  Subject* held = find(id);
  if (held != nullptr && !held->name.empty()) return held;
  const bool over = kind != SubjectKind::roster && is_released(id);
  return over ? nullptr : &subject(kind, name, id);
}

bool Agreement::is_released(const SubjectId& id) const {
  return setting_.released != nullptr && setting_.released->contains(id);
}

/// New ones are known by their hash alone; nothing when there are too many of them.
Agreement::Subject* Agreement::find_or_stranger(const SubjectId& id) {
  if (Subject* held = find(id)) return held;
  return subjects_.size() - vouched_ < strangers_max ? open_stranger(id) : nullptr;
}

void Agreement::open(Subject& subject) {
  if (subject.height == 0 && subject.kind == SubjectKind::roster) {
    subject.base.value = value_of(setting_.rosters->first());
  }
  subject.open = std::make_unique<Instance>(setting_, subject.kind, subject.name, subject.id,
                                            subject.height + 1, subject.base);
}

/// Its row is written before anything leaves.
void Agreement::mark(Subject& subject) {
  if (std::exchange(subject.dirty, true)) return;
  dirty_.push_back(&subject);
}

void Agreement::write_as(Instant now, std::uint32_t incarnation) {
  setting_.incarnation = incarnation;
  resume_epoch(now);
  subjects_.each([&](const SubjectId&, Subject& subject) {
    if (!subject.compared && !subject.name.empty() && subject.kind == SubjectKind::stream) {
      catch_up(now, subject);
    }
    if (subject.open == nullptr || subject.slate != nullptr) return;
    Effects effects;
    subject.open->resume(now, effects);
    look(now, subject, effects);
    take(now, subject, std::move(effects));
  });
}

void Agreement::on_chain(Instant now, const std::string& stream) {
  Subject& subject = this->subject(SubjectKind::stream, stream);
  // What was certified while the name was not known was not compared.
  if (subject.behind || !subject.compared) catch_up(now, subject);
  if (!subject.ahead.empty() && !subject.ask_at) ask_ahead(now, subject);
  if (subject.open == nullptr) return;
  Effects effects;
  look(now, subject, effects);
  take(now, subject, std::move(effects));
}

/// A first vote, where one is due: for a segment's end, for evidence, or for who waits.
void Agreement::look(Instant now, Subject& subject, Effects& effects) {
  subject.open->look(now, effects);
  show_evidence(now, subject, effects);
  if (subject.wanted) subject.open->look_at(now, *subject.wanted, effects);
}

/// The earliest first: who votes for that votes no more.
void Agreement::show_evidence(Instant now, Subject& subject, Effects& effects) {
  std::vector<Evidence> all;
  for (const auto& [voter, claim] : subject.evidence) {
    all.push_back({voter, {claim.size, claim.head}, claim.size});
  }
  std::ranges::stable_sort(all, {}, &Evidence::size);
  for (const Evidence& one : all) subject.open->on_evidence(now, one, effects);
}

void Agreement::on_evidence(Instant now, const std::string& stream, const PeerId& voter,
                            const Point& claim) {
  Subject* subject = find_or_open(SubjectKind::stream, stream);
  if (subject == nullptr || subject->open == nullptr) return;
  if (claim.size <= subject->base.value.size) return;
  const auto [held, fresh] = subject->evidence.try_emplace(voter, claim);
  if (!fresh && claim.size < held->second.size) held->second = claim;
  Effects effects;
  show_evidence(now, *subject, effects);
  take(now, *subject, std::move(effects));
}

void Agreement::on_replaced(const std::string& stream) {
  Subject* subject = find(id_of(SubjectKind::stream, stream));
  if (subject != nullptr) subject->evidence.clear();
}

void Agreement::on_vote(Instant now, const SignedStatement& vote) {
  const Statement& s = vote.statement;
  Subject* subject = find_or_stranger(s.subject);
  if (subject == nullptr || subject->open == nullptr || s.height < subject->open->height()) return;
  if (s.height == subject->open->height()) {
    if (subject->slate != nullptr) leave_slate(now, *subject->slate);
    if (subject->open == nullptr) return;
    Effects effects;
    subject->open->on_vote(now, vote, effects);
    take(now, *subject, std::move(effects));
    return;
  }
  // Two epochs may have voted about a height, and either may have decided it.
  const membership::Roster* roster = setting_.rosters->find(s.epoch);
  if (roster != nullptr && roster->lists(vote.voter, s.incarnation)) {
    const auto place = std::pair(s.phase, s.epoch);
    const auto [early, fresh] = subject->early[vote.voter].try_emplace(place, vote);
    if (!fresh && early->second.statement.height < s.height) early->second = vote;
  }
  // What lies between is certified: whoever votes at a height holds the certificate before.
  note_ahead(now, *subject, vote.voter, s.height - 1);
}

bool Agreement::ends_proposal(const Subject& subject, const Certificate& certificate) {
  const bool may = subject.kind == SubjectKind::proposal || subject.name.empty();
  return may && subject.kind != SubjectKind::roster && certificate.value.size == 1;
}

void Agreement::on_certificate(Instant now, const Certificate& certificate) {
  Subject* subject = find_or_vouched(certificate);
  if (subject == nullptr || mind_rival(certificate)) return;
  const bool held = certificate.height <= subject->height;
  const bool same = subject->last && subject->last->height == certificate.height &&
                    subject->last->value == certificate.value;
  if (held && (same || certificate.height < subject->height)) return;
  const membership::Doubt doubt = setting_.rosters->doubt_of(setting_.signer, certificate);
  const bool late = !held && subject->open != nullptr && !subject->open->may_follow(certificate);
  // Whatever came before a roster is over with it, and it is all that the next one rests on. Before
  // a proposal's value there is nothing to know: nor could who lacks its name ask for it.
  const bool next =
      certificate.height == subject->height + 1 || ends_proposal(*subject, certificate) ||
      (subject->kind == SubjectKind::roster && certificate.epoch == subject->base.value.epoch);
  if (late || doubt != membership::Doubt::none) {
    ++counters_.bad_words;
  } else if (held) {
    ++counters_.alarms;
  } else if (next) {
    if (subject->slate != nullptr) take_off(*subject);  // all others may go on as they were
    subject->height = certificate.height - 1;
    Effects effects;
    const bool open = subject->open != nullptr;
    if (open && subject->open->height() == certificate.height) {
      subject->open->on_certificate(certificate, effects);
    }
    take(now, *subject, std::move(effects));
    close(now, *subject, certificate);
  } else {
    if (!subject->later || subject->later->height < certificate.height) {
      subject->later = certificate;
    }
    for (const Certificate::Commit& commit : certificate.commits) {
      note_ahead(now, *subject, commit.voter, certificate.height);
    }
  }
}

void Agreement::take(Instant now, Subject& subject, Effects&& effects) {
  if (effects.changed) mark(subject);
  // Who committed to a forced roster says nothing about another one.
  if (subject.kind == SubjectKind::roster && forcing_.committed) {
    effects.say.clear();
    effects.tell.clear();
  }
  for (Statement& s : effects.say) {
    if (s.phase == Phase::view_change) ++counters_.view_changes;
    if (s.phase == Phase::prepare) keep_values(subject, *s.value);
    const bool record = s.view == 0;
    (record ? records_ : direct_).push_back({subject.id, s});
  }
  for (Body& body : effects.tell) tell_all(subject, as_told(subject, std::move(body)));
  if (effects.fold) {
    folds_.push_back({subject.name, subject.base.value.size, std::move(*effects.fold), false});
  }
  for (Contradiction& c : effects.contradictions) {
    ++counters_.contradictions;
    contradictions_.push_back(std::move(c));
  }
  // The instance of the next roster is open, in view 1, whether or not anybody proposes one.
  const bool waits = subject.kind == SubjectKind::roster || subject.kind == SubjectKind::slate;
  if (subject.open != nullptr && !waits && subject.open->disputed() &&
      subject.disputed != subject.open->height()) {
    subject.disputed = subject.open->height();
    ++counters_.disputes;
  }
  if (effects.closed) close(now, subject, std::move(*effects.closed));
  schedule(subject);
}

void Agreement::close(Instant now, Subject& subject, Certificate certificate) {
  if (subject.kind == SubjectKind::slate) return close_slate(now, subject, certificate);
  const bool roster = subject.kind == SubjectKind::roster;
  if (roster && !decide_roster(now, subject, certificate)) return;
  const bool null = certificate.value.size == subject.base.value.size;
  const bool above = certificate.view > 0;
  ++counters_.certificates;
  if (subject.open != nullptr) subject.open->note_end(now, certificate);
  if (null) ++counters_.nulls;
  if (above) ++counters_.settled_above;
  note_closed(now, subject, certificate);
  if (subject.height == 0 && subject.name.empty()) ++vouched_;
  ++subject.height;
  subject.base = {certificate.value, null ? subject.base.nulls + 1 : 0};
  if (!null && is_otherwise(subject)) ++counters_.other_states;
  subject.last = certificate;
  if (!null && subject.kind == SubjectKind::proposal) keep_alone(subject, certificate.value);
  const Bytes* bytes = bytes_of(subject, certificate.value);
  Bytes proposal = bytes == nullptr ? Bytes{} : *bytes;
  if (subject.wanted && *subject.wanted <= certificate.value.size) subject.wanted.reset();
  subject.late.clear();
  const bool alone = subject.slate == nullptr;
  if (alone) mark(subject);
  // What ends a proposal stands in its row, for good, or in that of its slate.
  if (subject.kind != SubjectKind::proposal || null || certificate.view > 1) {
    rows_.emplace_back(certificate_key(subject.id, subject.height),
                       encode_certificate(certificate));
  }
  if (alone) silence(subject);
  const bool finished = subject.kind != SubjectKind::stream
                            ? !null
                            : setting_.chains.closed(subject.name) &&
                                  setting_.chains.tip(subject.name) ==
                                      Point{certificate.value.size, certificate.value.head};
  subject.open.reset();
  std::erase_if(subject.evidence,
                [&](const auto& entry) { return entry.second.size <= certificate.value.size; });
  decided_.push_back(
      {subject.kind, subject.name, std::move(certificate), null, std::move(proposal)});
  subject.compared = false;
  if (subject.kind == SubjectKind::stream && !subject.name.empty()) catch_up(now, subject);
  schedule(subject);
  if (roster && !null) return try_enter(now);  // the next one is open to who enters
  if (finished) {
    subject.early.clear();
    subject.proposals.clear();
    return;
  }
  open(subject);
  Effects effects;
  look(now, subject, effects);
  take(now, subject, std::move(effects));
  replay_early(now, subject.id);
  if (subject.later && subject.later->height <= subject.height + 1) {
    on_certificate(now, *std::exchange(subject.later, std::nullopt));
  }
  if (roster) replay_backed(now);
  // A null closing releases the subject's proposals for the next height.
  const auto proposals = subject.proposals;
  for (const auto& [value, held] : proposals) {
    Effects again;
    if (subject.open != nullptr) subject.open->on_proposal(now, value, again, held.proposer);
    take(now, subject, std::move(again));
  }
}

/// Words that were still to be sent about an instance that is over are void.
void Agreement::silence(const Subject& subject) {
  std::erase_if(records_, [&](const Pending& p) { return p.subject == subject.id; });
  std::erase_if(direct_, [&](const Pending& p) {
    const Phase phase = p.statement.phase;
    return p.subject == subject.id && phase != Phase::propose && phase != Phase::handover;
  });
}

/// All verdicts of the base are ours, and what is behind them is not.
bool Agreement::is_otherwise(const Subject& subject) const {
  const Value& base = subject.base.value;
  if (!base.state || setting_.chains.head_at(subject.name, base.size) != base.head) return false;
  const auto own = setting_.chains.state_at(subject.name, base.size);
  return own && own != base.state;
}

/// For people: how long it took, and who said what where voters differed.
void Agreement::note_closed(Instant now, const Subject& subject, const Certificate& certificate) {
  last_certificate_ = now;
  if (subject.open == nullptr) return;
  const auto began = subject.open->began();
  if (began) {
    ++counters_.timed;
    counters_.deciding += now - *began;
  }
  // A proposal begins in view 1: there it is no dispute.
  const bool plain = subject.kind == SubjectKind::proposal && certificate.view < 2;
  if (!subject.open->disputed() || plain) return;
  settled_.push_back({subject.name, subject.kind, began, now, subject.base.value.size,
                      subject.open->voices(), subject.open->parting(), certificate});
  if (settled_.size() > settled_kept) settled_.pop_front();
}

/// Votes that came before their instance was open.
void Agreement::replay_early(Instant now, const SubjectId& id) {
  std::vector<SignedStatement> due;
  Subject& subject = *subjects_.find(id);
  if (subject.open == nullptr) return;
  for (auto& [voter, votes] : subject.early) {
    std::erase_if(votes, [&](const auto& entry) {
      const std::uint32_t height = entry.second.statement.height;
      if (height == subject.open->height()) due.push_back(entry.second);
      return height <= subject.open->height();
    });
  }
  for (const SignedStatement& vote : due) on_vote(now, vote);
}

/// R10: an own chain that does not pass through what was certified is replaced.
void Agreement::catch_up(Instant now, Subject& subject) {
  compare(now, subject);
  schedule(subject);
}

void Agreement::compare(Instant now, Subject& subject) {
  const Value& value = subject.base.value;
  const auto tip = setting_.chains.tip(subject.name);
  // What is not judged here may begin to be, as when a late submitter comes here.
  subject.compared = tip.has_value();
  if (!tip || setting_.chains.head_at(subject.name, value.size) == value.head) {
    return subject.stop_catching_up();
  }
  if (!subject.behind) subject.behind = now;
  const bool off = tip->size >= value.size;
  if (!off && now < *subject.behind + stand_still) return;
  if (subject.asked && now < *subject.asked + setting_.timing.resend_max) return;
  subject.asked = now;
  const std::uint64_t from = value.size - 1;
  // Voters may commit to what they do not hold, and who held it may have no vote any more:
  // everybody is asked.
  tell_ever(subject, AskLinks{from, value.size});
}

void Agreement::on_folded(Instant now, const std::string& stream, const Value& target, bool equal,
                          bool own) {
  Subject* subject = find_or_open(SubjectKind::stream, stream);
  if (subject == nullptr) return;
  if (subject->behind && target == subject->base.value) {
    subject->folding.reset();
    if (own) {
      subject->stop_catching_up();
      schedule(*subject);
    } else if (equal) {
      catch_up(now, *subject);
    }
  }
  if (subject->open == nullptr) return;
  Effects effects;
  subject->open->on_folded(now, target, equal, effects);
  subject->open->look(now, effects);
  take(now, *subject, std::move(effects));
}

void Agreement::request(Instant now, const std::string& stream, std::uint64_t size) {
  Subject* subject = find_or_open(SubjectKind::stream, stream);
  if (subject == nullptr || subject->open == nullptr || size <= subject->base.value.size) return;
  tell_all(*subject, Request{size});
  want(now, *subject, size);
}

/// Votes early for the first `size` entries, now or when they are there.
void Agreement::want(Instant now, Subject& subject, std::uint64_t size) {
  if (subject.open == nullptr || size <= subject.base.value.size) return;
  subject.wanted = subject.wanted ? std::min(*subject.wanted, size) : size;
  Effects effects;
  subject.open->look_at(now, size, effects);
  take(now, subject, std::move(effects));
}

void Agreement::release(const SubjectId& id, Outbox& out) {
  Subject* subject = find(id);
  if (subject == nullptr) return;
  std::erase_if(records_, [&](const Pending& p) { return p.subject == id; });
  std::erase_if(direct_, [&](const Pending& p) { return p.subject == id; });
  std::erase_if(rows_, [&](const auto& row) { return starts_with(row.first, id.view()); });
  std::erase_if(values_, [&](const auto& row) { return starts_with(row.first, id.view()); });
  std::erase(dirty_, subject);
  if (subject->due) deadlines_.erase({*subject->due, id});
  if (subject->slate != nullptr) take_off(*subject);
  if (!subject->name.empty() || subject->height > 0) --vouched_;
  Subject* row = subject->row;
  for (const auto& [value, bytes] : subject->kept) {
    out.persist(Table::agreement, value_key(id, value.head), std::nullopt);
  }
  subjects_.erase(id);
  out.persist(Table::agreement, to_bytes(id.view()), std::nullopt);
  out.erase_all(Table::certificates, to_bytes(id.view()));
  if (row != nullptr && --row->in_row == 0) release(SubjectId(row->id), out);
}

}  // namespace vouch::consensus
