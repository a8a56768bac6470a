// Four peers in one process that vote: keys and configs of a cluster of processes, opened here
// instead.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "tools/open_here.hpp"
#include <gtest/gtest.h>

#include "vouch/crdt/check.hpp"
#include "vouch/distributed_validator.hpp"

namespace vouch {

struct VotingPeers : testing::Test {
  tools::ProcessCluster cluster = made();
  std::vector<std::unique_ptr<DistributedValidator>> peers;

  static tools::ProcessCluster made() {
    auto cluster = tools::ProcessCluster::make({4, {}, {}});
    VOUCH_CHECK(cluster.has_value());
    return std::move(*cluster);
  }
  void SetUp() override {
    auto opened = tools::open_here(cluster);
    ASSERT_TRUE(opened) << opened.error().text();
    peers = std::move(*opened);
    // A peer votes once it heard what the others hold of its log; then it attests, too.
    Stream first = peers[0]->stream("first");
    ASSERT_TRUE(first.submit(R"({"type":"RUN_STARTED","threadId":"first","runId":"r"})"));
    const auto standing = first.wait(0, peers.size(), std::chrono::seconds(20));
    ASSERT_TRUE(standing) << standing.error().text();
    ASSERT_EQ(standing->agree.size(), peers.size());
  }
};

}  // namespace vouch
