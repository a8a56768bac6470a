// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_canonical.hpp"

#include <charconv>

#include "vouch/schemas/json_sorted.hpp"
#include "vouch/schemas/plain_bytes.hpp"
#include "vouch/schemas/utf8.hpp"

namespace vouch::json {
namespace {

/// Length of the prefix that is copied as it stands.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at + plain_stride <= text.size()) {
    const std::size_t ahead = plain_ahead(text.data() + at);
    at += ahead;
    if (ahead < plain_stride) return at;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_hex4(std::uint32_t unit, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(digits[unit >> shift & 15]);
}

/// One character that cannot be copied as it stands; gives how many bytes it took.
std::size_t append_special(std::string_view rest, std::string& out) {
  const auto c = static_cast<unsigned char>(rest.front());
  switch (c) {
    case '"':
      out += "\\\"";
      return 1;
    case '\\':
      out += "\\\\";
      return 1;
    case '\b':
      out += "\\b";
      return 1;
    case '\f':
      out += "\\f";
      return 1;
    case '\n':
      out += "\\n";
      return 1;
    case '\r':
      out += "\\r";
      return 1;
    case '\t':
      out += "\\t";
      return 1;
    default:
      break;
  }
  if (c < 0x20) {
    append_hex4(c, out);
    return 1;
  }
  std::size_t length = 0;
  const std::uint32_t point = next_code_point(rest, length);
  if (point >= 0xD800 && point < 0xE000) {
    append_hex4(point, out);
  } else {
    out += rest.substr(0, length);
  }
  return length;
}

template <class Integer>
void append_digits(Integer number, std::string& out) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

using Sorted = SortedMembers<const Value*>;

struct Appender {
  Sorted& scratch;
  std::string& out;

  void value(const Value& value) const { std::visit(*this, value.data()); }

  void operator()(std::nullptr_t) const { out += "null"; }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(std::int64_t number) const { append_digits(number, out); }
  void operator()(std::uint64_t number) const { append_digits(number, out); }
  void operator()(const BigInteger& number) const { out += number.digits; }
  void operator()(double number) const { append_number(number, out); }
  void operator()(const std::string& text) const { append_string(text, out); }
  void operator()(const Array& array) const {
    char separator = '[';
    for (const Value& item : array) {
      out.push_back(separator);
      separator = ',';
      value(item);
    }
    out += separator == '[' ? "[]" : "]";
  }
  void operator()(const Object& object) const {
    const std::size_t begin = scratch.size();
    for (const Member& member : object) scratch.add(member.first, &member.second);
    append_sorted(scratch, begin, out, [this](const Value* member) { value(*member); });
  }
};

/// Shortest digits that read back equal, and the place of the decimal point behind the first of
/// them.
struct Decimal {
  char digits[32];
  int count = 0;
  int point = 0;
};

Decimal decimal(double magnitude) {
  char text[40];
  const char* end =
      std::to_chars(text, text + sizeof text, magnitude, std::chars_format::scientific).ptr;
  Decimal out;
  const char* at = text;
  for (; *at != 'e'; ++at) {
    if (*at != '.') out.digits[out.count++] = *at;
  }
  ++at;
  if (*at == '+') ++at;
  int exponent = 0;
  std::from_chars(at, end, exponent);
  out.point = exponent + 1;
  return out;
}

}  // namespace

void append_string(std::string_view text, std::string& out) {
  // Rare, and then character by character: where the runs end would cost their length each time.
  const bool surrogates = has_surrogate(text);
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t run = surrogates ? 0 : plain_prefix(text);
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (!text.empty()) text.remove_prefix(append_special(text, out));
  }
  out.push_back('"');
}

void append_number(double number, std::string& out) {
  if (number == 0) {
    out.push_back('0');
    return;
  }
  if (number < 0) out.push_back('-');
  // The layout of ECMAScript differs from that of std::to_chars: its shortest digits are laid out
  // anew.
  const Decimal d = decimal(number < 0 ? -number : number);
  const std::string_view digits(d.digits, static_cast<std::size_t>(d.count));
  const auto zeros = [&out](int n) { out.append(static_cast<std::size_t>(n), '0'); };
  if (d.point >= d.count && d.point <= 21) {
    out += digits;
    zeros(d.point - d.count);
  } else if (d.point > 0 && d.point <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(d.point));
    out.push_back('.');
    out += digits.substr(static_cast<std::size_t>(d.point));
  } else if (d.point > -6 && d.point <= 0) {
    out += "0.";
    zeros(-d.point);
    out += digits;
  } else {
    out.push_back(digits.front());
    if (d.count > 1) {
      out.push_back('.');
      out += digits.substr(1);
    }
    const int exponent = d.point - 1;
    out += exponent < 0 ? "e-" : "e+";
    append_digits(exponent < 0 ? -exponent : exponent, out);
  }
}

void append_canonical(const Value& value, std::string& out) {
  Sorted scratch;
  Appender{scratch, out}.value(value);
}

std::string canonical(const Value& value) {
  std::string out;
  append_canonical(value, out);
  return out;
}

}  // namespace vouch::json
