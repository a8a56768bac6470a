// Names leave in the order they came in, but for those that were taken out.
// SPDX-License-Identifier: MIT
#include "vouch/machine/arrival_queue.hpp"

#include <gtest/gtest.h>

namespace vouch::machine::arrival_queue_test {
namespace {

TEST(ArrivalQueue, GivesNamesInTheOrderTheyCameIn) {
  ArrivalQueue<std::string, std::string_view> queue;
  for (const char* name : {"c", "a", "d", "a", "b"}) queue.push(name);
  EXPECT_EQ(queue.size(), 4U) << "each once";
  queue.erase("d");
  queue.erase("d");
  EXPECT_FALSE(queue.contains("d"));
  EXPECT_EQ(queue.pop(), "c");
  EXPECT_EQ(queue.pop(), "a");
  queue.push("a");
  EXPECT_EQ(queue.pop(), "b");
  EXPECT_EQ(queue.pop(), "a") << "it came anew";
  EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
}  // namespace vouch::machine::arrival_queue_test
