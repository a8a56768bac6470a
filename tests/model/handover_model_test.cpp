// While a roster hands over to the next one no two certificates contradict each other, in every
// reachable state of the model; and each rule is needed.
// SPDX-License-Identifier: MIT
#include "tests/model/handover_model.hpp"

#include "tests/model/search.hpp"
#include "tests/paths.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace vouch::model::handover_model_test {
namespace {

constexpr std::size_t states_max = sanitized ? 200'000 : 4'000'000;

void expect_safe(const HandoverRules& rules, bool all) {
  const HandoverModel model(rules);
  const auto found = search(model, states_max);
  std::string story;
  for (const auto& state : found.trace) story += fmt::format("\n{}", model.text(state));
  EXPECT_FALSE(found.violated) << story;
  EXPECT_TRUE(found.exhausted || !all || sanitized) << "only " << found.states << " were searched";
  testing::Test::RecordProperty("states", std::to_string(found.states));
  testing::Test::RecordProperty("exhausted", found.exhausted ? "yes" : "no");
}

/// How many honest voters stay, leave and join, and how many views each epoch has.
HandoverRules rules_of(int stay, int leave, int join, std::array<int, 2> views) {
  HandoverRules rules;
  rules.stay = stay;
  rules.leave = leave;
  rules.join = join;
  rules.views = views;
  return rules;
}

TEST(Handover, HoldsWhenOneOfFourIsReplaced) {
  expect_safe(rules_of(2, 1, 1, {1, 1}), true);
}

/// The one that is replaced says nothing any more.
TEST(Handover, HoldsWhenADeadOneIsReplaced) {
  expect_safe(rules_of(2, 0, 1, {1, 2}), true);
  expect_safe(rules_of(2, 0, 1, {2, 1}), true);
  expect_safe(rules_of(2, 0, 1, {2, 2}), true);
}

/// Added or taken out, so that quorums differ; with three voters nobody may lie.
TEST(Handover, HoldsWhenThereAreMoreOrFewerAfterwards) {
  HandoverRules more = rules_of(3, 0, 1, {1, 1});
  more.q = {3, 4};
  expect_safe(more, true);
  HandoverRules fewer = rules_of(3, 0, 0, {1, 2});
  fewer.q = {3, 2};
  fewer.f = {1, 0};
  expect_safe(fewer, true);
  HandoverRules five = rules_of(3, 1, 0, {1, 1});
  five.q = {4, 3};
  expect_safe(five, true);
}

/// Too many states to see all: nothing is found within a bound.
TEST(Handover, HoldsWithDisputesInBothEpochsAsFarAsSearched) {
  expect_safe(rules_of(2, 1, 1, {2, 2}), false);
}

/// Quorums then share one voter, the liar.
TEST(Handover, HoldsWhenMoreAreReplacedThanRostersOverlap) {
  expect_safe(rules_of(1, 2, 2, {1, 1}), true);
  expect_safe(rules_of(0, 3, 2, {1, 2}), true);
}

class EveryRuleOfTheHandoverIsNeeded : public testing::TestWithParam<HandoverMutant> {};

TEST_P(EveryRuleOfTheHandoverIsNeeded, TheSearchFindsTwoCertificates) {
  std::size_t states = 0;
  for (HandoverRules rules : {rules_of(2, 1, 1, {1, 1}), rules_of(2, 0, 1, {1, 2})}) {
    rules.mutant = GetParam();
    const auto found = search(HandoverModel(rules), 4'000'000);
    states += found.states;
    RecordProperty("states", std::to_string(states));
    if (found.violated) return;
  }
  FAIL() << states << " states without a violation";
}

INSTANTIATE_TEST_SUITE_P(
    Mutants, EveryRuleOfTheHandoverIsNeeded,
    testing::Values(HandoverMutant::votes_after_the_stop, HandoverMutant::enters_without_handovers,
                    HandoverMutant::roster_before_certificate,
                    HandoverMutant::handover_without_locks, HandoverMutant::one_handover_fewer,
                    HandoverMutant::joiner_hands_over, HandoverMutant::removed_voter_counts,
                    HandoverMutant::view_0_beside_a_lock, HandoverMutant::lock_is_not_passed_on,
                    HandoverMutant::locks_compared_by_view_only));

}  // namespace
}  // namespace vouch::model::handover_model_test
