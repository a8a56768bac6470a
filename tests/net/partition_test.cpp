// Two halves of a cluster that cannot reach each other for a while, over real sockets.
// SPDX-License-Identifier: MIT
#include "tests/net/daemons.hpp"
#include "tools/parted_links.hpp"
#include <fmt/format.h>
#include <poll.h>

namespace vouch::net::partition_test {
namespace {

using std::chrono::seconds;
using tools::Parted;
using Island = std::vector<std::size_t>;
const Island all_four{0, 1, 2, 3};

/// What was submitted on an island while it was alone is at all of its peers.
testing::AssertionResult island_is_equal(Daemons& peers, const Island& island) {
  for (const std::size_t at : island) {
    const json::Value dump = peers.dump(at);
    for (const std::size_t from : island) {
      const std::string stream = fmt::format("apart{}", from);
      if (find_by(tools::list(dump, "streams"), "stream", stream) == nullptr) {
        return testing::AssertionFailure() << "no " << stream << " at peer " << at;
      }
    }
  }
  return testing::AssertionSuccess();
}

/// Heartbeats come once a minute, so that none of them can tell who is behind: the connections do.
TEST(Partition, HalvesAreEqualSoonAfterTheirLinksAreBack) {
  for (const Parted how : {Parted::refused, Parted::silent}) {
    SCOPED_TRACE(how == Parted::refused ? "refused" : "silent");
    tools::PartedLinks links;
    Daemons peers(4, [&links](std::size_t index, Config& config) {
      config.validators = 1;
      config.heartbeat_interval_ms = 60'000;
      ASSERT_TRUE(links.route(index, config));
    });
    links.start();
    peers.start_all();
    for (const std::size_t i : all_four) {
      peers.submit(i, fmt::format("before{}", i), run_events(fmt::format("before{}", i), 3));
    }
    ASSERT_TRUE(within(seconds(20), [&] { return peers.converged(all_four, 1); }));
    links.part({0, 1}, how);
    for (const std::size_t i : all_four) {
      peers.submit(i, fmt::format("apart{}", i), run_events(fmt::format("apart{}", i), 3));
    }
    // A subscription that was not there in time is made up for by the check of every ten seconds.
    for (const Island& island : {Island{0, 1}, Island{2, 3}}) {
      ASSERT_TRUE(within(seconds(20), [&] { return island_is_equal(peers, island); }));
    }
    // Until connections that are silent are given up, and all attempts wait for their longest.
    ::poll(nullptr, 0, 5'000);
    EXPECT_FALSE(peers.converged(all_four, 1));
    links.heal();
    // The check that comes every ten seconds, come what may, is still to come.
    const std::chrono::milliseconds soon(2'500);
    EXPECT_TRUE(within(soon, [&] { return peers.converged(all_four, 1); }));
    EXPECT_TRUE(peers.cluster().stop_all(seconds(10)));
  }
}

}  // namespace
}  // namespace vouch::net::partition_test
