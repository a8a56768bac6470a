// SPDX-License-Identifier: MIT
#include "vouch/consensus/choice.hpp"

#include <map>
#include <tuple>

#include "vouch/crdt/check.hpp"
#include "vouch/membership/quorum.hpp"

namespace vouch::consensus {
namespace {

/// A claim beyond the base.
bool claims(const Base& base, const ViewChange& change) {
  return change.links && change.vote.statement.value->size > base.value.size;
}

struct Child {
  validator::Entry entry;
  std::vector<const ViewChange*> claimants;
};

/// The child that most of `claimants` have at `at` among those with at least `least`; ties go to
/// the smaller head. Nothing when no child has so many.
std::optional<Child> most_claimed(const ChoiceContext& context,
                                  const std::vector<const ViewChange*>& claimants, std::uint64_t at,
                                  std::size_t least) {
  std::map<validator::Entry, std::vector<const ViewChange*>> children;
  for (const ViewChange* change : claimants) {
    const LinkList& links = *change->links;
    if (at < change->vote.statement.value->size) {
      children[links.entries[at - links.first]].push_back(change);
    }
  }
  std::optional<Child> best;
  std::optional<Hash> best_head;
  for (auto& [entry, by] : children) {
    if (by.size() < least) continue;
    const auto head = head_of(context.name, context.rule_set, *by.front()->links, at + 1);
    const bool better = !best || by.size() > best->claimants.size() ||
                        (by.size() == best->claimants.size() && *head < *best_head);
    if (!better) continue;
    best = Child{entry, std::move(by)};
    best_head = head;
  }
  return best;
}

/// What one honest voter at least says of the state there, of equals the smaller one. Claims agree
/// there in the head, so honest ones in the state; where none has so many, nothing is certified of
/// it.
std::optional<Hash> most_claimed_state(const ChoiceContext& context, std::uint64_t size,
                                       const std::vector<const ViewChange*>& claimants) {
  std::map<Hash, std::size_t> states;
  for (const ViewChange* change : claimants) {
    const Value& claim = *change->vote.statement.value;
    if (claim.size == size && claim.state) ++states[*claim.state];
  }
  std::optional<Hash> best;
  std::size_t most = membership::one_honest(context.voters) - 1;
  for (const auto& [state, count] : states) {
    if (count <= most) continue;
    best = state;
    most = count;
  }
  return best;
}

Choice point(const ChoiceContext& context, const Base& base, std::uint64_t size,
             const std::vector<const ViewChange*>& claimants) {
  Choice out;
  out.reason = Reason::point;
  out.links = &*claimants.front()->links;
  out.value = {size, *head_of(context.name, context.rule_set, *out.links, size), base.value.epoch};
  if (base.nulls == 0) out.value.state = most_claimed_state(context, size, claimants);
  for (const ViewChange* change : claimants) out.holders.push_back(change->vote.voter);
  return out;
}

}  // namespace

bool outranks(const Lock& one, const Lock& other) {
  return std::tie(one.epoch, one.view) > std::tie(other.epoch, other.view);
}

bool links_fit(const ChoiceContext& context, const Base& base, const ViewChange& change) {
  const std::optional<Value>& claim = change.vote.statement.value;
  if (!claim) return !change.links;
  if (context.kind != SubjectKind::stream) return !change.links;
  if (!change.links || claim->epoch != base.value.epoch) return false;
  const LinkList& links = *change.links;
  if (links.size() != claim->size || claim->size < base.value.size) return false;
  const auto head = [&](std::uint64_t size) {
    return head_of(context.name, context.rule_set, links, size);
  };
  return head(claim->size) == claim->head && head(base.value.size) == base.value.head;
}

Choice choose(const ChoiceContext& context, const Base& base, std::uint32_t view,
              const std::vector<ViewChange>& basis) {
  const Lock* lock = nullptr;
  for (const ViewChange& change : basis) {
    const std::optional<Lock>& held = change.vote.statement.lock;
    if (held && (lock == nullptr || outranks(*held, *lock))) lock = &*held;
  }
  if (lock != nullptr) return {lock->value, Reason::lock, nullptr, {}};
  Choice null{base.value, Reason::null, nullptr, {}};
  if (view > context.voters) return null;
  std::vector<const ViewChange*> claimants;
  for (const ViewChange& change : basis) {
    if (claims(base, change)) claimants.push_back(&change);
  }
  const std::size_t honest = membership::one_honest(context.voters);
  std::uint64_t size = base.value.size;
  std::vector<const ViewChange*> with = claimants;
  while (auto child = most_claimed(context, with, size, honest)) {
    with = std::move(child->claimants);
    ++size;
  }
  if (size > base.value.size) return point(context, base, size, with);
  if (base.nulls == 0 || claimants.empty()) return null;
  const auto tie = most_claimed(context, claimants, size, 1);
  VOUCH_CHECK(tie.has_value());
  return point(context, base, size + 1, tie->claimants);
}

}  // namespace vouch::consensus
