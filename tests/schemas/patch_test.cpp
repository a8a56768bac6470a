// What patches cost: the budget is the weight of the document, names of members included.
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::json::patch_test {
namespace {

struct Patched {
  std::string document;
  std::optional<PatchFailure> failure;
};

/// Applies a patch and checks that the budget is the weight of what comes out.
Patched patched(std::string_view document, std::string_view patch, std::size_t max = 1U << 20) {
  Value value = *parse(document);
  PatchBudget budget{weight(value), max};
  auto failure = apply_patch(value, *parse(patch), budget);
  EXPECT_EQ(budget.used, weight(value)) << document << ' ' << patch;
  return {to_text(value), std::move(failure)};
}

TEST(Patch, TheBudgetIsTheWeightOfTheDocument) {
  const std::string document = R"({"a":{"long name":[1,"two"]},"b":1,"b":"twice"})";
  for (const char* patch :
       {R"([{"op":"add","path":"/new","value":"x"}])", R"([{"op":"copy","from":"","path":"/c"}])",
        R"([{"op":"add","path":"/a/long name/0","value":{"n":1}}])",
        R"([{"op":"replace","path":"/a","value":0}])", R"([{"op":"remove","path":"/a"}])",
        R"([{"op":"remove","path":"/b"}])", R"([{"op":"remove","path":"/a/long name/1"}])",
        R"([{"op":"move","from":"/a/long name","path":"/c"}])",
        R"([{"op":"move","from":"/b","path":"/a/long name/-"}])", R"([{"op":"remove","path":""}])",
        R"([{"op":"move","from":"/a","path":""}])",
        R"([{"op":"add","path":"/x","value":1},{"op":"remove","path":"/a"}])"}) {
    EXPECT_FALSE(patched(document, patch).failure) << patch;
  }
}

TEST(Patch, AFailureLeavesDocumentAndBudgetAsTheyWere) {
  const std::string document = R"({"a":[1,2],"b":{"c":null},"b":{"d":0}})";
  for (const char* work :
       {R"({"op":"remove","path":"/b"})", R"({"op":"move","from":"/a/0","path":"/x"})",
        R"({"op":"copy","from":"","path":"/a/1"})", R"({"op":"add","path":"","value":7})"}) {
    const std::string patch = "[" + std::string(work) + R"(,{"op":"remove","path":"/none"}])";
    const Patched out = patched(document, patch);
    ASSERT_TRUE(out.failure);
    EXPECT_EQ(out.failure->op, 1U);
    EXPECT_EQ(out.document, document);
  }
}

TEST(Patch, NamesOfMembersCountAgainstTheBudget) {
  const std::string name(1000, 'n');
  const Patched out = patched("{}", R"([{"op":"add","path":"/)" + name + R"(","value":0}])", 1000);
  ASSERT_TRUE(out.failure);
  EXPECT_TRUE(out.failure->over_budget);
}

TEST(Patch, MovingCostsNothing) {
  const std::string document = R"({"a":")" + std::string(1000, 'x') + R"("})";
  EXPECT_FALSE(patched(document, R"([{"op":"move","from":"/a","path":"/b"}])", 1200).failure);
}

}  // namespace
}  // namespace vouch::json::patch_test
