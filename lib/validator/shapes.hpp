// The field tables of RULES section 1 as data: what every event and nested type consists of. One
// table drives the strip pass, the judge pass and all rule sets; a row says which sets have it.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "vouch/validator/event.hpp"
#include "vouch/validator/rule_set.hpp"

namespace vouch::validator {

enum class Type : std::uint8_t {
  id,         ///< string that identifies something: unpaired surrogates are fatal
  text,       ///< any string
  timestamp,  ///< integer within +-(2^53 - 1)
  count,      ///< integer within 0..2^53 - 1
  whole,      ///< integer of at least 0
  number,     ///< any number
  boolean,
  object,     ///< open object
  any,        ///< opaque, null included
  any_set,    ///< opaque, but not null
  array,      ///< array of opaque values
  constant,   ///< the one string in `constant`
  text_role,  ///< developer, system, assistant, user
  ids,        ///< list of ids
  pointer,    ///< JSON Pointer
  shape,      ///< closed object
  shapes,     ///< list of closed objects
  one_of,     ///< tagged union
  many_of,    ///< list of tagged unions
  text_or_parts,
  tag,  ///< closed set of strings that acts as a union tag (resume status, encrypted subtype)
};

struct Shape;
struct Union;

/// Rule sets that have a row: one bit for each Protocol.
using Sets = std::uint8_t;
constexpr Sets set_of(Protocol protocol) {
  return static_cast<Sets>(1U << static_cast<unsigned>(protocol));
}
inline constexpr Sets in_1_1 = set_of(Protocol::agui_1_1);
inline constexpr Sets in_1_x = in_1_1 | set_of(Protocol::agui_1_0);
inline constexpr Sets in_0_0_58 = set_of(Protocol::agui_0_0_58);
inline constexpr Sets in_all = in_1_x | in_0_0_58;

struct Field {
  std::string_view name;
  Type type = Type::text;
  bool required = false;
  const Shape* shape = nullptr;
  const Union* options = nullptr;
  std::string_view constant = {};
  Sets sets = in_all;
  std::size_t min_items = 0;
  bool nullable = false;  ///< null means absent
};

struct Shape {
  std::string_view name;
  std::span<const Field> fields;
  bool open = false;                                     ///< unknown members are legal and kept
  bool exact_in_0_0_58 = false;                          ///< unknown members are fatal there (1113)
  std::span<const std::string_view> one_not_empty = {};  ///< texts, one of which has to be there
};

struct Variant {
  std::string_view tag;
  const Shape* shape;
  Sets sets = in_all;
};

struct Union {
  std::string_view name;
  std::string_view tag;  ///< member that tells the variant
  std::span<const Variant> variants;
};

const Shape& shape_of(Kind kind);
/// The field of that name, null when the rule set has none.
const Field* field_of(const Shape& shape, std::string_view name, Protocol protocol);
/// The variant of that tag, null when the rule set has none.
const Variant* variant_of(const Union& options, std::string_view tag, Protocol protocol);
const Shape& run_agent_input_shape();
/// `text` is among the values of a Type::text_role field.
bool is_text_role(std::string_view text);
/// `text` is among the allowed values of the Type::tag field of that name.
bool is_tag_value(std::string_view field, std::string_view text);

}  // namespace vouch::validator
