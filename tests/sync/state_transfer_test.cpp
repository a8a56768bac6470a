// When a peer takes over a state whose logs are gone: what f+1 voters tell alike, who have read the
// logs so far, and nothing else, whatever f of them say.
// SPDX-License-Identifier: MIT
#include "vouch/sync/state_transfer.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include "tests/sync/four_voters.hpp"
#include "tests/sync/transfer_talk.hpp"
#include <gtest/gtest.h>

#include "vouch/state/state_sum.hpp"

namespace vouch::sync::state_transfer_test {
namespace {

using std::chrono::seconds;

using four::ids;
using four::key;
using four::Voter;
using four::voters;

/// Voter 3 wrote two batches, which all have read but voter 0. The first one is gone.
struct Transfer : testing::Test {
  std::vector<std::unique_ptr<Voter>> all;
  StateTransfer transfer{{seconds(1), std::chrono::milliseconds(100)}};
  Instant now{};
  std::vector<Bytes> batches;
  std::size_t taken_ends = 0;

  Transfer() {
    for (std::uint8_t n = 0; n < voters; ++n) all.push_back(std::make_unique<Voter>(n));
    Replica& writer = all[3]->replica;
    writer.write_as(1);
    writer.write(attests("a", 9, 1), all[3]->out);
    writer.write(attests("b", 7, 2), all[3]->out);
    batches = all[3]->out.publish;
    for (const Bytes& batch : batches) {
      for (const std::uint8_t n : {1, 2}) all[n]->replica.receive(batch, all[n]->out);
    }
  }
  const Replica& self() const { return all[0]->replica; }
  bool equal() const {
    return self().state_digest() == all[1]->replica.state_digest() &&
           self().frontier_digest() == all[1]->replica.frontier_digest();
  }

