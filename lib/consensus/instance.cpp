// Votes: what is cast, kept and counted. Changing views is in instance_views.cpp.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/instance.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "vouch/base/bundle.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/membership/certificate.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::consensus {
namespace {

/// Own statements a row may hold: four phases a view, and far more views than anybody waits for.
constexpr std::size_t own_statements_max = 1U << 16;
/// What most of them take.
constexpr std::size_t statement_bytes = 96;
constexpr std::size_t signed_bytes =
    statement_bytes + PeerId::size + Signature::size + bundle_depth_max * Hash::size;

}  // namespace

Instance::Instance(Setting& setting, SubjectKind kind, std::string name, const SubjectId& subject,
                   std::uint32_t height, const Base& base)
    : setting_(setting),
      kind_(kind),
      name_(std::move(name)),
      subject_(subject),
      height_(height),
      base_(base),
      view_(kind == SubjectKind::stream ? 0 : 1),
      resend_(setting.timing.resend) {}

void Instance::note_end(Instant now, const Certificate& certificate) {
  for (const auto& [voter, accused] : accused_) {
    if (is_wrong(accused.claim, certificate)) setting_.charges.lost(now, voter);
  }
  if (certificate.view == 0) {
    if (began_) setting_.gossip_pace.observe(now - *began_);
    return;
  }
  // A view that was left before its certificate came had too short a timer.
  const auto& since = certificate.view == view_ ? awaited_ : awaited_first_;
  if (certificate.view <= view_ && since) setting_.view_pace.observe(now - *since);
}

ChoiceContext Instance::context() const {
  return {name_, setting_.rules().of(name_), setting_.roster.size(), kind_};
}

bool Instance::is_ours(const Statement& s) const {
  return s.subject == subject_ && s.height == height_ && s.epoch == epoch();
}

bool Instance::said(Phase phase, std::uint32_t view) const {
  return own_.contains({view, phase});
}

bool Instance::on_base() const {
  return setting_.chains.head_at(name_, base_.value.size) == base_.value.head;
}

bool Instance::beyond_base() const {
  const auto tip = setting_.chains.tip(name_);
  return tip && tip->size > base_.value.size;
}

void Instance::vote(Phase phase, const Value& value, Effects& out) {
  VOUCH_CHECK(!said(phase, view_) && !on_slate_);
  Statement s;
  s.phase = phase;
  s.subject = subject_;
  s.height = height_;
  s.view = view_;
  s.epoch = epoch();
  s.incarnation = setting_.incarnation;
  s.value = value;
  own_[{view_, phase}] = s;
  out.say.push_back(s);
  out.changed = true;
}

void Instance::look(Instant now, Effects& out) {
  await_inherited(now);
  if (kind_ != SubjectKind::stream || view_ != 0 || closed_ || !setting_.votes()) return;
  notice_departure(now, out);
  if (said(Phase::prepare, 0)) return;
  if (const Value* bound = inherited()) return look_at(now, bound->size, out);
  const auto end = setting_.chains.end_after(name_, base_.value.size);
  if (!end || !on_base()) return;
  began_ = now;
  vote(Phase::prepare, own_value(*end), out);
}

void Instance::look_at(Instant now, std::uint64_t size, Effects& out) {
  const Value* bound = inherited();
  if (bound == nullptr) look(now, out);
  if (kind_ != SubjectKind::stream || view_ != 0 || closed_ || !setting_.votes()) return;
  if (said(Phase::prepare, 0) || size <= base_.value.size) return;
  // No segment end was reached, so whatever the own chain has beyond the base is one segment.
  const auto head = setting_.chains.head_at(name_, size);
  if (!head || !on_base()) return;
  if (bound != nullptr && !holds(*bound)) return;
  began_ = now;
  vote(Phase::prepare, bound != nullptr ? *bound : own_value({size, *head}), out);
}

void Instance::on_evidence(Instant now, const Evidence& evidence, Effects& out) {
  if (closed_ || view_ != 0 || evidence.size <= base_.value.size) return;
  if (!admits(now, evidence)) return;
  if (!evidence_until_ && beyond_base()) evidence_until_ = now + evidence_wait();
  look_at(now, evidence.size, out);
}

bool Instance::admits(Instant now, const Evidence& evidence) {
  if (accused_.contains(evidence.voter)) return true;
  if (Charges::Place place = setting_.charges.admit(now, evidence.voter)) {
    put_off_.erase(evidence.voter);
    accused_.emplace(evidence.voter, Accused{evidence.claim, std::move(place)});
    return true;
  }
  put_off_.insert_or_assign(evidence.voter, evidence);
  const Instant again = setting_.charges.again(now, evidence.voter);
  put_off_until_ = put_off_until_ ? std::min(*put_off_until_, again) : again;
  return false;
}

