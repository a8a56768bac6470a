// The thread that waits for the disk: its result is told once, a wait ends with it, and who wrote
// goes on meanwhile.
// SPDX-License-Identifier: MIT
#include "vouch/store/flusher.hpp"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace vouch::store::flusher_test {
namespace {

TEST(Flusher, WhoAskedGoesOnWhileItLasts) {
  std::promise<void> disk;
  auto ready = disk.get_future().share();
  std::promise<void> told;
  Flusher flusher(
      [ready] {
        ready.wait();
        return Result<void>();
      },
      [&told] { told.set_value(); });
  flusher.begin();
  EXPECT_TRUE(flusher.under_way());
  EXPECT_FALSE(flusher.result(false));
  disk.set_value();
  told.get_future().wait();
  const auto result = flusher.result(false);
  ASSERT_TRUE(result);
  EXPECT_TRUE(*result);
  EXPECT_FALSE(flusher.under_way());
}

TEST(Flusher, AnErrorIsItsResultAndTheNextOneIsAnew) {
  std::atomic<int> flushes{0};
  Flusher flusher(
      [&flushes]() -> Result<void> {
        if (++flushes == 1) return fail(Errc::io, "the disk is gone");
        return {};
      },
      [] {});
  flusher.begin();
  const auto failed = flusher.result(true);
  ASSERT_TRUE(failed && !*failed);
  EXPECT_EQ(failed->error().detail, "the disk is gone");
  flusher.begin();
  const auto done = flusher.result(true);
  EXPECT_TRUE(done && *done);
}

// Its owner may go as soon as it has the result, and with it what is told.
TEST(Flusher, HasToldWhenTheResultIsHad) {
  std::promise<void> telling, go;
  auto began = telling.get_future().share();
  auto may_go = go.get_future().share();
  std::atomic<bool> told{false};
  Flusher flusher([] { return Result<void>(); },
                  [&] {
                    telling.set_value();
                    may_go.wait();
                    told = true;
                  });
  flusher.begin();
  auto had = std::async(std::launch::async, [&] {
    began.wait();
    return flusher.result(true).has_value() && told;
  });
  began.wait();
  go.set_value();
  EXPECT_TRUE(had.get());
}

TEST(Flusher, EndsAfterTheFlushThatIsUnderWay) {
  std::atomic<bool> flushed{false};
  {
    Flusher flusher(
        [&flushed] {
          flushed = true;
          return Result<void>();
        },
        [] {});
    flusher.begin();
  }
  EXPECT_TRUE(flushed);
}

}  // namespace
}  // namespace vouch::store::flusher_test
