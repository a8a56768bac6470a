// JSON text -> Value, or the members of a flat object without a tree. What is refused, and why, is
// decided in json_reader.hpp.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
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

/// A member of an object as it was read, without a tree.
struct FlatMember {
  enum class Type : std::uint8_t { null, boolean, integer, number, text, array, object };
  std::string_view name;
  Type type = Type::null;
  bool flag = false;            ///< boolean
  std::int64_t integer = 0;     ///< integer: a lexeme without point and exponent that fits
  double number = 0;            ///< number: every other one
  std::string_view text;        ///< UTF-8
  bool escaped = false;         ///< `text` is as sent, with escapes; Parser::text takes them out
  std::size_t nested = 0;       ///< array, object: for Parser::tree and Parser::append_canonical
  std::string_view as_sent;     ///< `"name":value` in the unit, if that is canonical; else empty
  const char* begin = nullptr;  ///< of the member in the unit
};

/// So many bytes can be read behind a unit, and behind every part of it.
inline constexpr std::size_t unit_padding = 64;

/// Objects with more members are read as trees only.
inline constexpr std::size_t flat_members_max = 32;

/// Reads units and keeps its buffers between calls: no allocation once warm, but for trees. Buffers
/// that one large unit made are given back by the next small one. Not thread-safe; movable.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  /// Reads one unit; a fault when it is refused. What follows speaks of the last unit that was
  /// read, and what it returns lives until the next call of read() or parse().
  std::optional<ParseFault> read(std::string_view text);

  bool is_object() const;
  bool unpaired_surrogates() const;
  /// The members in the order sent, duplicates included, when the unit is an object of at most
  /// flat_members_max, without unpaired surrogates, and none of them is an integer beyond the
  /// 64-bit signed ones; nothing otherwise.
  std::optional<std::span<const FlatMember>> flat() const;
  /// So many of the first of them are those of the unit before, which was flat, too: the same
  /// objects with the same content.
  std::size_t kept() const;
  /// The text of one of those members that is a text, without escapes.
  std::string_view text(const FlatMember& member) {
    return member.escaped ? unescaped(member) : member.text;
  }
  /// One of those members as a tree; at most once for each. Not behind tree().
  const Value& tree(const FlatMember& member);
  /// Appends `"name":value` of one of those members in canonical form. Not behind tree().
  void append_canonical(const FlatMember& member, std::string& out) {
    member.as_sent.empty() ? write_canonical(member, out) : void(out += member.as_sent);
  }
  /// The unit as a tree. May be taken once.
  Value tree();

  /// read() and tree() in one. Nothing when it fails; `fault` then says why.
  std::optional<Parsed> parse(std::string_view text, ParseFault& fault);

 private:
  struct Impl;
  std::string_view unescaped(const FlatMember& member);
  void write_canonical(const FlatMember& member, std::string& out);
  std::unique_ptr<Impl> impl_;
};

/// For occasional documents.
std::optional<Value> parse(std::string_view text);

}  // namespace vouch::json
