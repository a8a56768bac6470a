// A document and a patch, one a line: applied in place, a patch that fails leaves no trace, one
// that works gives what its operations give one after the other, and the budget is the weight.
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.hpp"

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::fuzz {

void run(std::string_view input) {
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return;
  const auto document = json::parse(input.substr(0, end));
  const auto patch = json::parse(input.substr(end + 1));
  if (!document || !patch || json::depth(*document) > json::depth_max) return;
  const std::string before = json::to_text(*document);
  json::Value whole = *document;
  json::PatchBudget budget{json::weight(whole), std::size_t{1} << 20};
  if (budget.used > budget.max) return;
  const auto failure = json::apply_patch(whole, *patch, budget);
  if (failure) {
    VOUCH_CHECK(json::to_text(whole) == before);
    VOUCH_CHECK(budget.used == json::weight(*document));
  }
  VOUCH_CHECK(budget.used == json::weight(whole) && budget.used <= budget.max);
  VOUCH_CHECK(json::depth(whole) <= json::depth_max);
  const json::Array* operations = patch->get<json::Array>();
  if (operations == nullptr) return;
  json::Value stepped = *document;
  json::PatchBudget steps{json::weight(stepped), budget.max};
  const std::size_t working = failure ? failure->op : operations->size();
  VOUCH_CHECK(working <= operations->size());
  for (std::size_t i = 0; i < working; ++i) {
    const json::Value one(json::Array{(*operations)[i]});
    VOUCH_CHECK(!json::apply_patch(stepped, one, steps));
  }
  if (!failure) VOUCH_CHECK(json::to_text(stepped) == json::to_text(whole));
}

}  // namespace vouch::fuzz
