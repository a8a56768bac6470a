// Timers follow what agreeing takes; a dead primary is paid for once.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/pace.hpp"

#include "tests/consensus/panel.hpp"
#include <gtest/gtest.h>

namespace vouch::consensus::pace_test {
namespace {

using std::chrono::milliseconds;

constexpr PaceBounds bounds{milliseconds(200), milliseconds(100), milliseconds(2000)};

void observe(Pace& pace, Duration took, int times) {
  for (int i = 0; i < times; ++i) pace.observe(took);
}

TEST(Pace, FollowsWhatIsObservedWithinItsBounds) {
  Pace pace(bounds);
  EXPECT_EQ(pace.limit(), milliseconds(200));
  pace.observe(milliseconds(100));  // mean 100, deviation 50
  EXPECT_EQ(pace.limit(), milliseconds(300));
  observe(pace, milliseconds(100), 100);
  EXPECT_EQ(pace.limit(), milliseconds(200)) << "twice the mean, however even it is";
  observe(pace, milliseconds(1), 100);
  EXPECT_EQ(pace.limit(), milliseconds(100)) << "the floor";
  observe(pace, std::chrono::hours(1), 100);
  EXPECT_EQ(pace.limit(), milliseconds(2000)) << "the ceiling";
  observe(pace, milliseconds(1), 60);
  EXPECT_EQ(pace.limit(), milliseconds(100)) << "one hour is forgotten";
}

TEST(Pace, DoublesWhileNothingComesToAnEnd) {
  Pace pace(bounds);
  const Instant start{};
  pace.missed(start, start + milliseconds(200));
  EXPECT_EQ(pace.limit(), milliseconds(400));
  pace.missed(start, start + milliseconds(201));  // ran beside the first
  EXPECT_EQ(pace.limit(), milliseconds(400));
  for (int i = 2; i < 100; ++i) {
    pace.missed(start + std::chrono::seconds(i), start + std::chrono::seconds(i + 1));
  }
  EXPECT_EQ(pace.limit(), milliseconds(2000));
  observe(pace, milliseconds(10), 1);
  EXPECT_EQ(pace.limit(), milliseconds(100));
}

// Hops longer than the first timer: views change until one lasts long enough, and then no more.
TEST(AdaptiveTimers, ALongerWayIsLearnedAndForgotten) {
  Panel panel(4);
  panel.hop = milliseconds(150);
  EXPECT_NE(panel.decide(0, panel.subject_of(1)), Duration{});
  EXPECT_GT(panel.view_changes(), 0u);
  for (int i = 0; i < 4; ++i) EXPECT_NE(panel.decide(0, panel.subject_of(1)), Duration{});
  panel.rest(std::chrono::seconds(5));
  const std::uint64_t before = panel.view_changes();
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(panel.decide(0, panel.subject_of(1)), panel.hop * 4);
  }
  EXPECT_EQ(panel.view_changes(), before);
  panel.hop = milliseconds(1);
  for (int i = 0; i < 60; ++i) panel.decide(0, panel.subject_of(1));
  EXPECT_EQ(panel.agreements[0]->setting().view_pace.limit(), milliseconds(100));
}

// Whose votes do not count changes no view; a view whose primary is suspected was over for it at
// once, and over again.
TEST(AdaptiveTimers, WhoHasNoVoteWaitsToo) {
  Panel panel(7);
  const std::string subject = panel.subject_of(1);
  panel.up[1] = false;
  panel.agreements[3]->write_as(panel.now, 2);  // the roster lists its first incarnation
  EXPECT_NE(panel.decide(0, subject), Duration{});
}

TEST(AdaptiveTimers, ADeadPrimaryIsPaidForOnce) {
  Panel panel(4);
  panel.hop = milliseconds(5);
  const Duration usual = panel.decide(0, panel.subject_of(1));
  EXPECT_EQ(usual, panel.hop * 4);
  for (int i = 0; i < 30; ++i) panel.decide(0, panel.subject_of(1 + i % 3));
  const Duration timer = panel.agreements[0]->setting().view_pace.limit();
  EXPECT_EQ(timer, milliseconds(100));
  panel.up[3] = false;
  const Duration first = panel.decide(0, panel.subject_of(3));
  EXPECT_GT(first, timer);
  EXPECT_LE(first, timer + usual * 3 / 2);
  for (int i = 0; i < 4; ++i) EXPECT_LE(panel.decide(0, panel.subject_of(3)), usual * 3 / 2);
  EXPECT_EQ(panel.agreements[0]->setting().view_pace.limit(), timer) << "nothing was learned";
  // It comes back, and as soon as it is heard it leads again.
  panel.up[3] = true;
  panel.decide(0, panel.subject_of(1));
  panel.rest(std::chrono::seconds(1));
  const std::uint64_t before = panel.view_changes();
  EXPECT_EQ(panel.decide(0, panel.subject_of(3)), usual);
  EXPECT_EQ(panel.view_changes(), before);
}

}  // namespace
}  // namespace vouch::consensus::pace_test
