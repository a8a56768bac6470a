// Logs are cut to their last batches, and whoever lacks what is gone takes the state from the
// others: everybody is equal again, and nobody says a number twice.
// SPDX-License-Identifier: MIT
#include "tests/sim/quiet_world.hpp"

namespace vouch::sim::transfer_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;

constexpr std::size_t few = 2048;

struct ShortLogs : QuietWorld {
  explicit ShortLogs(WorldSettings settings = {.seed = 23, .finished_kept = 4, .log_bytes = few})
      : QuietWorld(settings) {}

  const machine::PeerMachine& machine(std::size_t number) const {
    return world.peer(number).machine();
  }
  std::uint64_t transfers(std::size_t number) const { return machine(number).counters().transfers; }
  void forget_all(std::size_t number) {
    world.kill_peer(number);
    world.peer(number).disk().erase_all();
    world.ledger().excuse(world.peer(number).id());
    world.start_peer(number);
  }
  void run_for(VirtualTime time) { world.run_until(world.now() + time); }
};

TEST_F(ShortLogs, AreShort) {
  std::size_t bytes = 0;
  const SimDisk& disk = world.peer(0).disk();
  for (const auto& [writer, entry] : machine(0).replica().frontier()) {
    const Bytes prefix = sync::Replica::log_prefix(writer);
    std::size_t rows = 0;
    ASSERT_TRUE(disk.scan(Table::batches, prefix, [&](ByteView key, ByteView frame) {
      if (!starts_with(key, prefix)) return false;
      bytes += frame.size();
      ++rows;
      return true;
    }));
    EXPECT_GT(rows, 0U);
  }
  // A batch, and what one commit adds, may be above it.
  EXPECT_LT(bytes, machine(0).replica().frontier().size() * 2 * few);
  for (std::size_t i = 0; i < world.size(); ++i) EXPECT_EQ(transfers(i), 0U);
}

TEST_F(ShortLogs, WhoComesWithAnEmptyDiskTakesTheState) {
  forget_all(1);
  run_for(seconds(20));
  EXPECT_THAT(differences(world, {1}), IsEmpty());
  EXPECT_GE(transfers(1), 1U);
  EXPECT_EQ(machine(1).replica().self().incarnation, 2U);
  for (const std::size_t other : {0U, 2U, 3U}) EXPECT_EQ(transfers(other), 0U);
  EXPECT_THAT(changes_by_restart(world), IsEmpty());
}

TEST_F(ShortLogs, StreamsThatWereLetGoOfAreKnownToWhoComesNew) {
  std::vector<std::string> released;
  for (const auto& [stream, at] : world.streams()) {
    if (world.peer(0).released().contains(stream)) released.push_back(stream);
  }
  ASSERT_FALSE(released.empty());
  forget_all(2);
  run_for(seconds(20));
  for (const std::string& stream : released) {
    EXPECT_EQ(*world.peer(2).released().size_of(stream), *world.peer(0).released().size_of(stream));
  }
}

TEST_F(ShortLogs, AKillInTheMiddleChangesNothing) {
  for (int step = 0; step < 40; ++step) {
    forget_all(1);
    run_for(milliseconds(10 * step));
    world.kill_peer(1);
    world.start_peer(1);
    run_for(seconds(15));
    EXPECT_THAT(differences(world, {1}), IsEmpty()) << "killed after " << 10 * step << " ms";
    if (HasFailure()) return;
  }
}

/// Not before the quiet time: what others write is what it lacks.
struct Away : testing::Test {
  World world{{.seed = 24, .finished_kept = 4, .log_bytes = few}};
  const machine::PeerMachine& machine(std::size_t number) const {
    return world.peer(number).machine();
  }
  void SetUp() override {
    world.start();
    world.run_until(seconds(5));
  }
  void finish() {
    world.stop_opening();
    const VirtualTime end = world.now() + RunSettings().calm_max;
    std::vector<std::string> left{"begin"};
    while (!left.empty() && world.now() < end) {
      world.run_until(world.now() + seconds(1));
      left = differences(world, {});
    }
    EXPECT_THAT(left, IsEmpty());
    EXPECT_THAT(world.ledger().breaches(), IsEmpty());
  }
};

TEST_F(Away, WhoKeptItsLogGoesOnWithIt) {
  world.kill_peer(3);
  world.run_until(seconds(25));
  world.start_peer(3);
  finish();
  EXPECT_GE(machine(3).counters().transfers, 1U);
  EXPECT_EQ(machine(3).replica().self().incarnation, 1U);
}

/// It goes on attesting what its own clients say, more than its log would keep: what nobody has
/// read stays.
TEST_F(Away, WhoIsAloneKeepsWhatItSays) {
  world.network().isolate(std::array{world.peer(3).id()});
  world.run_until(seconds(40));
  world.network().heal_all(world.now());
  finish();
  EXPECT_GE(machine(3).counters().transfers, 1U);
  EXPECT_EQ(machine(3).replica().self().incarnation, 1U);
}

}  // namespace
}  // namespace vouch::sim::transfer_test