/// What was put off and may be acted upon now.
void Instance::try_again(Instant now, Effects& out) {
  put_off_until_.reset();
  const auto waiting = put_off_;
  for (const auto& [voter, evidence] : waiting) on_evidence(now, evidence, out);
}

/// As the own chain has it, where that one is certified.
bool Instance::is_wrong(const Value& claim, const Certificate& certificate) const {
  const Value& decided = certificate.value;
  if (claim.size <= base_.value.size || claim.size > decided.size || !is_own(decided)) return false;
  const auto own = setting_.chains.head_at(name_, claim.size);
  if (own && *own != claim.head) return true;
  return claim.size == decided.size && claim.state && decided.state && claim.state != decided.state;
}

/// After a null without a state: voters that differ in it alone must come to an end.
Value Instance::own_value(const Point& point) const {
  Value out{point.size, point.head, base_.value.epoch};
  if (base_.nulls == 0) out.state = setting_.chains.state_at(name_, point.size);
  return out;
}

/// What a voter may prepare: its own fold comes to the head, and to the state if there is one.
bool Instance::holds(const Value& value) const {
  return is_own(value) &&
         (!value.state || setting_.chains.state_at(name_, value.size) == value.state);
}

bool Instance::is_own(const Value& value) const {
  return setting_.chains.head_at(name_, value.size) == value.head;
}

void Instance::on_vote(Instant now, SignedStatement vote, Effects& out) {
  const Statement& s = vote.statement;
  if (closed_) return;
  if (s.epoch != epoch()) return hear_elsewhere(vote, out);
  if (!is_ours(s) || !setting_.roster.lists(vote.voter, s.incarnation)) return;
  setting_.suspects.erase(vote.voter);
  const Phase phase = s.phase;
  const std::uint32_t view = s.view;
  const Value value = *s.value;
  const PeerId voter = vote.voter;
  keep(std::move(vote), out);
  tally(now, phase, view, value, out);
  if (phase == Phase::prepare && view == 0) weigh(now, voter, value, out);
}

/// A quorum of another epoch may have decided: before its roster handed over, or after ours did.
void Instance::hear_elsewhere(const SignedStatement& vote, Effects& out) {
  const Statement& s = vote.statement;
  const membership::Roster* roster = setting_.rosters->find(s.epoch);
  const bool counts = s.phase == Phase::commit && s.subject == subject_ && s.height == height_ &&
                      roster != nullptr && roster->lists(vote.voter, s.incarnation);
  if (!counts) return;
  const auto [held, fresh] = elsewhere_.try_emplace(vote.voter, vote);
  const Statement& before = held->second.statement;
  if (!fresh && std::tie(before.epoch, before.view) >= std::tie(s.epoch, s.view)) return;
  held->second = vote;
  std::map<PeerId, SignedStatement> equal;
  for (const auto& [voter, other] : elsewhere_) {
    const Statement& theirs = other.statement;
    const bool same = theirs.epoch == s.epoch && theirs.view == s.view && theirs.value == s.value;
    if (same) equal.emplace(voter, other);
  }
  if (equal.size() < membership::quorum(roster->size())) return;
  Certificate certificate = membership::certificate_from(equal);
  if (!may_follow(certificate)) return;
  closed_ = true;
  out.closed = std::move(certificate);
}

bool Instance::may_follow(const Certificate& certificate) const {
  const bool entered = kind_ != SubjectKind::roster && setting_.in_epoch();
  if (!entered || certificate.epoch >= epoch()) return true;
  return lock_ && lock_->lock.value == certificate.value;
}

const Value* Instance::inherited() const {
  return lock_ && lock_->lock.epoch != epoch() ? &lock_->lock.value : nullptr;
}

std::vector<SignedStatement> Instance::lock_proof() const {
  std::vector<SignedStatement> proof;
  if (!lock_) return proof;
  proof.reserve(lock_->proof.size());
  for (const Cast& vote : lock_->proof) proof.push_back(*vote);
  return proof;
}

void Instance::take_over(std::vector<SignedStatement> prepares) {
  VOUCH_CHECK(own_.empty() && !prepares.empty());
  const Statement& first = prepares.front().statement;
  lock_ = Held{{first.view, *first.value, first.epoch}, {}};
  for (SignedStatement& vote : prepares) {
    lock_->proof.push_back(std::make_shared<const SignedStatement>(std::move(vote)));
  }
}

