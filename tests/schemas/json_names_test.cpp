// Patches with an index of names do what patches without one do, for documents with large objects,
// repeated names, and names that share hashes.
// SPDX-License-Identifier: MIT
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::json::json_names_test {
namespace {

using Dice = std::mt19937_64;

std::size_t below(std::size_t n, Dice& dice) {
  return dice() % n;
}

std::string name(std::size_t i) {
  return "name" + std::to_string(i);
}

/// Names from 0 on; some twice.
Value large_object(std::size_t members, Dice& dice) {
  Object out;
  for (std::size_t i = 0; i < members; ++i) {
    out.emplace_back(name(below(20, dice) == 0 ? i / 2 : i), Value(static_cast<std::int64_t>(i)));
  }
  return Value(std::move(out));
}

std::string any_path(Dice& dice) {
  std::string out;
  for (std::size_t i = 0, n = below(5, dice) > 0 ? 1 : 1 + below(3, dice); i < n; ++i) {
    out += "/" + (below(4, dice) == 0 ? std::to_string(below(3, dice)) : name(below(150, dice)));
  }
  return out;
}

Value any_patch(Dice& dice) {
  static const char* ops[] = {"add",     "add",    "replace", "replace", "replace",
                              "replace", "remove", "move",    "copy",    "test"};
  Array patch;
  for (std::size_t i = 0, n = below(8, dice) > 0 ? 1 : 3; i < n; ++i) {
    Object op{{"op", std::string(ops[below(std::size(ops), dice)])}, {"path", any_path(dice)}};
    op.emplace_back("from", Value(any_path(dice)));
    op.emplace_back("value", below(6, dice) == 0 ? large_object(below(140, dice), dice)
                                                 : Value(static_cast<std::int64_t>(i)));
    patch.emplace_back(std::move(op));
  }
  return Value(std::move(patch));
}

TEST(NameIndex, ChangesNoPatch) {
  std::size_t applied = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Dice dice(seed);
    Value with = large_object(150, dice);
    for (auto& [key, value] : *with.get<Object>()) {
      if (below(12, dice) == 0) value = large_object(below(140, dice), dice);
    }
    Value without = with;
    PatchBudget budget_with{weight(with)}, budget_without = budget_with;
    NameIndex names;
    for (int i = 0; i < 200; ++i) {
      const Value patch = any_patch(dice);
      const auto got = apply_patch(with, patch, budget_with, names);
      const auto wanted = apply_patch(without, patch, budget_without);
      ASSERT_EQ(got.has_value(), wanted.has_value()) << seed << " " << to_text(patch);
      ASSERT_EQ(got ? got->reason : "", wanted ? wanted->reason : "");
      ASSERT_EQ(budget_with.used, budget_without.used);
      ASSERT_EQ(to_text(with), to_text(without)) << seed << " " << to_text(patch);
      applied += got ? 0 : 1;
    }
  }
  EXPECT_GT(applied, 3'000U);
}

TEST(NameIndex, FindsNamesThatShareAHash) {
  Object object;
  for (std::size_t i = 0; object.size() < 200; ++i) {
    if (std::hash<std::string_view>()(name(i)) % 1024 == 0) object.emplace_back(name(i), Value());
  }
  NameIndex names;
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < object.size(); ++i) {
      ASSERT_EQ(names.find(object, object[i].first), i);
    }
    ASSERT_EQ(names.find(object, "nobody"), NameIndex::npos);
  }
}

}  // namespace
}  // namespace vouch::json::json_names_test
