// What the merged state says of streams that share a thread, in whatever order it was merged.
// SPDX-License-Identifier: MIT
#include "vouch/observe/threads.hpp"

#include <algorithm>

#include "tests/peer_named.hpp"
#include <gtest/gtest.h>

namespace vouch::observe::threads_test {
namespace {

using Codes = std::vector<std::uint16_t>;

state::State told(std::uint8_t by, const ThreadRun& run) {
  Records records;
  records.runs = {run};
  return state::delta_from(Writer{peer_named(by), 1}, 1, records);
}

state::State joined(const std::vector<state::State>& parts) {
  state::State out;
  for (const state::State& part : parts) out.join(part);
  return out;
}

Codes codes_of(const state::State& state) {
  Codes out;
  for (const ThreadFinding& finding : thread_findings(state)) out.push_back(finding.code);
  return out;
}

TEST(Threads, OneRunIdInTwoStreams) {
  const state::State state = joined({told(1, {"t", "r", "a", true}), told(2, {"t", "r", "b", true}),
                                     told(2, {"t", "q", "b", true})});
  const auto findings = thread_findings(state);
  ASSERT_EQ(findings.size(), 1U);
  const std::vector<state::RunPlace> both{{"t", "r", "a"}, {"t", "r", "b"}};
  EXPECT_EQ(findings[0], (ThreadFinding{2006, "t", both})) << "both carry it";
}

TEST(Threads, AnotherThreadOrAnotherWitnessIsNoSecondRun) {
  EXPECT_EQ(codes_of(joined({told(1, {"t", "r", "a", true}), told(2, {"u", "r", "b", true}),
                             told(3, {"t", "r", "a", false})})),
            Codes{});
}

TEST(Threads, RunsOfTwoStreamsGoOnAtOnce) {
  const state::State both =
      joined({told(1, {"t", "r", "a", false}), told(2, {"t", "q", "b", false})});
  EXPECT_EQ(codes_of(both), (Codes{6002}));
  EXPECT_EQ(codes_of(joined({both, told(3, {"t", "r", "a", true})})), Codes{})
      << "one peer saw it end";
}

TEST(Threads, TheOrderOfMergingDoesNotShow) {
  std::vector<state::State> parts{told(1, {"t", "r", "a", false}), told(2, {"t", "r", "b", false}),
                                  told(3, {"t", "q", "c", true}),  told(3, {"t", "r", "a", true}),
                                  told(1, {"u", "q", "c", false}), told(2, {"u", "r", "b", false})};
  const auto expected = thread_findings(joined(parts));
  EXPECT_EQ(expected.size(), 2U);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::ranges::rotate(parts, parts.begin() + 1);
    EXPECT_EQ(thread_findings(joined(parts)), expected);
    std::ranges::reverse(parts);
    EXPECT_EQ(thread_findings(joined(parts)), expected);
    std::ranges::reverse(parts);
  }
}

TEST(Threads, TheWordOfAProvenPeerIsGone) {
  state::State state = joined({told(1, {"t", "r", "a", true}), told(2, {"t", "r", "b", true})});
  state.join(state::delta_from_proof(peer_named(2), Bytes{1}));
  EXPECT_EQ(codes_of(state), Codes{});
}

}  // namespace
}  // namespace vouch::observe::threads_test