/// Others may be bound to nothing, or to another lock: a view decides soon.
void Instance::await_inherited(Instant now) {
  if (inherited() == nullptr || closed_ || !setting_.votes()) return;
  if (view_ == 0 && !evidence_until_) evidence_until_ = now + evidence_wait();
  if (kind_ != SubjectKind::stream && view_ == 1 && !view_until_) await(now);
}

/// Prepares of view 0 for two points are evidence, even when both lie on one chain: nobody votes
/// twice, so that neither may ever find its quorum (R5). When surely none will, nobody waits for
/// T0, but where the last try gave null: who goes on to differ goes slowly. It is the evidence of
/// whoever left the own chain, else of either that is another voter.
void Instance::weigh(Instant now, const PeerId& voter, const Value& value, Effects& out) {
  if (closed_ || view_ != 0) return;
  for (const Cast& cast : votes_.all()) {
    const Statement& other = cast->statement;
    if (other.phase != Phase::prepare || other.view != 0 || *other.value == value) continue;
    const bool blame_other = voter == setting_.self() || (holds(value) && !holds(*other.value));
    const Value& claim = blame_other ? *other.value : value;
    on_evidence(now,
                {blame_other ? cast->voter : voter, claim, std::min(value.size, other.value->size)},
                out);
    if (view_ == 0 && base_.nulls == 0 && is_hopeless()) return change_view(now, 1, out);
    if (evidence_until_) return;
  }
}

bool Instance::is_hopeless() const {
  std::map<Value, std::size_t> votes;
  std::size_t most = 0, silent = setting_.roster.size();
  for (const Cast& cast : votes_.all()) {
    const Statement& s = cast->statement;
    if (s.phase != Phase::prepare || s.view != 0) continue;
    most = std::max(most, ++votes[*s.value]);
    --silent;
  }
  return most + silent < setting_.quorum();
}

/// A lock or a certificate may be of another epoch than what is heard in this one.
void Instance::compare(const SignedStatement& held, const SignedStatement& vote, Effects& out) {
  const Statement &one = held.statement, &other = vote.statement;
  const bool here = one.epoch == other.epoch && one.incarnation == other.incarnation;
  if (here && one != other) out.contradictions.push_back({held, vote});
}

void Instance::on_certificate(const Certificate& certificate, Effects& out) const {
  for (const Certificate::Commit& commit : certificate.commits) {
    const auto* held = votes_.find(commit.voter, Phase::commit, certificate.view);
    if (held == nullptr) continue;
    compare(*held, {commit.voter, certificate.statement(commit), commit.path, commit.signature},
            out);
  }
}

void Instance::keep(SignedStatement vote, Effects& out) {
  const Statement& s = vote.statement;
  if (s.phase != Phase::prepare && s.phase != Phase::commit) return;
  const auto* held = votes_.find(vote.voter, s.phase, s.view);
  if (held != nullptr) return compare(*held, vote, out);
  votes_.keep(std::move(vote));
}

/// Votes of a quorum for one value in `view`, by voter; empty while there is no such value.
std::vector<Cast> Instance::agreeing(Phase phase, std::uint32_t view) const {
  for (const Cast& one : votes_.all()) {
    const auto same = [&one, phase, view](const Cast& other) {
      const Statement& s = other->statement;
      return s.phase == phase && s.view == view && s.value == one->statement.value;
    };
    if (!same(one)) continue;
    if (std::size_t(std::ranges::count_if(votes_.all(), same)) < setting_.quorum()) continue;
    std::vector<Cast> out;
    out.reserve(setting_.roster.size());
    std::ranges::copy_if(votes_.all(), std::back_inserter(out), same);
    return out;
  }
  return {};
}

bool Instance::has_quorum(Phase phase, std::uint32_t view, const Value& value) const {
  const auto count = std::ranges::count_if(votes_.all(), [&](const Cast& cast) {
    const Statement& s = cast->statement;
    return s.phase == phase && s.view == view && s.value == value;
  });
  return std::size_t(count) >= setting_.quorum();
}

/// After one more vote: only its value can have a quorum now that had none before.
void Instance::tally(Instant now, Phase phase, std::uint32_t view, const Value& value,
                     Effects& out) {
  const bool all = tallied_ != view_ || !setting_.votes();
  if (all || has_quorum(phase, view, value)) tally(now, out);
}

void Instance::lock_and_commit(Instant now, std::vector<Cast> prepared, Effects& out) {
  const Value value = *prepared.front()->statement.value;
  lock_ = Held{{view_, value, epoch()}, std::move(prepared)};
  if (!began_) began_ = now;
  vote(Phase::commit, value, out);
}

