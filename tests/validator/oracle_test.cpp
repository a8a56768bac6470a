// Differences from the official client that were our bugs, found by scripts/oracle.
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::oracle_test {
namespace {

/// The code of the first rejected event of a stream, 0 when there is none.
std::uint16_t first_code(const std::vector<std::string>& events) {
  StreamValidator v({*RuleSet::parse("agui-1.1/consumer/compat"), "s"});
  v.feed(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})");
  for (const std::string& event : events) {
    const Verdict verdict = v.feed(event);
    if (verdict.outcome == Outcome::rejected) return verdict.code;
  }
  return 0;
}

TEST(Oracle, AnUntaggedActivityDeltaAgreesWithAnyOwner) {
  const std::string held =
      R"({"type":"ACTIVITY_SNAPSHOT","messageId":"a","activityType":"x","content":{},)"
      R"("subagentRunId":"s"})";
  const std::string delta =
      R"({"type":"ACTIVITY_DELTA","messageId":"a","activityType":"x","patch":[])";
  EXPECT_EQ(first_code({held, delta + "}"}), 0);
  EXPECT_EQ(first_code({held, delta + R"(,"subagentRunId":"z"})"}), 5105);
}

TEST(Oracle, AnActivityIsOwnedAlsoWhereATextMessageHoldsItsId) {
  const std::string text = R"({"type":"TEXT_MESSAGE_START","messageId":"a"})";
  const std::string kept = R"({"type":"ACTIVITY_SNAPSHOT","messageId":"a","activityType":"x",)"
                           R"("content":{},"replace":false})";
  const std::string delta = R"({"type":"ACTIVITY_DELTA","messageId":"a","activityType":"x",)"
                            R"("patch":[],"subagentRunId":"s"})";
  EXPECT_EQ(first_code({text, kept, delta}), 5105);
}

}  // namespace
}  // namespace vouch::validator::oracle_test
