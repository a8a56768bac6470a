// Shared values among peers of one process over real sockets: put here, read there, with a token
// where it matters, and still there after a restart.
// SPDX-License-Identifier: MIT
#include <condition_variable>
#include <mutex>

#include "tools/open_here.hpp"
#include <gtest/gtest.h>

#include "vouch/distributed_validator.hpp"

namespace vouch::shared_values_test {
namespace {

using std::chrono::seconds;

struct Sharing : testing::Test {
  Result<tools::ProcessCluster> cluster = tools::ProcessCluster::make({4, {}, {}});
  std::vector<std::unique_ptr<DistributedValidator>> peers;

  void SetUp() override {
    ASSERT_TRUE(cluster) << cluster.error().text();
    auto opened = tools::open_here(*cluster);
    ASSERT_TRUE(opened) << opened.error().text();
    peers = std::move(*opened);
  }
  CausalToken put(std::size_t peer, const std::string& key, const std::string& value) {
    const auto token = peers[peer]->put(key, value, seconds(20));
    EXPECT_TRUE(token) << token.error().text();
    return token.value_or(CausalToken());
  }
  std::optional<std::string> read(std::size_t peer, const std::string& key,
                                  const CausalToken& after) {
    const auto held = peers[peer]->await(after, seconds(20));
    EXPECT_TRUE(held) << held.error().text();
    const auto value = peers[peer]->get(key, last_written);
    EXPECT_TRUE(value) << value.error().text();
    return value.value_or(std::nullopt);
  }
};

TEST_F(Sharing, WhatIsPutAtOnePeerIsReadAtAnotherUntilItIsErased) {
  const CausalToken first = put(0, "mode", "strict");
  EXPECT_EQ(CausalToken::parse(first.text()), first) << "it travels as text";
  EXPECT_EQ(read(1, "mode", first), "strict");
  EXPECT_EQ(read(3, "mode", put(1, "mode", "lenient")), "lenient");
  const auto values = peers[3]->get("mode");
  ASSERT_TRUE(values);
  ASSERT_EQ(values->size(), 1U) << "the second took the place of the first";
  EXPECT_EQ(values->front().version, 2U);
  const auto gone = peers[3]->erase("mode", seconds(20));
  ASSERT_TRUE(gone) << gone.error().text();
  EXPECT_EQ(read(0, "mode", *gone), std::nullopt);
  EXPECT_EQ(read(0, "never put", CausalToken()), std::nullopt);
}

TEST_F(Sharing, WhatWasStoredIsThereAfterARestart) {
  put(0, "k", std::string("\0\xff", 2));
  peers[0]->stop();
  EXPECT_EQ(peers[0]->put("k", "v").error().code, Errc::not_running);
  EXPECT_EQ(peers[0]->get("k").error().code, Errc::not_running);
  ASSERT_TRUE(peers[0]->start());
  EXPECT_EQ(read(0, "k", CausalToken()), std::string("\0\xff", 2));
  EXPECT_EQ(read(2, "k", put(0, "k", "new")), "new");
}

TEST_F(Sharing, SubscribersHearAndBadPutsAreRefused) {
  std::mutex mutex;
  std::condition_variable told;
  std::optional<PutHeard> heard;
  peers[2]->stop();
  peers[2]->subscribe([&](const Notice& notice) {
    const auto* put = std::get_if<PutHeard>(&notice);
    if (put == nullptr) return;
    const std::lock_guard lock(mutex);
    heard = *put;
    told.notify_all();
  });
  ASSERT_TRUE(peers[2]->start());
  put(0, "news", "x");
  std::unique_lock lock(mutex);
  ASSERT_TRUE(told.wait_for(lock, seconds(20), [&] { return heard.has_value(); }));
  EXPECT_EQ(heard->key, "news");
  EXPECT_EQ(heard->writer, peers[0]->status()->id);
  lock.unlock();
  peers[2]->stop();
  EXPECT_EQ(peers[0]->put("k", std::string(limits::put_value_bytes_max + 1, 'x')).error().code,
            Errc::too_large);
  EXPECT_EQ(peers[0]->put("", "x").error().code, Errc::too_large);
}

}  // namespace
}  // namespace vouch::shared_values_test
