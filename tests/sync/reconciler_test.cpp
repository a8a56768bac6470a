// When a peer takes over what others hold of a state: as many as make one honest, alike, from equal
// logs, and more than are on its own side.
// SPDX-License-Identifier: MIT
#include "vouch/sync/reconciler.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include "tests/sync/four_voters.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/state/state_sum.hpp"

namespace vouch::sync::reconciler_test {
namespace {

using std::chrono::seconds;

using four::ids;
using four::key;
using four::Voter;
using four::voters;

/// Voter 3 wrote, all others read it, and voter 0 has forgotten a stream.
struct Reconciling : testing::Test {
  std::vector<std::unique_ptr<Voter>> all;
  Reconciler reconciler{seconds(1)};
  Instant now{};

  Reconciling() {
    for (std::uint8_t n = 0; n < voters; ++n) all.push_back(std::make_unique<Voter>(n));
    Replica& writer = all[3]->replica;
    writer.write_as(1);
    Records records;
    for (const char* name : {"a", "b", "c"}) records.attestations.push_back({name, 0, 9, {}, {}});
    records.finished = {"a", "b"};
    writer.write(records, all[3]->out);
    for (std::uint8_t n = 0; n < 3; ++n)
      all[n]->replica.receive(all[3]->out.publish[0], all[n]->out);
    forget(0, "b");
  }

