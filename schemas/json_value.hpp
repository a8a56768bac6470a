// A JSON value as a mutable tree that keeps what verdicts depend on: member order, duplicate
// members, integer lexemes beyond 64 bits, unpaired surrogates. Strings are WTF-8: UTF-8 in which
// an unpaired surrogate stands as its three-byte form. Deliberately absent: parsing
// (json_parse.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace vouch::json {

class Value;
using Array = std::vector<Value>;
using Member = std::pair<std::string, Value>;
using Object =
    std::vector<Member>;  ///< in the order sent; duplicates are kept, the last one counts

/// An integer lexeme (no point, no exponent) that does not fit 64 bits, e.g. "-123...". Digits as
/// sent.
struct BigInteger {
  std::string digits;
  bool operator==(const BigInteger&) const = default;
};

class Value {
 public:
  using Data = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, BigInteger, double,
                            std::string, Array, Object>;

  Value() : data_(nullptr) {}
  template <class T>
    requires(!std::same_as<std::remove_cvref_t<T>, Value> && std::constructible_from<Data, T>)
  Value(T&& data) : data_(std::forward<T>(data)) {}  // NOLINT: converting on purpose

  const Data& data() const { return data_; }
  Data& data() { return data_; }

  template <class T>
  const T* get() const {
    return std::get_if<T>(&data_);
  }
  template <class T>
  T* get() {
    return std::get_if<T>(&data_);
  }

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
  bool is_number() const { return data_.index() >= 2 && data_.index() <= 5; }

  /// The member that counts (the last of that name); null pointer when absent or not an object.
  /// O(members).
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  /// The text of a string member; nothing (null data pointer) otherwise.
  const std::string* find_text(std::string_view name) const;

 private:
  Data data_;
};

}  // namespace vouch::json
