// The fast path. Every unit that simdjson refuses is given to parse_strict(), which decides: so
// verdicts do not depend on which of its kernels runs, nor on the order in which they look for
// faults.
// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_parse.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include <simdjson.h>

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_sorted.hpp"

namespace vouch::json {
namespace {

namespace dom = simdjson::dom;
using ElementType = dom::element_type;

// Deeper units are rare and left to the strict parser: simdjson counts depth in its own way.
constexpr std::size_t fast_depth = 128;
constexpr std::size_t fast_bytes_max = std::size_t{16} << 20;
constexpr std::size_t capacity_min = 1024;
// Above this, a parser does not keep the buffers that one unit needed.
constexpr std::size_t capacity_kept = std::size_t{64} << 10;

Value convert(const dom::element& from) {
  switch (from.type()) {
    case ElementType::NULL_VALUE:
      return {};
    case ElementType::BOOL:
      return Value(bool(from));
    case ElementType::INT64:
      return Value(std::int64_t(from));
    case ElementType::UINT64:
      return Value(std::uint64_t(from));
    case ElementType::DOUBLE:
      return Value(double(from));
    case ElementType::STRING:
      return Value(std::string(std::string_view(from)));
    case ElementType::ARRAY: {
      Array array;
      for (const dom::element item : dom::array(from)) array.push_back(convert(item));
      return Value(std::move(array));
    }
    case ElementType::OBJECT:
      break;
  }
  Object object;
  for (const dom::key_value_pair member : dom::object(from)) {
    object.emplace_back(std::string(member.key), convert(member.value));
  }
  return Value(std::move(object));
}

/// False when an integer is too large.
bool flatten(const dom::key_value_pair& from, FlatMember& to) {
  to.name = from.key;
  switch (from.value.type()) {
    case ElementType::NULL_VALUE:
      to.type = FlatMember::Type::null;
      return true;
    case ElementType::BOOL:
      to.type = FlatMember::Type::boolean;
      to.flag = bool(from.value);
      return true;
    case ElementType::INT64:
      to.type = FlatMember::Type::integer;
      to.integer = std::int64_t(from.value);
      return true;
    case ElementType::DOUBLE:
      to.type = FlatMember::Type::number;
      to.number = double(from.value);
      return true;
    case ElementType::STRING:
      to.type = FlatMember::Type::text;
      to.text = std::string_view(from.value);
      return true;
    case ElementType::ARRAY:
      to.type = FlatMember::Type::array;
      return true;
    case ElementType::OBJECT:
      to.type = FlatMember::Type::object;
      return true;
    case ElementType::UINT64:
      break;
  }
  return false;
}

using Sorted = SortedMembers<dom::element>;

void append_element(const dom::element& from, Sorted& scratch, std::string& out) {
  switch (from.type()) {
    case ElementType::NULL_VALUE:
      out += "null";
      break;
    case ElementType::BOOL:
      out += bool(from) ? "true" : "false";
      break;
    case ElementType::INT64:
      append_integer(std::int64_t(from), out);
      break;
    case ElementType::UINT64:
      append_integer(std::uint64_t(from), out);
      break;
    case ElementType::DOUBLE:
      append_number(double(from), out);
      break;
    case ElementType::STRING:
      append_utf8_string(std::string_view(from), out);
      break;
    case ElementType::ARRAY: {
      char separator = '[';
      for (const dom::element item : dom::array(from)) {
        out.push_back(separator);
        separator = ',';
        append_element(item, scratch, out);
      }
      out += separator == '[' ? "[]" : "]";
      break;
    }
    case ElementType::OBJECT: {
      const auto begin = scratch.size();
      for (const dom::key_value_pair member : dom::object(from)) {
        scratch.add(member.key, member.value);
      }
      append_sorted(scratch, begin, out,
                    [&](const dom::element& value) { append_element(value, scratch, out); });
      break;
    }
  }
}

}  // namespace

struct Parser::Impl {
  dom::parser parser{fast_bytes_max};
  std::string padded;
  dom::element root;
  std::optional<Parsed> strict;  ///< set when the last unit took the slow path
  bool object = false;
  bool is_flat = false;
  std::vector<FlatMember> members;
  std::vector<dom::element> nested;  ///< those of `members` that nest
  Sorted order;

