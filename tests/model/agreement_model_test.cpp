// The rules of the agreement protocol hold in every reachable state of the model, and each rule is
// needed: without it the search finds two contradictory certificates.
// SPDX-License-Identifier: MIT
#include "tests/model/agreement_model.hpp"

#include "tests/model/search.hpp"
#include "tests/paths.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace vouch::model::agreement_model_test {
namespace {

constexpr std::size_t states_max = 6'000'000;

Rules rules_of(int n, int views) {
  Rules rules;
  rules.n = n;
  rules.f = (n - 1) / 3;
  rules.q = (n + rules.f + 2) / 2;
  rules.views = views;
  return rules;
}

std::string story(const Model& model, const Found<State>& found) {
  std::string out = fmt::format("{} states", found.states);
  for (const State& state : found.trace) out += fmt::format("\n{}", model.text(state));
  return out;
}

void expect_safe(const Rules& rules) {
  const Model model(rules);
  const auto found = search(model, states_max);
  EXPECT_FALSE(found.violated) << story(model, found);
  EXPECT_TRUE(found.exhausted) << "only " << found.states << " states were searched";
  testing::Test::RecordProperty("states", std::to_string(found.states));
}

void expect_violated(Rules rules) {
  const Model model(rules);
  const auto found = search(model, states_max);
  EXPECT_TRUE(found.violated) << found.states << " states without a violation";
}

TEST(Agreement, HoldsForFourVotersInThreeViewsWithNull) {
  expect_safe(rules_of(4, sanitized ? 2 : 3));
}

TEST(Agreement, HoldsForFewVotersAndForOtherQuorums) {
  expect_safe(rules_of(1, 3));
  expect_safe(rules_of(2, 3));
  expect_safe(rules_of(3, 2));
  expect_safe(rules_of(5, 2));
}

/// Too many states to see all: nothing is found within a bound.
TEST(Agreement, HoldsInTwoSuccessiveInstancesAsFarAsSearched) {
  Rules rules = rules_of(4, 2);
  rules.heights = 2;
  rules.null = false;
  const Model model(rules);
  const auto found = search(model, sanitized ? 150'000 : 1'500'000);
  EXPECT_FALSE(found.violated) << story(model, found);
}

class EveryRuleIsNeeded : public testing::TestWithParam<Mutant> {};

TEST_P(EveryRuleIsNeeded, TheSearchFindsTwoCertificates) {
  Rules rules = rules_of(4, 3);
  rules.null = false;
  rules.mutant = GetParam();
  expect_violated(rules);
}

INSTANTIATE_TEST_SUITE_P(Mutants, EveryRuleIsNeeded,
                         testing::Values(Mutant::view_0_commit_after_view_change,
                                         Mutant::view_change_without_lock,
                                         Mutant::view_0_does_not_lock, Mutant::lowest_lock_wins,
                                         Mutant::forgotten_vote, Mutant::byzantine_counted_twice,
                                         Mutant::free_choice_beside_a_lock));

TEST(NeededToo, TwoFPlusOneIsNoQuorumOfFive) {
  Rules rules = rules_of(5, 2);
  ASSERT_EQ(rules.q, 4);
  rules.q = 3;
  expect_violated(rules);
}

TEST(NeededToo, NobodyGoesOnWithoutACertificate) {
  Rules rules = rules_of(4, 2);
  rules.heights = 2;
  rules.null = false;
  rules.mutant = Mutant::next_height_without_certificate;
  expect_violated(rules);
}

}  // namespace
}  // namespace vouch::model::agreement_model_test
