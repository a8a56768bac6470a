// Streams that are over leave the memory of real peers, and what must be known of them is known.
// SPDX-License-Identifier: MIT
#include "tests/net/daemons.hpp"
#include "tests/tools/process.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"

namespace vouch::net::release_test {
namespace {

using std::chrono::seconds;

constexpr std::size_t streams = 12;
constexpr std::uint32_t kept = 2;

/// Every peer has released at least so many streams, shows the others, and all states are equal.
testing::AssertionResult all_released(Daemons& peers, std::uint64_t least) {
  std::string state;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const json::Value dump = peers.dump(i);
    const json::Value* finished = dump.find("finished");
    if (finished == nullptr) return testing::AssertionFailure() << "no answer of peer " << i;
    const std::uint64_t released = tools::number(*finished, "released");
    if (released < least || released + tools::list(dump, "streams").size() != streams) {
      return testing::AssertionFailure() << "peer " << i << ": " << json::to_text(*finished);
    }
    const std::string theirs = tools::text(dump, "state_hash");
    if (state.empty()) state = theirs;
    if (state != theirs) return testing::AssertionFailure() << "another state at peer " << i;
  }
  return testing::AssertionSuccess();
}

std::string name_of(std::size_t n) {
  return fmt::format("s{}", n);
}

TEST(ReleaseOverPeers, StreamsThatAreOverLeaveMemory) {
  Daemons peers(3, [](std::size_t, Config& config) { config.finished_kept = kept; });
  peers.start_all();
  for (std::size_t n = 0; n < streams; ++n) {
    peers.submit(n % peers.size(), name_of(n), run_events(name_of(n), 3));
  }
  // Each voter keeps the last ones, and they need not be the same.
  ASSERT_TRUE(within(seconds(30), [&] { return all_released(peers, streams - 3 * kept); }));
  const json::Value dump = peers.dump(1);
  EXPECT_LE(tools::list(dump, "streams").size(), 3 * kept);
  std::string released;
  for (std::size_t n = 0; n < streams && released.empty(); ++n) {
    if (find_by(tools::list(dump, "streams"), "stream", name_of(n)) == nullptr) {
      released = name_of(n);
    }
  }
  ASSERT_NE(released, "");

  for (const bool restarted : {false, true}) {
    if (restarted) {
      peers.cluster().kill(peers[1]);
      peers.start(1);
    }
    const tools::Ran again =
        tools::run("vouch-peer", {"submit", "--peer", peers[1].socket, "--stream", released, "-"},
                   R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})");
    EXPECT_NE(again.code, 0) << again.out;
    EXPECT_NE((again.out + again.err).find("closed"), std::string::npos) << again.out << again.err;
    const tools::Ran receipt =
        tools::run("vouch-dump", {"receipt", released, "--peer", peers[1].socket});
    EXPECT_EQ(receipt.code, 0) << receipt.err;
    EXPECT_NE(receipt.out.find(released), std::string::npos) << receipt.out;
  }
}

}  // namespace
}  // namespace vouch::net::release_test
