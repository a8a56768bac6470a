// The life of a peer in a process: open, start, stop, start again, and everything that is refused.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <future>

#include "tests/paths.hpp"
#include "tests/transport/temporary_folder.hpp"
#include <gtest/gtest.h>

#include "vouch/distributed_validator.hpp"
#include "vouch/transport/key_file.hpp"
#include "vouch/version.hpp"

namespace vouch::lifecycle_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* started = R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})";
constexpr const char* finished = R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})";

struct Facade : testing::Test {
  TemporaryFolder folder;

  Config config() const {
    Config out;
    out.data = folder.path / "data";
    out.listen = out.gossip_listen = "tcp://127.0.0.1:*";
    return out;
  }
  std::unique_ptr<DistributedValidator> opened() const {
    auto peer = DistributedValidator::open(config());
    EXPECT_TRUE(peer) << peer.error().text();
    return peer ? std::move(*peer) : nullptr;
  }
  static void expect_refused(const Config& config, Errc code, const std::string& says) {
    const auto peer = DistributedValidator::open(config);
    ASSERT_FALSE(peer);
    EXPECT_EQ(peer.error().code, code) << peer.error().text();
    EXPECT_NE(peer.error().detail.find(says), std::string::npos) << peer.error().text();
  }
  static void expect_accepted(DistributedValidator& peer, const char* event, std::uint64_t index) {
    const auto answer = peer.stream("t").submit(event);
    ASSERT_TRUE(answer) << answer.error().text();
    ASSERT_EQ(answer->verdicts.size(), 1U);
    EXPECT_EQ(answer->index, index);
    EXPECT_EQ(answer->verdicts.front().outcome, validator::Outcome::accepted);
  }
};

TEST_F(Facade, NothingWorksBeforeStart) {
  const auto peer = opened();
  ASSERT_TRUE(peer);
  Stream stream = peer->stream("t");
  EXPECT_EQ(stream.submit(started).error().code, Errc::not_running);
  EXPECT_EQ(stream.close().error().code, Errc::not_running);
  EXPECT_EQ(stream.standing(0).error().code, Errc::not_running);
  EXPECT_EQ(stream.wait(0, 1, std::chrono::seconds(5)).error().code, Errc::not_running);
  EXPECT_EQ(peer->status().error().code, Errc::not_running);
  EXPECT_EQ(peer->dump().error().code, Errc::not_running);
  EXPECT_EQ(stream.position(), std::pair(std::uint64_t{0}, false));
}

TEST_F(Facade, JudgesAndCarriesOnAfterStopAndStart) {
  const auto peer = opened();
  ASSERT_TRUE(peer);
  ASSERT_TRUE(peer->start());
  EXPECT_TRUE(peer->start()) << "starting what runs changes nothing";
  const PeerId id = peer->status()->id;
  expect_accepted(*peer, started, 0);
  peer->stop();
  peer->stop();
  EXPECT_EQ(peer->stream("t").submit(finished).error().code, Errc::not_running);
  EXPECT_EQ(peer->status().error().code, Errc::not_running);

  ASSERT_TRUE(peer->start());
  EXPECT_EQ(peer->status()->id, id);
  EXPECT_EQ(peer->stream("t").position(), std::pair(std::uint64_t{1}, false));
  expect_accepted(*peer, finished, 1);
  const auto closing = peer->stream("t").close();
  ASSERT_TRUE(closing);
  EXPECT_EQ(closing->code, 0);
}

TEST_F(Facade, ANewObjectFindsWhatTheOldOneLeft) {
  {
    const auto peer = opened();
    ASSERT_TRUE(peer);
    ASSERT_TRUE(peer->start());
    expect_accepted(*peer, started, 0);
  }
  const auto peer = opened();
  ASSERT_TRUE(peer);
  ASSERT_TRUE(peer->start());
  expect_accepted(*peer, finished, 1);
}

TEST_F(Facade, APeerAloneIsItsOwnQuorum) {
  const auto peer = opened();
  ASSERT_TRUE(peer);
  ASSERT_TRUE(peer->start());
  expect_accepted(*peer, started, 0);
  const auto standing = peer->stream("t").wait(0, 1, std::chrono::seconds(20));
  ASSERT_TRUE(standing) << standing.error().text();
  EXPECT_EQ(standing->agree, std::vector{peer->status()->id});
  const auto status = peer->status();
  EXPECT_EQ(status->voters, 1U);
  EXPECT_EQ(status->quorum, 1U);
  EXPECT_FALSE(status->degraded);
}