void Instance::tally(Instant now, Effects& out) {
  if (closed_) return;
  tallied_ = view_;
  if (setting_.votes() && !said(Phase::commit, view_)) {
    auto prepared = agreeing(Phase::prepare, view_);
    if (!prepared.empty()) lock_and_commit(now, std::move(prepared), out);
  }
  std::set<std::uint32_t> views;
  for (const Cast& cast : votes_.all()) {
    if (cast->statement.phase == Phase::commit) views.insert(cast->statement.view);
  }
  for (const std::uint32_t view : views) {
    const auto commits = agreeing(Phase::commit, view);
    if (commits.empty()) continue;
    std::vector<const SignedStatement*> votes;
    for (const Cast& cast : commits) votes.push_back(cast.get());
    closed_ = true;
    out.closed = membership::certificate_from(votes);
    return;
  }
}

void Instance::spoken(Instant now, const SignedStatement& vote, Effects& out) {
  const Statement& s = vote.statement;
  if (!is_ours(s)) return;  // an epoch ended as it was signed
  if (s.phase == Phase::view_change) {
    ViewChange change = own_view_change(vote);
    out.tell.emplace_back(change);
    on_view_change(now, change, out);
  } else if (s.phase == Phase::new_view) {
    if (!draft_ || s.view != view_) return;
    NewView view = std::move(*std::exchange(draft_, nullptr));
    view.vote = vote;
    out.tell.emplace_back(view);
    Choice choice;
    if (follows(view, choice)) accept(now, view, choice, out);
  } else {
    if (s.view > 0) {
      out.tell.emplace_back(vote);
      if (!resend_at_) resend_at_ = now + resend_;
    }
    on_vote(now, vote, out);
  }
}

Bytes Instance::encode() const {
  const std::size_t proof = lock_ ? lock_->proof.size() * signed_bytes : 0;
  ByteWriter out(16 + own_.size() * statement_bytes + proof);
  out.leb(view_);
  out.leb(own_.size());
  for (const auto& [place, statement] : own_) write_statement(out, statement);
  out.u8(lock_ ? 1 : 0);
  if (lock_) {
    out.leb(lock_->proof.size());
    for (const Cast& vote : lock_->proof) write_signed(out, *vote);
  }
  return out.take();
}

bool Instance::restore(ByteView bytes) {
  ByteReader in(bytes);
  view_ = static_cast<std::uint32_t>(in.leb());
  const std::size_t count = in.count(SubjectId::size);
  if (count > own_statements_max) return false;
  for (std::size_t i = 0; in.ok() && i < count; ++i) {
    const Statement statement = read_statement(in);
    own_[{statement.view, statement.phase}] = statement;
  }
  if (in.u8() == 1) {
    Held held;
    const std::size_t votes = in.count(PeerId::size);
    for (std::size_t i = 0; in.ok() && i < votes; ++i) {
      held.proof.push_back(std::make_shared<const SignedStatement>(read_signed(in)));
    }
    if (held.proof.empty() || !held.proof.front()->statement.value) return false;
    const Statement& first = held.proof.front()->statement;
    held.lock = {first.view, *first.value, first.epoch};
    lock_ = std::move(held);
  }
  return in.done();
}

void Instance::resume(Instant now, Effects& out) {
  if (!setting_.votes()) return;
  // The next roster is open from the start, whether or not anybody ever proposes one. What was
  // heard of it before this voter could speak ran into timers that did nothing.
  const bool untouched = view_ == 1 && own_.empty() && !lock_ && !began_;
  if (kind_ == SubjectKind::roster && untouched) return;
  // A quorum of view-changes was seen here, and is forgotten: the timer that they started goes on.
  const bool locked_here = lock_ && lock_->lock.view == view_ && lock_->lock.epoch == epoch();
  const bool entered = locked_here || !said(Phase::view_change, view_);
  for (const auto& [place, statement] : own_) {
    // What was said in view 0 stands in the own log; a view-change whose lock was replaced cannot
    // be proven any more, and who needs it gets the commit.
    const auto& [view, phase] = place;
    if (view != view_ || view == 0 || phase == Phase::new_view) continue;
    if (phase == Phase::view_change && locked_here) continue;
    out.say.push_back(statement);
  }
  if (view_ > 0) resend_at_ = now + resend_;
  if (view_ > 0 && entered) await(now);
  tally(now, out);  // others may have voted before this voter could
  lead(out);
  prepare(now, out);
}

}  // namespace vouch::consensus
