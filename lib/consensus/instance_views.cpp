// Leaving a view, leading one, entering one (PROTOCOL R6 to R9).
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <tuple>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/instance.hpp"
#include "vouch/consensus/locks.hpp"
#include "vouch/crdt/check.hpp"

namespace vouch::consensus {

PeerId Instance::primary(std::uint32_t view) const {
  return leader_ ? *leader_ : setting_.primary(subject_, height_, view);
}

/// Voters whose latest view-change is for `view` or higher.
std::size_t Instance::moved(std::uint32_t view) const {
  return static_cast<std::size_t>(std::count_if(
      changes_.begin(), changes_.end(),
      [view](const auto& entry) { return entry.second.vote.statement.view >= view; }));
}

Duration Instance::patience() const {
  // Once around: beyond that everybody gets its chance, or views would run away from the network.
  // Who has no vote leaves no view: it would be in this one again at once, and for ever.
  const bool first_round = view_ <= setting_.roster.size();
  if (first_round && setting_.votes() && setting_.suspects.contains(primary(view_))) {
    return Duration{};
  }
  const std::uint32_t doublings = std::min(view_ - 1, setting_.timing.doublings_max);
  Duration limit = setting_.view_pace.limit();
  // What was asked for at once is decided one after the other; no pace was measured of that yet.
  if (kind_ == SubjectKind::proposal || kind_ == SubjectKind::slate) {
    const Duration others = setting_.timing.each_open * static_cast<std::int64_t>(setting_.open);
    limit = std::max(limit, std::min(limit + others, setting_.timing.view.ceiling));
  }
  return std::min(limit * (std::int64_t{1} << doublings),
                  std::max(limit, setting_.timing.view_max));
}

/// Starts the timer of the current view.
void Instance::await(Instant now) {
  view_until_ = now + patience();
  awaited_ = now;
  if (!awaited_first_) awaited_first_ = now;
}

/// Closings with nothing are spaced ever wider.
Duration Instance::evidence_wait() const {
  const Duration once = setting_.gossip_pace.limit();
  const Duration wait = once * (std::int64_t{1} << std::min(base_.nulls, 20U));
  return std::min(wait, std::max(once, setting_.timing.evidence_max));
}

void Instance::enter(Instant now, std::uint32_t view, Effects& out) {
  VOUCH_CHECK(view > view_ || (view == 1 && view_ == 1));
  out.changed |= view > view_;
  view_ = view;
  draft_.reset();
  accepted_.reset();
  chosen_.reset();
  folding_.reset();
  evidence_until_.reset();
  put_off_.clear();
  put_off_until_.reset();
  view_until_.reset();
  awaited_.reset();
  resend_ = std::max(setting_.timing.resend, setting_.view_pace.limit() / 2);
  resend_at_ = now + resend_;
  if (!began_) began_ = now;
}

void Instance::change_view(Instant now, std::uint32_t view, Effects& out) {
  if (!setting_.votes() || closed_) return;
  enter(now, view, out);
  Statement s;
  s.phase = Phase::view_change;
  s.subject = subject_;
  s.height = height_;
  s.view = view;
  s.epoch = epoch();
  s.incarnation = setting_.incarnation;
  if (lock_) s.lock = lock_->lock;
  if (kind_ == SubjectKind::stream && on_base()) {
    auto point = setting_.chains.end_after(name_, base_.value.size);
    if (!point) point = setting_.chains.tip(name_);
    const bool listed = point && point->size > base_.value.size &&
                        setting_.chains.links(name_, base_.value.size, point->size).has_value();
    if (listed) s.value = own_value(*point);
  }
  own_[{view, Phase::view_change}] = s;
  out.say.push_back(s);
}

ViewChange Instance::own_view_change(const SignedStatement& vote) const {
  ViewChange change{vote, std::nullopt, {}};
  if (vote.statement.value) {
    change.links = setting_.chains.links(name_, base_.value.size, vote.statement.value->size);
  }
  if (vote.statement.lock && lock_) change.lock_proof = lock_proof();
  return change;
}

bool Instance::lock_is_proven(const ViewChange& change) const {
  const std::optional<Lock>& lock = change.vote.statement.lock;
  if (!lock) return change.lock_proof.empty();
  const bool below = std::tie(lock->epoch, lock->view) <
                     std::tie(change.vote.statement.epoch, change.vote.statement.view);
  const auto proven = proven_lock(setting_, subject_, height_, change.lock_proof);
  return below && proven == *lock;
}

bool Instance::is_complete(const ViewChange& change) const {
  const Statement& s = change.vote.statement;
  return s.phase == Phase::view_change && s.view > 0 && is_ours(s) &&
         setting_.roster.lists(change.vote.voter, s.incarnation) &&
         links_fit(context(), base_, change) && lock_is_proven(change);
}

/// The prepares of a lock were said to somebody: another word may have been said to this voter.
void Instance::compare_lock(const ViewChange& change, Effects& out) const {
  for (const SignedStatement& vote : change.lock_proof) {
    const auto* held = votes_.find(vote.voter, Phase::prepare, vote.statement.view);
    if (held != nullptr) compare(*held, vote, out);
  }
}

void Instance::on_view_change(Instant now, const ViewChange& change, Effects& out) {
  const PeerId& voter = change.vote.voter;
  const auto held = changes_.find(voter);
  if (closed_) return;
  if (held != changes_.end()) {
    const Statement& before = held->second.vote.statement;
    const Statement& after = change.vote.statement;
    const bool listed = setting_.roster.lists(voter, after.incarnation);
    if (before.view == after.view && is_ours(after) && listed) {
      compare(held->second.vote, change.vote, out);
    }
    if (before.view >= after.view) return;
  }
  if (!is_complete(change)) return;
  compare_lock(change, out);
  changes_.insert_or_assign(voter, change);
  if (voter != setting_.self()) setting_.suspects.erase(voter);
  follow(now, out);
  notice_departure(now, out);
  lead(out);
}

/// Somebody left view 0, for a reason that may never reach this voter: it votes for what it has,
/// and follows after a while. Without anything beyond the base there is nothing to follow for.
void Instance::notice_departure(Instant now, Effects& out) {
  if (view_ != 0 || evidence_until_ || closed_ || changes_.empty()) return;
  if (!beyond_base()) return;
  const std::uint64_t size = setting_.chains.tip(name_)->size;
  for (const auto& [voter, change] : changes_) {
    const auto& claim = change.vote.statement.value;
    on_evidence(now, {voter, claim.value_or(Value{}), size}, out);
  }
}

/// One honest voter at least wants a higher view: go there, to the highest that f + 1 want.
void Instance::follow(Instant now, Effects& out) {
  std::vector<std::uint32_t> views;
  for (const auto& [voter, change] : changes_) views.push_back(change.vote.statement.view);
  std::sort(views.rbegin(), views.rend());
  const std::size_t honest = membership::one_honest(setting_.roster.size());
  if (views.size() >= honest && views[honest - 1] > view_) {
    change_view(now, views[honest - 1], out);
  }
  if (view_ > 0 && !view_until_ && moved(view_) >= setting_.quorum()) {
    await(now);
  }
}

bool Instance::is_legal(const Value& value) const {
  return std::ranges::any_of(legal_, [&](const auto& of) { return of.second.contains(value); });
}

/// Nothing without a legal value. Of those of liars the others may lack some, or all: whose value
/// it is changes with every view and height, so that an honest primary comes to an honest proposer.
/// Who is first changes with the subject, or the same key would win all of them.
std::optional<Value> Instance::legal_now() const {
  if (legal_.empty()) return std::nullopt;
  const std::size_t turn = std::size_t{subject_.bytes.front()} + height_ + view_;
  const auto& values = std::next(legal_.begin(), std::ptrdiff_t(turn % legal_.size()))->second;
  const std::size_t lap = turn / legal_.size();
  return *std::next(values.begin(), std::ptrdiff_t(lap % values.size()));
}

void Instance::lead(Effects& out) {
  const bool leads = setting_.votes() && view_ > 0 && primary(view_) == setting_.self();
  if (!leads || closed_ || said(Phase::new_view, view_)) return;
  NewView view;
  std::optional<Value> value;
  if (kind_ != SubjectKind::stream && view_ == 1) {
    value = legal_now();
    if (const Value* bound = inherited()) value = *bound;
  } else {
    for (const auto& [voter, change] : changes_) {
      const bool here = change.vote.statement.view == view_;
      if (here && view.basis.size() < setting_.quorum()) view.basis.push_back(change);
    }
    if (view.basis.size() < setting_.quorum()) return;
    const Choice choice = choose(context(), base_, view_, view.basis);
    value = choice.value;
    const bool free = kind_ != SubjectKind::stream && choice.reason != Reason::lock &&
                      view_ <= setting_.roster.size();
    if (free) value = legal_now().value_or(choice.value);
  }
  if (!value) return;
  vote(Phase::new_view, *value, out);
  if (!view.basis.empty()) {
    out.say.back().basis = basis_hash(view.basis);
    own_[{view_, Phase::new_view}] = out.say.back();
  }
  // Without a basis the choice rests on nothing that the others could add: it is accepted here as
  // it is made, and the prepare that follows from that leaves with it.
  const bool alone = view.basis.empty() && is_legal(*value);
  draft_ = std::make_unique<NewView>(std::move(view));
  if (alone && !said(Phase::prepare, view_)) vote(Phase::prepare, *value, out);
}

/// The new view's value is what its basis demands.
bool Instance::follows(const NewView& view, Choice& choice) const {
  const Statement& s = view.vote.statement;
  if (kind_ != SubjectKind::stream && s.view == 1) {
    if (inherited() != nullptr && *inherited() != *s.value) return false;
    choice.value = *s.value;
    choice.reason = Reason::point;
    return view.basis.empty() && s.basis == Hash{};
  }
  std::set<PeerId> voters;
  for (const ViewChange& change : view.basis) {
    const auto held = changes_.find(change.vote.voter);
    const bool known = held != changes_.end() && held->second == change;
    if (change.vote.statement.view != s.view) return false;
    if (!known &&
        (!is_complete(change) || !is_signed(setting_.cluster, setting_.signer, change.vote))) {
      return false;
    }
    voters.insert(change.vote.voter);
  }
  if (voters.size() != view.basis.size() || voters.size() < setting_.quorum()) return false;
  if (s.basis != basis_hash(view.basis)) return false;
  choice = choose(context(), base_, s.view, view.basis);
  if (kind_ != SubjectKind::stream && choice.reason != Reason::lock &&
      s.view <= setting_.roster.size() && *s.value != choice.value) {
    choice.value = *s.value;
    choice.reason = Reason::point;
  }
  return choice.value == *s.value;
}

void Instance::on_new_view(Instant now, const NewView& view, Effects& out) {
  const Statement& s = view.vote.statement;
  const bool fits = s.phase == Phase::new_view && is_ours(s) && s.view > 0 && s.view >= view_ &&
                    setting_.roster.lists(view.vote.voter, s.incarnation) &&
                    primary(s.view) == view.vote.voter;
  if (closed_ || !fits) return;
  if (accepted_ && accepted_->vote.statement.view == s.view) {
    return compare(accepted_->vote, view.vote, out);
  }
  Choice choice;
  if (!follows(view, choice)) return;
  setting_.suspects.erase(view.vote.voter);
  accept(now, view, choice, out);
}

/// Precondition: the view follows from its basis, with this choice.
void Instance::accept(Instant now, const NewView& view, const Choice& choice, Effects& out) {
  const Statement& s = view.vote.statement;
  if (s.view > view_) enter(now, s.view, out);
  for (const ViewChange& change : view.basis) {
    ViewChange& held = changes_[change.vote.voter];
    compare_lock(change, out);
    if (held.vote.statement.view == s.view) compare(held.vote, change.vote, out);
    if (held.vote.statement.view < s.view) held = change;
  }
  accepted_ = std::make_unique<NewView>(view);
  chosen_ = choice.value;
  chosen_for_ = choice.reason;
  if (kind_ == SubjectKind::stream && choice.reason == Reason::point) {
    folding_ = FoldWanted{choice.value, *choice.links, choice.holders};
    folding_->links.entries.resize(choice.value.size - folding_->links.first);
  }
  if (!view_until_) await(now);
  follow(now, out);
  if (view_ == s.view) prepare(now, out);
}

void Instance::prepare(Instant now, Effects& out) {
  if (!chosen_ || closed_ || !setting_.votes()) return;
  if (said(Phase::prepare, view_)) return tally(now, out);
  if (chosen_for_ == Reason::point) {
    if (kind_ != SubjectKind::stream) {
      if (!is_legal(*chosen_)) return;
    } else if (!holds(*chosen_)) {
      if (folding_) out.fold = folding_;
      return;
    }
  }
  vote(Phase::prepare, *chosen_, out);
}

void Instance::on_folded(Instant now, const Value& target, bool equal, Effects& out) {
  const bool current = view_ > 0 && chosen_ == target && chosen_for_ == Reason::point;
  if (!current || !equal || closed_ || !setting_.votes()) return;
  folding_.reset();
  if (!said(Phase::prepare, view_)) vote(Phase::prepare, target, out);
  tally(now, out);
}

void Instance::on_proposal(Instant now, const Value& value, Effects& out, const PeerId& proposer) {
  if (closed_ || kind_ == SubjectKind::stream) return;
  if (!legal_[proposer].insert(value).second || on_slate_) return;
  // A new view that came first waits for this.
  if (!began_ && view_ == 1 && !accepted_) {
    enter(now, 1, out);
    await(now);
  }
  if (!began_) began_ = now;  // or an earlier life left view 1
  lead(out);
  prepare(now, out);
}

void Instance::on_tick(Instant now, Effects& out) {
  if (closed_) return;
  if (put_off_until_ && now >= *put_off_until_) try_again(now, out);
  if (evidence_until_ && now >= *evidence_until_) {
    evidence_until_.reset();
    if (beyond_base()) change_view(now, 1, out);
  }
  if (view_until_ && now >= *view_until_) {
    view_until_.reset();
    const PeerId leader = primary(view_);
    if (patience() > Duration{}) {
      if (!accepted_ && leader != setting_.self()) setting_.suspects.insert(leader);
      if (view_ > setting_.timing.doublings_max) setting_.view_pace.missed(*awaited_, now);
    }
    change_view(now, view_ + 1, out);
    follow(now, out);
  }
  if (resend_at_ && now >= *resend_at_) {
    resend_ = std::min(resend_ * 2, setting_.timing.resend_max);
    resend_at_ = now + resend_;
    const auto change = changes_.find(setting_.self());
    if (change != changes_.end()) out.tell.emplace_back(change->second);
    const bool leads = accepted_ && accepted_->vote.voter == setting_.self();
    if (leads) out.tell.emplace_back(*accepted_);
    for (const Phase phase : {Phase::prepare, Phase::commit}) {
      const auto* vote = votes_.find(setting_.self(), phase, view_);
      if (vote != nullptr && view_ > 0) out.tell.emplace_back(*vote);
    }
    if (folding_ && !said(Phase::prepare, view_)) prepare(now, out);
  }
}

std::optional<Instant> Instance::next_deadline() const {
  std::optional<Instant> next;
  if (closed_) return next;
  for (const auto& at : {put_off_until_, evidence_until_, view_until_, resend_at_}) {
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

}  // namespace vouch::consensus
