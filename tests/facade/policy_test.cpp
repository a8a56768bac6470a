// What [validation] says acts in a running peer: on verdicts, on what is reported, and on the id
// of the rule set that peers compare.
// SPDX-License-Identifier: MIT
#include "tests/no_secrets.hpp"
#include "tests/transport/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/distributed_validator.hpp"

namespace vouch::policy_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct PeerPolicy : testing::Test {
  TemporaryFolder folder;
  std::unique_ptr<DistributedValidator> peer;

  void start(const ValidationConfig& validation) {
    Config config;
    config.data = folder.path / "data";
    config.listen = config.gossip_listen = "tcp://127.0.0.1:*";
    config.validation = validation;
    auto opened = DistributedValidator::open(config);
    ASSERT_TRUE(opened) << opened.error().text();
    peer = std::move(*opened);
    const auto started = peer->start();
    ASSERT_TRUE(started) << started.error().text();
  }

  validator::Verdict submit(const std::string& event) {
    const auto answer = peer->stream("t").submit(event);
    EXPECT_TRUE(answer) << answer.error().text();
    return answer ? answer->verdicts.at(0) : validator::Verdict{};
  }

  static std::vector<std::uint16_t> codes(const validator::Verdict& verdict) {
    std::vector<std::uint16_t> out;
    for (const validator::Finding& finding : verdict.findings) out.push_back(finding.code);
    return out;
  }
};

constexpr const char* started =
    R"({"type":"RUN_STARTED","threadId":"t","runId":"r","protocolVersion":"1.1"})";
constexpr const char* finished = R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})";

TEST_F(PeerPolicy, LevelsAndOverlaysAct) {
  ValidationConfig validation;
  validation.overlays = {"hygiene"};
  validation.levels = {{"thread.run-id-reused", "warning"}, {"8015", "off"}};
  start(validation);
  EXPECT_THAT(codes(submit(started)), ElementsAre());
  EXPECT_THAT(codes(submit(R"({"type":"CUSTOM","name":"","value":1})")), ElementsAre(8013));
  submit(finished);
  const validator::Verdict reused = submit(started);
  EXPECT_EQ(reused.outcome, validator::Outcome::warned);
  EXPECT_THAT(codes(reused), ElementsAre(2006));
  EXPECT_THAT(*peer->dump(), HasSubstr("agui-1.1/strict/compat/2006=warning"));
}

TEST_F(PeerPolicy, TheLocalOverlayKnowsTheTime) {
  ValidationConfig validation;
  validation.overlays = {"local"};
  start(validation);
  EXPECT_THAT(
      codes(submit(R"({"type":"RUN_STARTED","threadId":"t","runId":"r","protocolVersion":"1.1",)"
                   R"("timestamp":1})")),
      ElementsAre(9002));
}

TEST_F(PeerPolicy, CustomRulesReject) {
  ValidationConfig validation;
  validation.custom = {std::make_shared<NoSecrets>("sk-")};
  start(validation);
  submit(started);
  submit(R"({"type":"TEXT_MESSAGE_START","messageId":"m"})");
  const validator::Verdict verdict =
      submit(R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"sk-1"})");
  EXPECT_EQ(verdict.outcome, validator::Outcome::rejected);
  EXPECT_EQ(verdict.code, 20'001);
  EXPECT_THAT(*peer->dump(), HasSubstr("agui-1.1/strict/compat/+acme.no-secrets@1"));
}

}  // namespace
}  // namespace vouch::policy_test
