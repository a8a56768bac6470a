// What scripts about rosters that change look at, and how they begin.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tests/consensus/council.hpp"
#include <gtest/gtest.h>

namespace vouch::consensus {

using Indices = std::vector<Council::Index>;

/// Their chains are now the first `have` entries of a branch.
inline void hold_all(Council& council, const Indices& voters, std::uint64_t have,
                     std::size_t branch = 0) {
  for (const Council::Index voter : voters) council.hold(voter, branch, have);
}

/// They know of this epoch, and are in it.
inline void expect_epoch(const Council& council, const Indices& voters, std::uint32_t epoch) {
  for (const Council::Index voter : voters) {
    EXPECT_EQ(council.epoch(voter), epoch) << voter;
    EXPECT_EQ(council.entered(voter), epoch) << voter;
  }
}

inline void expect_certified(const Council& council, const Indices& voters, const Value& value) {
  for (const Council::Index voter : voters) {
    EXPECT_EQ(council.certified(voter).value, value) << voter;
  }
}

/// Of the first roster 0 and 1 are locked on branch 0, and 2 may have committed to it before it
/// died: nobody knows. The voters 4, 5 and 6, who are to come, have branch 1.
inline void lock_and_lose_one(Council& council) {
  council.fate = [](Council::Index voter, const std::vector<Statement>& said) {
    return voter == 2 && !said.empty() ? Council::Fate::dies_after_storing : Council::Fate::lives;
  };
  const SubjectId subject = council.statement(Phase::prepare, 0, std::nullopt).subject;
  council.passes = [subject](Council::Index from, Council::Index to, const Body& body) {
    const Statement* s = statement_in(body);
    const bool dispute = s != nullptr && s->subject == subject && s->epoch == 0 && s->view > 0;
    return !dispute && (from != 2 || to != 3);
  };
  hold_all(council, {0, 1, 2}, 2);
  hold_all(council, {4, 5, 6}, 2, 1);
  council.run(std::chrono::milliseconds(20));
}

}  // namespace vouch::consensus
