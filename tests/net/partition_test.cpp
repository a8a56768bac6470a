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
const std::vector<std::size_t> all_four{0, 1, 2, 3};

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
