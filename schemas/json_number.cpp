// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace vouch::json {
namespace {

std::size_t digits_at(std::string_view text, std::size_t at) {
  const std::size_t end = text.find_first_not_of("0123456789", at);
  return at > text.size() ? 0 : std::min(end, text.size()) - at;
}

/// Length of the lexeme, 0 when there is none; whether it is an integer.
std::size_t lexeme_at(std::string_view text, bool& integer) {
  const auto is = [&text](std::size_t at, std::string_view set) {
    return at < text.size() && set.find(text[at]) != std::string_view::npos;
  };
  std::size_t at = is(0, "-") ? 1 : 0;
  const std::size_t whole = is(at, "0") ? 1 : digits_at(text, at);
  at += whole;
  if (whole == 0) return 0;
  integer = !is(at, ".eE");
  if (is(at, ".")) {
    const std::size_t digits = digits_at(text, at + 1);
    at += 1 + digits;
    if (digits == 0) return 0;
  }
  if (is(at, "eE")) {
    at += is(at + 1, "+-") ? 2 : 1;
    const std::size_t digits = digits_at(text, at);
    at += digits;
    if (digits == 0) return 0;
  }
  return at;
}

/// Power of ten of the first significant digit; only its sign counts.
std::int64_t decimal_exponent(std::string_view lexeme) {
  const std::size_t e = std::min(lexeme.find_first_of("eE"), lexeme.size());
  const std::string_view digits = lexeme.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<std::int64_t>(digits.find_first_of("123456789"));
  std::int64_t exponent = 0;
  if (e < lexeme.size()) {
    const bool negative = lexeme[e + 1] == '-';
    const std::size_t from = e + (negative || lexeme[e + 1] == '+' ? 2 : 1);
    const char* end = lexeme.data() + lexeme.size();
    const auto read = std::from_chars(lexeme.data() + from, end, exponent);
    constexpr std::int64_t far = std::int64_t{1} << 40;  // no mantissa is that long
    exponent = read.ec == std::errc() ? std::min(exponent, far) : far;
    if (negative) exponent = -exponent;
  }
  return exponent + (first < point ? point - first - 1 : point - first);
}

/// False when the double would be infinite. Independent of the locale, as strtod() is not.
bool real(std::string_view lexeme, Value& out) {
  double number = 0;
  const auto read = std::from_chars(lexeme.data(), lexeme.data() + lexeme.size(), number);
  if (read.ec == std::errc()) {
    out = Value(number);
    return std::isfinite(number);
  }
  // Beyond the range on either side: what is too small is zero.
  out = Value(0.0);
  return decimal_exponent(lexeme) < 0;
}

bool whole(std::string_view lexeme, Value& out) {
  const char* end = lexeme.data() + lexeme.size();
  std::int64_t small = 0;
  std::uint64_t large = 0;
  Value magnitude;
  if (std::from_chars(lexeme.data(), end, small).ec == std::errc()) {
    out = Value(small);
  } else if (std::from_chars(lexeme.data(), end, large).ec == std::errc()) {
    out = Value(large);
  } else if (real(lexeme, magnitude)) {
    out = Value(BigInteger{std::string(lexeme)});
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::size_t read_number(std::string_view text, Value& out) {
  bool integer = true;
  const std::size_t length = lexeme_at(text, integer);
  const std::string_view lexeme = text.substr(0, length);
  if (length == 0 || !(integer ? whole(lexeme, out) : real(lexeme, out))) return 0;
  return length;
}

}  // namespace vouch::json
