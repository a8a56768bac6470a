// A stream of three events: two are right, the third finishes a run of another id.
// SPDX-License-Identifier: MIT
#include <vouch/validator/stream_validator.hpp>
#include <vouch/version.hpp>

int main() {
  using vouch::validator::Outcome;
  vouch::validator::StreamValidator stream({*vouch::validator::RuleSet::parse("agui-1.1"), "t"});
  const auto started = stream.feed(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})");
  const auto step = stream.feed(R"({"type":"STEP_STARTED","stepName":"s"})");
  const auto wrong = stream.feed(R"({"type":"STEP_FINISHED","stepName":"other"})");
  return started.outcome == Outcome::accepted && step.outcome == Outcome::accepted &&
                 wrong.outcome == Outcome::rejected
             ? 0
             : 1;
}
