// The prepares and commits that were cast in one instance, flat: of each voter those of view 0,
// whose log has them for good, and those of its highest view, since a voter never goes back. What
// is shared with locks is not copied. Absent: whose vote counts, and what follows (instance.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <memory>
#include <tuple>
#include <vector>

#include "vouch/schemas/votes.hpp"

namespace vouch::consensus {

using Cast = std::shared_ptr<const SignedStatement>;

class CastVotes {
 public:
  /// Keeps a vote whose place is free, unless its voter was heard in a higher view.
  void keep(SignedStatement vote) {
    const Statement& s = vote.statement;
    const auto [first, last] = of(vote.voter, s.phase);
    const auto above = last != first && (*std::prev(last))->statement.view != 0 ? last - 1 : last;
    if (s.view == 0 || above == last) {
      votes_.insert(s.view == 0 ? first : last, share(std::move(vote)));
    } else if ((*above)->statement.view < s.view) {
      *above = share(std::move(vote));
    }
  }
  /// Nothing when it was not heard, or is not kept any more.
  const SignedStatement* find(const PeerId& voter, Phase phase, std::uint32_t view) const {
    const auto place = std::tie(phase, voter, view);
    const auto found = std::ranges::find_if(
        votes_, [&place](const Cast& cast) { return place_of(cast) == place; });
    return found == votes_.end() ? nullptr : found->get();
  }
  /// By phase, voter and view.
  const std::vector<Cast>& all() const { return votes_; }

 private:
  using Votes = std::vector<Cast>;

  static std::tuple<const Phase&, const PeerId&, const std::uint32_t&> place_of(const Cast& cast) {
    return std::tie(cast->statement.phase, cast->voter, cast->statement.view);
  }
  static Cast share(SignedStatement vote) {
    return std::make_shared<const SignedStatement>(std::move(vote));
  }
  std::pair<Votes::iterator, Votes::iterator> of(const PeerId& voter, Phase phase) {
    const auto before = [](const Cast& cast, const std::pair<Phase, PeerId>& place) {
      return std::tie(cast->statement.phase, cast->voter) < std::tie(place.first, place.second);
    };
    const auto first =
        std::lower_bound(votes_.begin(), votes_.end(), std::pair(phase, voter), before);
    auto last = first;
    while (last != votes_.end() && (*last)->statement.phase == phase && (*last)->voter == voter) {
      ++last;
    }
    return {first, last};
  }

  Votes votes_;
};

}  // namespace vouch::consensus