  /// As a disk does that loses cells.
  void forget(std::uint8_t n, const std::function<void(state::State&)>& lose) {
    AgreedLeaves rest;
    for (std::uint16_t leaf = 0; leaf < limits::state_leaves; ++leaf) rest.leaves.insert(leaf);
    rest.cells = all[n]->replica.state();
    lose(rest.cells);
    all[n]->replica.replace(rest, all[n]->out);
  }
  void forget(std::uint8_t n, const std::string& stream) {
    forget(n, [&stream](state::State& state) {
      state.streams.erase(stream);
      state.finished.erase(stream);
    });
  }
  std::optional<AgreedLeaves> tick(Outbox& out) {
    std::vector<PeerId> others = ids();
    others.erase(others.begin());
    return reconciler.on_tick(now, all[0]->replica, others, voters, out);
  }
  /// What voter `n` says that its state is; changed by `lie`.
  using Lie = std::function<void(Leaves*, Cells*)>;
  void answer(
      std::uint8_t n, const Outbox& out, const Lie& lie = [](Leaves*, Cells*) {}) {
    for (const Send& send : out.sends) {
      if (send.to != key(n).id()) continue;
      const Replica& replica = all[n]->replica;
      if (const auto* ask = std::get_if<AskCells>(&send.message.body)) {
        Cells cells = cells_of(replica, *ask);
        lie(nullptr, &cells);
        reconciler.on_cells(send.to, send.message.id, cells);
      } else {
        Leaves leaves{replica.short_digest(), replica.state_sum().leaves(), {}};
        lie(&leaves, nullptr);
        reconciler.on_leaves(send.to, send.message.id, leaves);
      }
    }
  }
  /// A whole round in which these voters answer; whether something was taken over.
  bool round(const std::map<std::uint8_t, Lie>& answers) {
    reconciler.on_differing();
    now += std::chrono::minutes(2);
    for (int step = 0; step < 3; ++step) {
      Outbox out;
      if (const auto agreed = tick(out)) {
        all[0]->replica.replace(*agreed, all[0]->out);
        return true;
      }
      for (const auto& [n, lie] : answers) answer(n, out, lie);
      now += seconds(1);
    }
    Outbox out;
    const auto agreed = tick(out);
    if (agreed) all[0]->replica.replace(*agreed, all[0]->out);
    return agreed.has_value();
  }
  bool right() const {
    return all[0]->replica.state() == all[3]->replica.state() &&
           all[0]->replica.state_digest() == all[3]->replica.state_digest();
  }
};

const Reconciling::Lie honest = [](Leaves*, Cells*) {};

TEST_F(Reconciling, TwoOfFourThatAgreeAreEnough) {
  EXPECT_FALSE(right());
  EXPECT_TRUE(round({{1, honest}, {2, honest}}));
  EXPECT_TRUE(right());
}

TEST_F(Reconciling, OneOfFourMayLie) {
  EXPECT_FALSE(round({{1, honest}}));
  EXPECT_FALSE(right());
}

TEST_F(Reconciling, WhoAgreesWithUsHoldsUsBack) {
  forget(1, "b");
  EXPECT_FALSE(round({{1, honest}, {2, honest}, {3, honest}}));
}

TEST_F(Reconciling, WhatNoQuorumHoldsAlikeIsASplit) {
  forget(1, "b");
  EXPECT_FALSE(round({{1, honest}, {2, honest}, {3, honest}}));
  EXPECT_EQ(reconciler.splits(), 1u) << "two against two";
  EXPECT_FALSE(round({{1, honest}, {2, honest}, {3, honest}}));
  EXPECT_EQ(reconciler.splits(), 2u);
  forget(0, [this](state::State& state) { state = all[3]->replica.state(); });
  EXPECT_FALSE(round({{1, honest}, {2, honest}, {3, honest}}));
  EXPECT_EQ(reconciler.splits(), 0u) << "three against one, which puts itself right";
}

TEST_F(Reconciling, WhoIsRightChangesNothing) {
  ASSERT_TRUE(round({{1, honest}, {2, honest}}));
  forget(1, "c");
  EXPECT_FALSE(round({{1, honest}, {2, honest}, {3, honest}}));
}

TEST_F(Reconciling, StatesOfOtherLogsSayNothing) {
  const Reconciling::Lie ahead = [](Leaves* leaves, Cells* cells) {
    (leaves != nullptr ? leaves->frontier : cells->frontier) = FrontierDigest{{1}};
  };
  EXPECT_FALSE(round({{1, honest}, {2, ahead}}));
}

/// Alike in the sums, which nobody who invents cells has to hash for.
TEST_F(Reconciling, CellsAreComparedAndNotTheirSums) {
  const Reconciling::Lie forges = [](Leaves*, Cells* cells) {
    if (cells == nullptr) return;
    state::State forged;
    for (const auto& [cell, row] : cells->cells) {
      ASSERT_TRUE(state::restore_cell(cell, row, forged));
    }
    forged.finished.erase("b");
    cells->cells.clear();
    state::visit_cells(forged, forged, [cells](Bytes cell, Bytes row) {
      cells->cells.push_back({std::move(cell), std::move(row)});
    });
  };
  EXPECT_FALSE(round({{1, honest}, {2, forges}}));
  EXPECT_TRUE(round({{1, honest}, {2, forges}, {3, honest}}));
  EXPECT_TRUE(right());
}

/// What votes come to is the same: the signature is not, and what does not convince is not taken.
TEST_F(Reconciling, EvidenceComesFromWhoHasIt) {
  const auto statements = [] {
    Statement s;
    s.phase = Phase::prepare;
    s.subject = stream_subject(cluster_id("tests"), "v");
    s.incarnation = 1;
    s.value = Value{64, {}, 0};
    return std::vector{s};
  }();
  Records records;
  records.ballot = {statements,
                    sign_bundle(cluster_id("tests"), key(3), statements).front().signature};
  Outbox sent;
  all[3]->replica.write(records, sent);
  for (std::uint8_t n = 0; n < 3; ++n) all[n]->replica.receive(sent.publish[0], all[n]->out);
  const Reconciling::Lie forges = [](Leaves*, Cells* cells) {
    if (cells == nullptr) return;
    for (auto& [cell, row] : cells->cells) {
      if (cell.front() == 'p') row.back() ^= 1;
    }
  };
  for (const std::uint8_t liar : {1, 2}) {
    SCOPED_TRACE(int{liar});
    forget(0, [](state::State& state) { state.prepares = {}; });
    const std::uint8_t other = liar == 1 ? 2 : 1;
    EXPECT_TRUE(round({{liar, forges}, {other, honest}}));
    EXPECT_TRUE(all[0]->replica.state().prepares == all[3]->replica.state().prepares);
  }
}

TEST_F(Reconciling, CellsThatNobodyAskedForSpoilAnAnswer) {
  const Reconciling::Lie adds = [this](Leaves*, Cells* cells) {
    if (cells == nullptr) return;
    std::uint16_t other = 0;
    while (std::ranges::count(cells->leaves, other) != 0) ++other;
    state::State more;
    for (int i = 0; more.finished.empty(); ++i) {
      const std::string name = std::to_string(i);
      if (state::leaf_of_stream(name) != other) continue;
      more.finished = all[3]->replica.state().finished;
      more.finished.join_at(name, *more.finished.find("a"));
    }
    state::visit_cells(more, more, [cells](Bytes cell, Bytes row) {
      cells->cells.push_back({std::move(cell), std::move(row)});
    });
  };
  EXPECT_FALSE(round({{1, honest}, {2, adds}}));
}

TEST_F(Reconciling, WhoIsRightAsksLessAndLessOften) {
  ASSERT_TRUE(round({{1, honest}, {2, honest}}));
  int asked = 0;
  for (int second = 0; second < 600; ++second) {
    now += seconds(1);
    reconciler.on_differing();
    Outbox out;
    ASSERT_FALSE(tick(out));
    asked += out.sends.empty() ? 0 : 1;
    for (std::uint8_t n = 1; n < voters; ++n) answer(n, out);
  }
  EXPECT_LE(asked, 16);
  EXPECT_GE(asked, 10) << "it never gives up";
}

}  // namespace
}  // namespace vouch::sync::reconciler_test
