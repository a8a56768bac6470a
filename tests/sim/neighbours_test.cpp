// Who counts as heard.
// SPDX-License-Identifier: MIT
#include "tests/sim/pair.hpp"
#include <gtest/gtest.h>

#include "vouch/observe/health.hpp"

namespace vouch::sim::neighbours_test {
namespace {

std::uint64_t heard_by(const Host& host) {
  const json::Value health{observe::health_json(host.machine, std::nullopt, host.now)};
  return *health.find("heard")->get<std::uint64_t>();
}

TEST(Neighbours, WhoSpeaksToUsDirectlyIsHeardThoughNoGossipArrives) {
  Pair pair;
  EXPECT_EQ(heard_by(pair.one), 0U) << "before anything is heard";
  pair.pass(std::chrono::seconds(2));
  EXPECT_EQ(pair.one.machine.counters().heartbeats, 0U);
  EXPECT_EQ(heard_by(pair.one), 2U) << "oneself and the other";
}

TEST(Neighbours, WhoFallsSilentIsHeardNoMore) {
  Pair pair;
  pair.pass(std::chrono::seconds(2));
  pair.one.now += pair.one.machine.config().heartbeat_interval * 4;
  EXPECT_EQ(heard_by(pair.one), 1U);
}

}  // namespace
}  // namespace vouch::sim::neighbours_test