  bool read_fast(std::string_view text) {
    if (text.size() > fast_bytes_max || !make_room(text.size())) return false;
    // The parser reads up to so many bytes behind the text: they must be ours.
    padded.assign(text);
    padded.append(simdjson::SIMDJSON_PADDING, '\0');
    return parser.parse(padded.data(), text.size(), false).get(root) == simdjson::SUCCESS;
  }

  bool make_room(std::size_t size) {
    const bool oversized = parser.capacity() > capacity_kept && size <= capacity_kept;
    if (oversized) {
      parser = dom::parser(fast_bytes_max);
      padded = std::string();
    }
    if (parser.capacity() >= size && parser.capacity() > 0) return true;
    const std::size_t capacity = std::max(capacity_min, std::bit_ceil(size));
    return parser.allocate(capacity, fast_depth) == simdjson::SUCCESS;
  }

  void look() {
    members.clear();
    nested.clear();
    object = root.is_object();
    is_flat = object && dom::object(root).size() <= flat_members_max;
    if (!is_flat) return;
    for (const dom::key_value_pair member : dom::object(root)) {
      FlatMember& held = members.emplace_back();
      if (!flatten(member, held)) {
        is_flat = false;
        return;
      }
      if (held.type < FlatMember::Type::array) continue;
      held.nested = nested.size();
      nested.push_back(member.value);
    }
  }
};

Parser::Parser() : impl_(std::make_unique<Impl>()) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

std::optional<ParseFault> Parser::read(std::string_view text) {
  impl_->strict.reset();
  if (impl_->read_fast(text)) {
    impl_->look();
    return std::nullopt;
  }
  ParseFault fault{};
  impl_->strict = parse_strict(text, fault);
  if (!impl_->strict) return fault;
  impl_->object = impl_->strict->value.get<Object>() != nullptr;
  impl_->is_flat = false;
  return std::nullopt;
}

bool Parser::is_object() const {
  return impl_->object;
}

bool Parser::unpaired_surrogates() const {
  return impl_->strict && impl_->strict->unpaired_surrogates;
}

std::optional<std::span<const FlatMember>> Parser::flat() const {
  if (!impl_->is_flat) return std::nullopt;
  return impl_->members;
}

void Parser::append_canonical(std::string& out) {
  if (impl_->strict) {
    json::append_canonical(impl_->strict->value, out);
  } else {
    append_element(impl_->root, impl_->order, out);
  }
}

void Parser::append_canonical(const FlatMember& member, std::string& out) {
  switch (member.type) {
    case FlatMember::Type::null:
      out += "null";
      break;
    case FlatMember::Type::boolean:
      out += member.flag ? "true" : "false";
      break;
    case FlatMember::Type::integer:
      append_integer(member.integer, out);
      break;
    case FlatMember::Type::number:
      append_number(member.number, out);
      break;
    case FlatMember::Type::text:
      append_utf8_string(member.text, out);
      break;
    case FlatMember::Type::array:
    case FlatMember::Type::object:
      append_element(impl_->nested[member.nested], impl_->order, out);
      break;
  }
}

Value Parser::tree(const FlatMember& member) const {
  switch (member.type) {
    case FlatMember::Type::null:
      break;
    case FlatMember::Type::boolean:
      return Value(member.flag);
    case FlatMember::Type::integer:
      return Value(member.integer);
    case FlatMember::Type::number:
      return Value(member.number);
    case FlatMember::Type::text:
      return Value(std::string(member.text));
    case FlatMember::Type::array:
    case FlatMember::Type::object:
      return convert(impl_->nested[member.nested]);
  }
  return {};
}

Value Parser::tree() {
  if (impl_->strict) return std::move(impl_->strict->value);
  return convert(impl_->root);
}

std::optional<Parsed> Parser::parse(std::string_view text, ParseFault& fault) {
  if (const auto refused = read(text)) {
    fault = *refused;
    return std::nullopt;
  }
  return Parsed{tree(), unpaired_surrogates()};
}

std::optional<Value> parse(std::string_view text) {
  ParseFault fault{};
  auto parsed = Parser().parse(text, fault);
  if (!parsed) return std::nullopt;
  return std::move(parsed->value);
}

}  // namespace vouch::json