TEST_F(Facade, SubscribersHearOfAttestations) {
  const auto peer = opened();
  ASSERT_TRUE(peer);
  std::promise<Attested> heard;
  bool first = true;
  peer->subscribe([&](const Notice& notice) {
    const auto* attested = std::get_if<Attested>(&notice);
    if (attested == nullptr || !std::exchange(first, false)) return;
    heard.set_value(*attested);
  });
  ASSERT_TRUE(peer->start());
  ASSERT_TRUE(peer->stream("t").submit(started, {std::nullopt, true}));
  auto future = heard.get_future();
  ASSERT_EQ(future.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  const Attested attested = future.get();
  EXPECT_EQ(attested.stream, "t");
  EXPECT_EQ(attested.voter, peer->status()->id);
  peer->stop();
}

TEST_F(Facade, AFolderHasOnePeer) {
  const auto peer = opened();
  ASSERT_TRUE(peer);
  expect_refused(config(), Errc::busy, "data");
  ASSERT_TRUE(peer->start());
  expect_refused(config(), Errc::busy, "data");
  peer->stop();
  EXPECT_TRUE(DistributedValidator::open(config()));
}

TEST_F(Facade, StartSaysWhenSomebodyElseTookTheFolder) {
  const auto peer = opened();
  ASSERT_TRUE(peer);
  peer->stop();
  const auto other = opened();
  ASSERT_TRUE(other);
  const auto again = peer->start();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::busy) << again.error().text();
}

TEST_F(Facade, AKeyThatOthersCanReadIsRefused) {
  const fs::path key = folder.path / "peer.key";
  ASSERT_TRUE(transport::save_seed(key, crypto::random_seed()));
  Config config = this->config();
  config.key_file = key;
  EXPECT_TRUE(DistributedValidator::open(config));
  fs::permissions(key, fs::perms::group_read, fs::perm_options::add);
  expect_refused(config, Errc::not_allowed, "chmod 600 " + key.string());
}

TEST_F(Facade, ANewPeerMakesItsKeyOnlyInItsOwnFolder) {
  Config config = this->config();
  config.key_file = folder.path / "elsewhere.key";
  expect_refused(config, Errc::io, "elsewhere.key");

  config.key_file.clear();
  ASSERT_TRUE(DistributedValidator::open(config));
  const fs::path key = config.data / "peer.key";
  EXPECT_EQ(fs::status(key).permissions(), fs::perms::owner_read | fs::perms::owner_write);

  // Beside a store a lost key is not replaced: the store is another peer's.
  fs::remove(key);
  expect_refused(config, Errc::io, "peer.key");
  EXPECT_FALSE(fs::exists(key));
}

TEST_F(Facade, APortInUseIsNamed) {
  const auto peer = opened();
  ASSERT_TRUE(peer);
  ASSERT_TRUE(peer->start());
  Config other = config();
  other.data = folder.path / "other";
  other.listen = peer->status()->direct;
  expect_refused(other, Errc::io, other.listen);
}

TEST_F(Facade, EveryFaultOfAConfigIsSaidAtOnce) {
  Config config = this->config();
  config.cluster.clear();
  config.listen = "localhost:7411";
  config.validation.ruleset = "agui-9";
  config.attest_interval_ms = 0;
  config.validators = 3;
  const auto peer = DistributedValidator::open(config);
  ASSERT_FALSE(peer);
  EXPECT_EQ(peer.error().code, Errc::invalid_config);
  const std::string& said = peer.error().detail;
  for (const char* field :
       {"cluster: ", "listen: ", "validation.ruleset: ", "attest_interval_ms: ", "validators: "}) {
    EXPECT_NE(said.find(field), std::string::npos) << field << " is missing in\n" << said;
  }
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 4) << said;
  EXPECT_FALSE(fs::exists(config.data)) << "a config with faults touches nothing";
}

TEST(Version, IsThatOfTheBuild) {
  EXPECT_EQ(version, paths::version);
}

}  // namespace
}  // namespace vouch::lifecycle_test
