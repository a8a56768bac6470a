// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_parse.hpp"

#include <simdjson.h>

#include <algorithm>


namespace vouch::json {
namespace {

namespace dom = simdjson::dom;

// simdjson counts depth differently with a scalar inside: it gets twice our limit, we count ourselves.
constexpr std::size_t simdjson_depth = 2 * depth_max;
constexpr std::size_t document_bytes_max = std::size_t{256} << 20;

/// Copies the tape into a tree; false when it is too deep.
bool convert(const dom::element& from, Value& to, int depth) {
  switch (from.type()) {
    case dom::element_type::NULL_VALUE: to = Value(); return true;
    case dom::element_type::BOOL: to = Value(bool(from)); return true;
    case dom::element_type::INT64: to = Value(std::int64_t(from)); return true;
    case dom::element_type::UINT64: to = Value(std::uint64_t(from)); return true;
    case dom::element_type::DOUBLE: to = Value(double(from)); return true;
    case dom::element_type::STRING: to = Value(std::string(std::string_view(from))); return true;
    case dom::element_type::ARRAY: {
      if (depth >= depth_max) return false;
      Array array;
      for (const dom::element item : dom::array(from)) {
        if (!convert(item, array.emplace_back(), depth + 1)) return false;
      }
      to = Value(std::move(array));
      return true;
    }
    case dom::element_type::OBJECT: {
      if (depth >= depth_max) return false;
      Object object;
      for (const dom::key_value_pair member : dom::object(from)) {
        object.emplace_back(std::string(member.key), Value());
        if (!convert(member.value, object.back().second, depth + 1)) return false;
      }
      to = Value(std::move(object));
      return true;
    }
  }
  return false;
}

}  // namespace

struct Parser::Impl {
  dom::parser parser{document_bytes_max};
  std::string padded;
};

Parser::Parser() : impl_(std::make_unique<Impl>()) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

std::optional<Parsed> Parser::parse(std::string_view text, ParseFault& fault) {
  fault = ParseFault::syntax;
  // The DOM reads up to 64 bytes behind the text: they must be ours.
  std::string& padded = impl_->padded;
  padded.assign(text);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  dom::element root;
  auto code = impl_->parser.allocate(std::max<std::size_t>(text.size(), 64), simdjson_depth);
  if (code == simdjson::SUCCESS) {
    code = impl_->parser.parse(padded.data(), text.size(), false).get(root);
  }
  if (code == simdjson::STRING_ERROR || code == simdjson::NUMBER_ERROR ||
      code == simdjson::DEPTH_ERROR || code == simdjson::BIGINT_ERROR) {
    return parse_strict(text, fault);
  }
  if (code != simdjson::SUCCESS) return std::nullopt;
  Parsed out;
  if (!convert(root, out.value, 0)) {
    fault = ParseFault::depth;
    return std::nullopt;
  }
  return out;
}

std::optional<Value> parse(std::string_view text) {
  ParseFault fault{};
  auto parsed = Parser().parse(text, fault);
  if (!parsed) return std::nullopt;
  return std::move(parsed->value);
}

}  // namespace vouch::json
