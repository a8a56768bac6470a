// simdjson as a second opinion on what JSON is. It refuses some of what is legal for us: unpaired
// surrogates, integers beyond 64 bits, deep nesting. Everything else it must read as we do.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::json {

inline Value tree_of(const simdjson::dom::element& from) {
  using simdjson::dom::element_type;
  switch (from.type()) {
    case element_type::NULL_VALUE:
      return {};
    case element_type::BOOL:
      return Value(bool(from));
    case element_type::INT64:
      return Value(std::int64_t(from));
    case element_type::UINT64:
      return Value(std::uint64_t(from));
    case element_type::DOUBLE:
      return Value(double(from));
    case element_type::STRING:
      return Value(std::string(std::string_view(from)));
    case element_type::ARRAY: {
      Array array;
      for (const auto item : simdjson::dom::array(from)) array.push_back(tree_of(item));
      return Value(std::move(array));
    }
    case element_type::OBJECT:
      break;
  }
  Object object;
  for (const auto member : simdjson::dom::object(from)) {
    object.emplace_back(std::string(member.key), tree_of(member.value));
  }
  return Value(std::move(object));
}

/// Nothing when simdjson refuses the text.
inline std::optional<Value> other_read(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), 2 * depth_max) != simdjson::SUCCESS ||
      parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return tree_of(root);
}

inline bool has_big_integer(const Value& value) {
  if (value.get<BigInteger>() != nullptr) return true;
  if (const auto* array = value.get<Array>()) return std::ranges::any_of(*array, has_big_integer);
  const auto* object = value.get<Object>();
  return object != nullptr && std::ranges::any_of(*object, [](const Member& member) {
           return has_big_integer(member.second);
         });
}

/// What is wrong with how a text is read; "" when all is well. `parser` may be warm.
inline std::string misread(std::string_view text, Parser& parser) {
  const auto other = other_read(text);
  ParseFault fault{};
  const auto read = parser.parse(text, fault);
  if (!read) {
    const bool deep = other && depth(*other) > depth_max;
    return !other || deep ? "" : "refused, and simdjson reads it";
  }
  const bool beyond_simdjson = read->unpaired_surrogates || has_big_integer(read->value);
  if (!other) return beyond_simdjson ? "" : "read, and simdjson refuses it";
  if (to_text(*other) != to_text(read->value)) return "another tree than that of simdjson";
  parser.read(text);
  const auto members = parser.flat();
  for (std::size_t i = 0; members && i < members->size(); ++i) {
    const FlatMember& member = (*members)[i];
    const Member& wanted = (*read->value.get<Object>())[i];
    std::string written;
    parser.append_canonical(member, written);
    if ('{' + written + '}' != canonical(Value(Object{wanted}))) return "a member is not canonical";
    if (member.name != wanted.first || to_text(parser.tree(member)) != to_text(wanted.second)) {
      return "another member than in the tree";
    }
  }
  return "";
}

}  // namespace vouch::json
