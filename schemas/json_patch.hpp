// JSON Pointer (RFC 6901) and JSON Patch (RFC 6902), applied in place with an undo log: a patch
// that fails leaves no trace, and nothing is copied but what an operation copies or compares.
// Deliberately absent: any meaning of member names.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vouch/schemas/json_names.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::json {

bool is_pointer(std::string_view text);

/// Tokens of a pointer, unescaped; nothing when it is none ("" is the whole document: no tokens).
std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer);

/// Appends "/" and the escaped token.
void append_pointer_token(std::string_view token, std::string& pointer);

/// Equality of RFC 6902 `test`: integers of 64 bits exactly, other numbers as doubles, members in
/// any order (the last one of a name counts), strings by code points. O(n log n).
bool deep_equal(const Value& a, const Value& b);

/// What a value occupies, for limits: 32 for every value and member, plus the bytes of its texts.
inline constexpr std::size_t value_weight = 32;
std::size_t weight(const Value& value);
/// What a member adds to the weight of its object beside its value.
std::size_t member_weight(std::string_view name);

/// Levels of arrays and objects; 0 for a scalar.
int depth(const Value& value);

/// The weight of the document that patches change, and its bound. Without one a few copies of the
/// whole into itself would fill any memory.
struct PatchBudget {
  std::size_t used = 0;
  std::size_t max = std::size_t{64} << 20;
};

/// A patch fails, as over budget, before the operation at which it has taken more steps than this.
/// Steps: members passed in search of a name, places that an insertion or removal moves, and of
/// values that are copied, compared or let go a 32nd of the weight. Without a bound one event of a
/// megabyte could keep a peer busy for hours.
inline constexpr std::size_t patch_steps_max = std::size_t{1} << 26;

struct PatchFailure {
  std::size_t op = 0;  ///< index of the operation
  std::string reason;
  bool over_budget = false;
};

/// Applies all operations in order, or none; on success budget.used is the new weight. An
/// operation fails when RULES 2.6 says so, when it is malformed, when it nests the document
/// deeper than depth_max levels, and when it passes the budget. Members that no operation knows
/// are ignored; values that it adds move out of the patch. `names` belongs to the document from its
/// first patch on, and to no other: whoever changes the document by other means forgets it.
std::optional<PatchFailure> apply_patch(Value& document, Value patch, PatchBudget& budget,
                                        NameIndex& names);
/// The same without memory of the document.
std::optional<PatchFailure> apply_patch(Value& document, Value patch, PatchBudget& budget);
/// The same with a budget of its own.
std::optional<PatchFailure> apply_patch(Value& document, Value patch);

}  // namespace vouch::json
