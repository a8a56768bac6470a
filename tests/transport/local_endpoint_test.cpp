// The local socket: guarded by its folder, answers without a key.
// SPDX-License-Identifier: MIT
#include <filesystem>

#include "link_fixture.hpp"
#include "temporary_folder.hpp"
#include <sys/stat.h>

#include "vouch/transport/zmq_local.hpp"

namespace vouch::transport::local_endpoint_test {
namespace {

namespace fs = std::filesystem;

TEST(LocalEndpoint, MakesAFolderForItsOwnerOnly) {
  const TemporaryFolder folder;
  const auto inside = folder.path / "deep" / "peer";
  ASSERT_TRUE(prepare_local_folder("ipc://" + (inside / "socket").string()));
  EXPECT_EQ(fs::status(inside).permissions(), fs::perms::owner_all);
  EXPECT_TRUE(prepare_local_folder("ipc://" + (inside / "socket").string()));
}

TEST(LocalEndpoint, RefusesAFolderThatOthersMayEnter) {
  const TemporaryFolder folder;
  fs::permissions(folder.path, fs::perms::owner_all | fs::perms::group_exec);
  const auto refused = prepare_local_folder("ipc://" + (folder.path / "socket").string());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::not_allowed);
  EXPECT_NE(refused.error().detail.find("chmod 700"), std::string::npos);
}

TEST(LocalEndpoint, RefusesWhatIsNoUsablePath) {
  const std::string long_name(120, 'x');
  for (const std::string& bad : {std::string("tcp://127.0.0.1:1"), std::string("ipc://socket"),
                                 "ipc:///tmp/" + long_name + "/socket"}) {
    const auto refused = prepare_local_folder(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Errc::invalid_config) << bad;
  }
}

TEST(LocalEndpoint, AnswersAClientOfThisUser) {
  const TemporaryFolder folder;
  LinkOptions options;
  options.local_listen = "ipc://" + (folder.path / "socket").string();
  Node a(1, options);
  auto client = Client::connect_local(a.link->local_endpoint());
  ASSERT_TRUE(client) << client.error().text();
  bool sent = false;
  ASSERT_TRUE(step_until({&a}, [&] {
    sent = sent || (*client)->send(as_bytes("dump"), std::chrono::milliseconds(1)).has_value();
    return a.count(Via::local, "dump") == 1;
  }));
  EXPECT_EQ(a.find("dump")->from, std::nullopt);
  ASSERT_TRUE(a.link->reply(a.find("dump")->route, as_bytes("state")));
  EXPECT_EQ(as_text((*client)->receive(patience).value()), "state");
}

TEST(LocalEndpoint, AClientHearsThatNoPeerRuns) {
  const TemporaryFolder folder;
  const auto client = Client::connect_local("ipc://" + (folder.path / "socket").string());
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, Errc::io);
}

}  // namespace
}  // namespace vouch::transport::local_endpoint_test