  using Lie = std::function<void(MessageBody&)>;
  static void honest(MessageBody&) {}
  /// Lets time pass while these voters answer, and takes over what comes of it.
  void run(const std::map<std::uint8_t, Lie>& tellers, int steps = 40) {
    std::vector<PeerId> others = ids();
    others.erase(others.begin());
    for (int step = 0; step < steps; ++step) {
      now += std::chrono::milliseconds(100);
      Outbox out;
      const auto taken = transfer.on_tick(now, self(), others, voters, 1000U + step, out);
      if (taken) {
        taken_ends += taken->ends.size();
        all[0]->replica.take_over(*taken, all[0]->out);
      }
      for (const Send& send : out.sends) {
        for (const auto& [n, lie] : tellers) {
          if (send.to != key(n).id()) continue;
          MessageBody answer = answer_of(all[n]->replica, {batches.back()}, send.message.body);
          lie(answer);
          hear(transfer, now, send.to, send.message.id, answer);
        }
      }
    }
  }
  void behind(std::initializer_list<std::uint8_t> who) {
    for (const std::uint8_t n : who) transfer.on_pulled(key(n).id(), true);
  }
};

TEST_F(Transfer, WhatAllTellIsTaken) {
  behind({1, 2, 3});
  run({{1, honest}, {2, honest}, {3, honest}});
  EXPECT_TRUE(equal());
  EXPECT_FALSE(transfer.running());
  EXPECT_EQ(transfer.begun(), 1U);
}

TEST_F(Transfer, OneThatSaysThatLogsAreGoneChangesNothing) {
  behind({1});
  run({{1, honest}, {2, honest}, {3, honest}});
  EXPECT_EQ(transfer.begun(), 0U);
  EXPECT_TRUE(self().state().empty());
}

TEST_F(Transfer, TwoAreEnoughAndOneIsNot) {
  behind({1, 2, 3});
  run({{2, honest}});
  EXPECT_TRUE(self().state().empty());
  EXPECT_EQ(taken_ends, 0U);
  run({{2, honest}, {3, honest}}, 200);
  EXPECT_TRUE(equal());
}

TEST_F(Transfer, OneThatTellsOtherCellsIsNotBelieved) {
  Voter liar(1);
  Log log{&key(3)};
  liar.replica.receive(log.write(attests("a", 9, 66)), liar.out);
  liar.replica.receive(log.write(attests("c", 7, 2)), liar.out);
  const Lie other = [&](MessageBody& answer) {
    auto* cells = std::get_if<Cells>(&answer);
    if (cells == nullptr) return;
    AskCells ask{cells->leaves, {}};
    for (const std::uint16_t leaf : {state::leaf_of_stream("a"), state::leaf_of_stream("c")}) {
      if (std::ranges::find(ask.leaves, leaf) == ask.leaves.end()) continue;
      *cells = cells_of(liar.replica, ask);
    }
  };
  behind({1, 2, 3});
  run({{1, other}, {2, honest}, {3, honest}});
  EXPECT_TRUE(self().state_digest() == all[2]->replica.state_digest());
  EXPECT_EQ(self().state().streams.find("c"), nullptr);
}

/// A liar and an honest one that lags: as many as f+1 have read all, and do not tell the same. Once
/// the other one has, nothing is missing.
TEST_F(Transfer, ALiarHidesNothingWhileAnotherOneLags) {
  all[2] = std::make_unique<Voter>(std::uint8_t{2});
  const Lie nothing = [](MessageBody& answer) {
    if (auto* cells = std::get_if<Cells>(&answer)) cells->cells.clear();
  };
  behind({1, 2, 3});
  run({{1, nothing}, {2, honest}, {3, honest}}, 15);
  EXPECT_EQ(taken_ends, 0U);
  for (const Bytes& batch : batches) all[2]->replica.receive(batch, all[2]->out);
  run({{1, nothing}, {2, honest}, {3, honest}}, 15);
  EXPECT_TRUE(equal());
}

TEST_F(Transfer, NoEndIsTakenThatTooFewHaveRead) {
  all[1] = std::make_unique<Voter>(std::uint8_t{1});
  all[2] = std::make_unique<Voter>(std::uint8_t{2});
  behind({1, 2, 3});
  run({{1, honest}, {2, honest}, {3, honest}}, 200);
  EXPECT_EQ(taken_ends, 0U);
  EXPECT_TRUE(self().frontier().empty());
  for (const Bytes& batch : batches) all[1]->replica.receive(batch, all[1]->out);
  behind({1, 2, 3});
  run({{1, honest}, {2, honest}, {3, honest}}, 200);
  EXPECT_TRUE(equal());
}

TEST_F(Transfer, WhatIsThereIsNotAskedForAgain) {
  all[0]->replica.receive(batches[0], all[0]->out);
  std::set<std::uint16_t> asked;
  behind({1, 2, 3});
  const Lie look = [&](MessageBody& answer) {
    if (const auto* cells = std::get_if<Cells>(&answer)) {
      asked.insert(cells->leaves.begin(), cells->leaves.end());
    }
  };
  run({{1, look}, {2, honest}, {3, honest}});
  EXPECT_TRUE(equal());
  EXPECT_TRUE(asked.contains(state::leaf_of_stream("b")));
  EXPECT_FALSE(asked.contains(state::leaf_of_stream("a")));
}

TEST_F(Transfer, BatchesThatComeAfterAllEndIt) {
  behind({1, 2, 3});
  run({{1, honest}, {2, honest}, {3, honest}}, 3);
  EXPECT_TRUE(transfer.running());
  for (const Bytes& batch : batches) all[0]->replica.receive(batch, all[0]->out);
  run({}, 2);
  EXPECT_FALSE(transfer.running());
  EXPECT_EQ(taken_ends, 0U);
}

/// Streams that were let go of: a voter that tells none, and that there are more, stops nobody.
TEST_F(Transfer, PagesOfReleasedStreamsGoOnPastALiar) {
  std::vector<ReleasedSubjects::Stream> streams;
  for (int i = 0; i < 5; ++i) streams.push_back({"r" + std::to_string(i), 3, Hash{{1}}});
  const auto subject = [&](const auto& stream) { return self().subject_of(stream.name); };
  std::ranges::sort(streams, {}, subject);
  std::set<std::string> heard;
  std::optional<SubjectId> after;
  const Lie pages = [&](MessageBody& answer) {
    auto* told = std::get_if<ReleasedSubjects>(&answer);
    if (told == nullptr) return;
    for (const auto& stream : streams) {
      if (after && subject(stream) <= *after) continue;
      if (told->streams.size() < 2) told->streams.push_back(stream);
    }
    told->more = !told->streams.empty() && told->streams.back() != streams.back();
  };
  const Lie none = [](MessageBody& answer) {
    if (auto* told = std::get_if<ReleasedSubjects>(&answer)) told->more = true;
  };
  behind({1, 2, 3});
  std::vector<PeerId> others = ids();
  others.erase(others.begin());
  for (int step = 0; step < 60; ++step) {
    now += std::chrono::milliseconds(100);
    Outbox out;
    if (const auto taken = transfer.on_tick(now, self(), others, voters, 7, out)) {
      for (const auto& stream : taken->released) heard.insert(stream.name);
      all[0]->replica.take_over(*taken, all[0]->out);
    }
    for (const Send& send : out.sends) {
      const std::vector<PeerId> known = ids();
      const auto place = std::ranges::find(known, send.to) - known.begin();
      if (const auto* ask = std::get_if<AskReleased>(&send.message.body)) after = ask->after;
      MessageBody answer = answer_of(all[static_cast<std::size_t>(place)]->replica,
                                     {batches.back()}, send.message.body);
      (place == 1 ? none : pages)(answer);
      hear(transfer, now, send.to, send.message.id, answer);
    }
  }
  EXPECT_EQ(heard.size(), streams.size());
  EXPECT_TRUE(equal());
}

}  // namespace
}  // namespace vouch::sync::state_transfer_test
