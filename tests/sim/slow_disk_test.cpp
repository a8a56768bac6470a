// A disk that takes its time: what rests on a row waits for it, nothing else does, and what was not
// flushed is gone with the process.
// SPDX-License-Identifier: MIT
#include "tests/sim/pair.hpp"

namespace vouch::sim::slow_disk_test {
namespace {

using std::chrono::milliseconds;

/// A pair whose first disk needs a tenth of a second for a flush.
struct SlowPair : Pair {
  SlowPair() {
    pass(milliseconds(100));
    one.disk.faults().flush_time = milliseconds(100);
  }
  /// The second peer pushes a run, and while the first one's disk works on it, somebody asks.
  void push_and_ask() {
    other.submit(short_run);
    pass_slowly(milliseconds(50));
    ASSERT_FALSE(one.carrier.stored());
    one.carrier.when_stored([this] { told = true; });
  }
  /// The first peer's time passes, and its mail is delivered.
  void pass_slowly(Duration time) {
    for (const Instant end = one.now + time; one.now < end;) {
      one.disk.set_now(std::chrono::duration_cast<VirtualTime>(one.now.time_since_epoch()));
      pass(milliseconds(10));
    }
  }

  bool told = false;
};

TEST(SlowDisk, WhatWasPushedIsAcknowledgedWhenItIsStored) {
  SlowPair pair;
  pair.other.submit(short_run);
  pair.pass_slowly(milliseconds(90));
  EXPECT_FALSE(pair.one.carrier.stored());
  EXPECT_EQ(pair.one.lanes.position("t").first, 2U);
  EXPECT_FALSE(pair.other.machine.pusher().delivered("t"));
  pair.pass_slowly(milliseconds(300));
  EXPECT_TRUE(pair.other.machine.pusher().delivered("t"));
}

TEST(SlowDisk, WhoAsksHowFarItIsHearsOfNothingThatIsNotStored) {
  SlowPair pair;
  ASSERT_TRUE(pair.one.lanes.submit("t", short_run[0], std::nullopt, false));
  Push question;
  question.stream = "t";
  pair.other.tell(pair.one.signer->id(), {1, question});
  const auto answers = [&pair] {
    return std::ranges::count_if(pair.mail, [](const Host::Letter& letter) {
      return letter.incoming.via == transport::Via::reply;
    });
  };
  pair.one.carrier.receive(pair.one.now, std::move(pair.mail.front().incoming));
  pair.mail.clear();
  pair.one.carrier.turn(pair.one.now);
  ASSERT_FALSE(pair.one.carrier.stored());
  EXPECT_EQ(answers(), 0);
  pair.one.disk.set_now(std::chrono::seconds(60));
  pair.one.carrier.turn(pair.one.now);
  EXPECT_EQ(answers(), 1);
}

TEST(SlowDisk, AnswersWaitForItAndTheMachineDoesNot) {
  SlowPair pair;
  pair.push_and_ask();
  for (const std::string& event : short_run) {
    ASSERT_TRUE(pair.other.lanes.submit("u", event, std::nullopt, false));
  }
  pair.pass_slowly(milliseconds(40));
  EXPECT_FALSE(pair.told);
  EXPECT_EQ(pair.one.lanes.position("u").first, 2U);
  pair.pass_slowly(milliseconds(400));
  EXPECT_TRUE(pair.told);
}

TEST(SlowDisk, AnAnswerWaitsForTheFlushAndNothingElse) {
  SlowPair pair;
  pair.push_and_ask();
  while (!pair.one.carrier.stored()) pair.pass_slowly(milliseconds(10));
  EXPECT_TRUE(pair.told);
}

TEST(SlowDisk, AFlushThatFailsIsToldAndItsRowsAreWrittenAgain) {
  SlowPair pair;
  pair.push_and_ask();
  pair.one.disk.faults().full = true;
  pair.pass_slowly(milliseconds(200));
  EXPECT_TRUE(pair.one.carrier.degraded());
  EXPECT_TRUE(pair.told);
  EXPECT_FALSE(pair.one.lanes.submit("v", short_run[0], std::nullopt, false));
  EXPECT_EQ(pair.one.disk.rows(Table::payloads), 0U);
  EXPECT_FALSE(pair.other.machine.pusher().delivered("t"));
  pair.one.disk.faults().full = false;
  pair.pass_slowly(milliseconds(1000));
  EXPECT_FALSE(pair.one.carrier.degraded());
  EXPECT_GT(pair.one.disk.rows(Table::payloads), 0U);
  EXPECT_TRUE(pair.other.machine.pusher().delivered("t"));
}

TEST(SlowDisk, TooMuchWaitsForItAsBefore) {
  SlowPair pair;
  pair.one.disk.faults().flush_time = std::chrono::hours(1);
  pair.one.submit(short_run);
  std::size_t most = 0;
  for (int i = 0; i < 2000; ++i) {
    pair.one.submit(
        {R"({"type":"CUSTOM","name":"n","value":")" + std::string(10'000, 'x') + "\"}"});
    pair.one.now += milliseconds(10);
    most = std::max(most, pair.one.carrier.queued());
  }
  EXPECT_LT(most, 2000U);
  EXPECT_GT(pair.one.disk.commits(), 1U);
}

TEST(SlowDisk, WhatWasNotFlushedIsGoneWithTheProcess) {
  SimDisk disk(1);
  const auto row = [](std::uint8_t key, std::optional<Bytes> value) {
    return std::vector<Row>{{Table::cells, Bytes{key}, std::move(value)}};
  };
  ASSERT_TRUE(disk.commit(row(1, Bytes{1})));
  disk.faults().flush_time = milliseconds(100);
  ASSERT_TRUE(disk.write(row(1, std::nullopt)));
  ASSERT_TRUE(disk.write(row(2, Bytes{2})));
  EXPECT_FALSE(disk.flush(false));
  EXPECT_EQ(disk.find(Table::cells, Bytes{1}), nullptr);
  EXPECT_TRUE(disk.holds(Table::cells, Bytes{1}));
  EXPECT_FALSE(disk.holds(Table::cells, Bytes{2}));
  disk.lose_unflushed();
  EXPECT_TRUE(disk.holds(Table::cells, Bytes{1}));
  EXPECT_EQ(disk.find(Table::cells, Bytes{2}), nullptr);
  ASSERT_TRUE(disk.write(row(2, Bytes{2})));
  EXPECT_FALSE(disk.flush(false));
  disk.set_now(milliseconds(100));
  EXPECT_TRUE(disk.flush(false));
  disk.lose_unflushed();
  EXPECT_TRUE(disk.holds(Table::cells, Bytes{2}));
}

}  // namespace
}  // namespace vouch::sim::slow_disk_test
