// Standing on a slate, and leaving it.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/instance.hpp"
#include "vouch/crdt/check.hpp"

namespace vouch::consensus {

bool Instance::untouched() const {
  const bool silent = own_.empty() || (draft_ != nullptr && own_.size() == 2);
  return view_ == 1 && silent && !closed_ && !lock_ && !accepted_ && votes_.all().empty() &&
         changes_.empty() && elsewhere_.empty();
}

std::optional<Value> Instance::led() const {
  const auto said = own_.find({view_, Phase::new_view});
  return said == own_.end() ? std::nullopt : said->second.value;
}

void Instance::leave_slate(Instant now, const Instance& slate, const SpreadOne& spread_one,
                           const SpreadVote& spread_vote, Effects& out) {
  VOUCH_CHECK(on_slate_);
  on_slate_ = false;
  for (const auto& [place, statement] : slate.own_) {
    own_[place] = spread_one(statement);
    const auto [view, phase] = place;
    const bool heard = phase == Phase::new_view
                           ? slate.accepted_ != nullptr
                           : slate.votes_.find(setting_.self(), phase, view) != nullptr;
    if (!heard) out.say.push_back(own_[place]);  // not signed yet
  }
  out.changed |= !own_.empty();
  if (slate.lock_) {
    Held held{slate.lock_->lock, {}};
    for (const Cast& vote : slate.lock_->proof) {
      held.proof.push_back(std::make_shared<const SignedStatement>(spread_vote(*vote)));
    }
    held.lock.value = *held.proof.front()->statement.value;
    lock_ = std::move(held);
  }
  if (!began_) began_ = slate.began_;
  if (!view_until_) {
    view_until_ = slate.view_until_;
    awaited_ = slate.awaited_;
    if (!awaited_first_) awaited_first_ = slate.awaited_first_;
  }
  // Others may have left it before they heard all of it.
  if (slate.accepted_ || !slate.votes_.all().empty()) resend_at_ = now;
  if (slate.accepted_) {
    draft_.reset();
    NewView view{spread_vote(slate.accepted_->vote), {}};
    Choice choice;
    if (follows(view, choice)) accept(now, view, choice, out);
  }
  for (const Cast& vote : slate.votes_.all()) on_vote(now, spread_vote(*vote), out);
}

}  // namespace vouch::consensus
