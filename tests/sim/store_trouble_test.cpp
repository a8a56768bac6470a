// A store that takes no writes, loses a row, or fails now and then: nobody is told what is not so,
// nothing grows, and everything goes on when the store does.
// SPDX-License-Identifier: MIT
#include "tests/sim/world.hpp"
#include <gtest/gtest.h>

#include "vouch/observe/health.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/sync/payload_rows.hpp"

namespace vouch::sim::store_trouble_test {
namespace {

using std::chrono::seconds;
using Breaches = std::vector<std::string>;

TEST(StoreTrouble, AFullStoreRefusesSubmittersAndHoldsNothingBack) {
  World world({.seed = 11});
  world.start();
  world.run_until(seconds(5));
  SimPeer& peer = world.peer(0);
  peer.disk().faults().full = true;
  world.run_until(seconds(8));
  EXPECT_TRUE(peer.carrier().degraded());
  const std::string health = json::to_text(
      json::Value{observe::health_json(peer.machine(), peer.carrier().store_error(), Instant{})});
  EXPECT_NE(health.find("takes no writes: storage_full: simulated disk is full"), std::string::npos)
      << health;
  const std::size_t queued = peer.carrier().queued();
  const std::uint64_t events = peer.lanes().events();
  world.run_until(seconds(60));
  EXPECT_EQ(peer.carrier().queued(), queued);
  EXPECT_EQ(peer.lanes().events(), events);
  const auto refused = peer.lanes().submit("new", event_of(11, "new", 0), 0, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::storage_full);
  EXPECT_FALSE(peer.lanes().close("new"));

  peer.disk().faults().full = false;
  world.run_until(seconds(62));
  EXPECT_FALSE(peer.carrier().degraded());
  EXPECT_GT(peer.lanes().events(), events);
  world.stop_opening();
  world.run_until(seconds(110));
  EXPECT_TRUE(world.clients_done());
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  for (const Hash& state : world.state_hashes()) EXPECT_EQ(state, world.state_hashes()[0]);
}

TEST(StoreTrouble, SettledEventsAreErasedThoughWritesFail) {
  World world({.seed = 12});
  for (std::size_t i = 0; i < world.size(); ++i) world.peer(i).disk().faults().write_error = 0.5;
  world.start();
  world.run_until(seconds(20));
  world.stop_opening();
  for (std::size_t i = 0; i < world.size(); ++i) world.peer(i).disk().faults() = {};
  world.run_until(seconds(60));
  EXPECT_TRUE(world.clients_done());
  for (std::size_t i = 0; i < world.size(); ++i) {
    EXPECT_EQ(world.peer(i).lanes().open_streams(), 0U) << "p" << i;
    EXPECT_EQ(world.peer(i).disk().rows(Table::payloads), 0U) << "p" << i;
  }
}

TEST(StoreTrouble, AStreamWithAHoleIsNotClosedBeforeItsEnd) {
  World world({.seed = 13});
  world.network().isolate(std::array{world.peer(0).id()});
  world.start();
  world.network().isolate(std::array{world.peer(0).id()});
  world.run_until(seconds(20));
  SimPeer& peer = world.peer(0);
  const std::string stream = "p0/0";
  const auto [size, closed] = peer.lanes().position(stream);
  ASSERT_TRUE(closed);
  world.kill_peer(0);
  ASSERT_TRUE(peer.disk().lose(Table::payloads, sync::stream_row_key(stream), 1));
  world.start_peer(0);
  const auto [next, still_closed] = peer.lanes().position(stream);
  EXPECT_FALSE(still_closed);
  EXPECT_LT(next, size);

  // The submitter goes on where the peer is; what lay behind the hole is in nobody's way.
  world.network().heal_all(world.now());
  for (int tries = 0; tries < 500 && peer.submit_next(stream, 13); ++tries) {
    world.run_until(world.now() + std::chrono::milliseconds(10));
  }
  world.kill_peer(0);
  world.start_peer(0);
  EXPECT_EQ(peer.lanes().position(stream), std::pair(size, true));
  world.stop_opening();
  world.run_until(seconds(90));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  EXPECT_EQ(peer.disk().rows(Table::payloads), 0U);
}

}  // namespace
}  // namespace vouch::sim::store_trouble_test
