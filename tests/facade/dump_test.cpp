// A dump in parts: what was asked for and nothing else, by call and over the local socket.
// SPDX-License-Identifier: MIT
#include "vouch/observe/dump.hpp"

#include <chrono>

#include "tests/transport/temporary_folder.hpp"
#include "tools/json_view.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/client/peer_client.hpp"
#include "vouch/distributed_validator.hpp"
#include "vouch/schemas/json_parse.hpp"

namespace vouch::dump_test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

/// What says whose dump it is.
const std::vector<std::string> always{"peer",        "name",    "cluster", "rule_set",
                                      "incarnation", "session", "live",    "trouble"};

struct DumpParts : testing::Test {
  TemporaryFolder folder;
  std::unique_ptr<DistributedValidator> peer;

  void SetUp() override {
    Config config;
    config.data = folder.path / "data";
    config.listen = config.gossip_listen = "tcp://127.0.0.1:*";
    auto opened = DistributedValidator::open(config);
    ASSERT_TRUE(opened) << opened.error().text();
    peer = std::move(*opened);
    ASSERT_TRUE(peer->start());
    for (const char* name : {"s", "t"}) {
      Stream stream = peer->stream(name);
      ASSERT_TRUE(stream.submit(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})"));
      ASSERT_TRUE(stream.wait(0, 1, seconds(20)));
    }
  }
  static std::vector<std::string> names_in(const std::string& dump) {
    const auto value = json::parse(dump);
    const auto* object = value ? value->get<json::Object>() : nullptr;
    std::vector<std::string> out;
    if (object == nullptr) return out;
    for (const auto& [name, member] : *object) out.push_back(name);
    return out;
  }
};

TEST_F(DumpParts, AllAreThereWhenNoneIsNamed) {
  std::vector<std::string> all = always;
  all.insert(all.end(), observe::dump_parts.begin(), observe::dump_parts.end());
  EXPECT_THAT(names_in(peer->dump().value_or("")), UnorderedElementsAreArray(all));
}

TEST_F(DumpParts, EachCanBeAskedForByItself) {
  for (const std::string_view part : observe::dump_parts) {
    std::vector<std::string> expected = always;
    expected.emplace_back(part);
    EXPECT_THAT(names_in(peer->dump({std::string(part)}).value_or("")),
                UnorderedElementsAreArray(expected));
  }
}

TEST_F(DumpParts, WhatThereIsNotIsRefusedWithWhatThereIs) {
  const auto dump = peer->dump({"counters", "countres"});
  ASSERT_FALSE(dump);
  EXPECT_EQ(dump.error().code, Errc::invalid_config);
  EXPECT_THAT(dump.error().detail, HasSubstr("health"));
  EXPECT_FALSE(peer->dump(std::vector<std::string>(1000, "counters")));
}

TEST_F(DumpParts, TheSocketGivesOneStreamAlone) {
  const auto client = client::PeerClient::connect(
      {"ipc://" + (folder.path / "data/run/vouch.sock").string(), {}}, {}, seconds(20));
  ASSERT_TRUE(client) << client.error().text();
  const auto one = json::parse((*client)->dump({"t", {"streams", "totals"}}).value_or(""));
  ASSERT_TRUE(one);
  ASSERT_EQ(tools::list(*one, "streams").size(), 1U);
  EXPECT_EQ(tools::text(tools::list(*one, "streams").front(), "stream"), "t");
  EXPECT_EQ(tools::number(*one->find("totals"), "streams"), 2U) << "of all";
  EXPECT_EQ((*client)->dump({"", {"nothing"}}).error().code, Errc::invalid_config);
}

}  // namespace
}  // namespace vouch::dump_test
