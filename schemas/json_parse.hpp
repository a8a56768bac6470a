// JSON text -> Value. simdjson reads what it can; units it refuses although they are legal for us (unpaired
// surrogate escapes, integers beyond 64 bits) are read by a strict parser of our own with the same result.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "vouch/schemas/json_value.hpp"

namespace vouch::json {

enum class ParseFault : std::uint8_t {
  syntax,  ///< not exactly one JSON value, invalid UTF-8, or a number beyond the range of a double
  depth,   ///< more than depth_max nested arrays and objects, empty ones included
};

inline constexpr int depth_max = 512;

struct Parsed {
  Value value;
  bool unpaired_surrogates = false;  ///< some string has one
};

/// Keeps its buffers between calls. Not thread-safe; movable.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  /// Nothing when it fails; `fault` then says why.
  std::optional<Parsed> parse(std::string_view text, ParseFault& fault);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// For occasional documents.
std::optional<Value> parse(std::string_view text);

/// The slow path alone; public so that tests compare it with the fast one.
std::optional<Parsed> parse_strict(std::string_view text, ParseFault& fault);

}  // namespace vouch::json
