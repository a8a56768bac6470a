// A world in which some streams came and went, and that has nothing to complain about.
// SPDX-License-Identifier: MIT
#pragma once

#include "tests/sim/checks.hpp"
#include "tests/sim/run.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vouch::sim {

struct QuietWorld : testing::Test {
  World world;

  explicit QuietWorld(WorldSettings settings = {.seed = 21}) : world(settings) {}
  void SetUp() override {
    world.start();
    world.run_until(std::chrono::seconds(3));
    world.stop_opening();
    world.run_until(std::chrono::seconds(30));
    ASSERT_THAT(differences(world, {}), testing::IsEmpty());
    ASSERT_THAT(world.ledger().breaches(), testing::IsEmpty());
  }
};

}  // namespace vouch::sim
