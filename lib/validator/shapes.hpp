// The field tables of RULES section 1 as data: what every event and nested type consists of. One
// table drives the strip pass, the judge pass and both rule sets.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "vouch/validator/event.hpp"

namespace vouch::validator {

enum class Type : std::uint8_t {
  id,         ///< string that identifies something: unpaired surrogates are fatal
  text,       ///< any string
  timestamp,  ///< integer within +-(2^53 - 1)
  count,      ///< integer within 0..2^53 - 1
  boolean,
  object,     ///< open object
  any,        ///< opaque, null included
  any_set,    ///< opaque, but not null
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

struct Field {
  std::string_view name;
  Type type = Type::text;
  bool required = false;
  const Shape* shape = nullptr;
  const Union* options = nullptr;
  std::string_view constant = {};
  bool since_1_1 = false;
  std::size_t min_items = 0;
};

struct Shape {
  std::string_view name;
  std::span<const Field> fields;
  bool open = false;  ///< unknown members are legal and kept
};

struct Variant {
  std::string_view tag;
  const Shape* shape;
};

struct Union {
  std::string_view name;
  std::string_view tag;  ///< member that tells the variant
  std::span<const Variant> variants;
};

const Shape& shape_of(Kind kind);
const Shape& run_agent_input_shape();
/// Allowed values of a Type::tag field.
std::span<const std::string_view> tag_values(std::string_view field);

}  // namespace vouch::validator
