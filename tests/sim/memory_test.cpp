// Of a run that every voter has finished nothing stays in memory.
// SPDX-License-Identifier: MIT
#include "tests/sim/memory/memory.hpp"

#include "tests/paths.hpp"
#include <gtest/gtest.h>

namespace vouch::sim::memory_test {
namespace {

TEST(Memory, NothingStaysOfReleasedRuns) {
  MemorySettings settings;
  settings.runs = sanitized ? 100 : 1'000;
  settings.warm_up = sanitized ? 200 : 2'000;
  settings.in_stream = 1;
  settings.round = 100;
  const MemoryReport report = run_memory(settings, [](const MemoryReading&) {});
  EXPECT_EQ(report.breaches, std::vector<std::string>{});
  ASSERT_EQ(report.readings.size(), 11U);
  EXPECT_LT(report.growth(&MemoryReading::live).bytes_per_run, 16)
      << "less than any entry of any table";
  EXPECT_GT(report.summary_bytes, 100) << "on disk a summary stays";
}

}  // namespace
}  // namespace vouch::sim::memory_test
