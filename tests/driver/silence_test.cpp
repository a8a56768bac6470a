// A run that falls silent is told by the peer where it comes in, once, and kept for its dump.
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "vouch/driver/clock.hpp"
#include "vouch/driver/lanes.hpp"
#include "vouch/observe/stalls.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::driver::silence_test {
namespace {

constexpr const char* start = R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})";
constexpr std::int64_t ten_minutes = 600'000;

validator::Policy policy_with(std::vector<std::string> overlays) {
  auto policy = validator::make_policy({.overlays = std::move(overlays)});
  EXPECT_TRUE(policy);
  return *policy;
}

TEST(Silence, IsToldOnceByThePeerThatTookTheEventsIn) {
  Lanes lanes(2, policy_with({"local:strict"}), {}, 1U << 20, [] {});
  ASSERT_TRUE(lanes.submit("s", start, std::nullopt, false));
  const std::vector<std::string> events{start};
  lanes.push("pushed", 0, events, false);
  EXPECT_TRUE(lanes.check_stall(wall_ms()).empty());

  const auto stalled = lanes.check_stall(wall_ms() + ten_minutes);
  ASSERT_EQ(stalled.size(), 1U);
  EXPECT_EQ(stalled[0].stream, "s");
  EXPECT_EQ(stalled[0].finding.code, 9005);
  EXPECT_EQ(stalled[0].finding.index, 0);
  EXPECT_TRUE(lanes.check_stall(wall_ms() + 2 * ten_minutes).empty());
}

TEST(Silence, NobodyLooksWithoutTheOverlay) {
  Lanes lanes(1, policy_with({"hygiene"}), {}, 1U << 20, [] {});
  ASSERT_TRUE(lanes.submit("s", start, std::nullopt, false));
  EXPECT_TRUE(lanes.check_stall(wall_ms() + ten_minutes).empty());
}

TEST(Silence, ADumpKeepsTheLatest) {
  observe::Stalls stalls;
  for (std::size_t i = 0; i <= observe::Stalls::kept_max; ++i) {
    ingest::Stalled one;
    one.stream = std::to_string(i);
    one.finding.code = 9005;
    stalls.add(one);
  }
  const json::Value shown = stalls.json();
  const auto& latest = *shown.find("latest")->get<json::Array>();
  EXPECT_EQ(*shown.find("told")->get<std::uint64_t>(), observe::Stalls::kept_max + 1);
  ASSERT_EQ(latest.size(), observe::Stalls::kept_max);
  EXPECT_EQ(*latest.front().find_text("stream"), "1");
  EXPECT_EQ(*latest.front().find_text("rule"), "clock.stall");
}

}  // namespace
}  // namespace vouch::driver::silence_test
