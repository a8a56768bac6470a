// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_canonical.hpp"

#include <algorithm>
#include <charconv>

#include "vouch/schemas/utf8.hpp"

namespace vouch::json {
namespace {

bool plain(unsigned char c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0xED; }

void append_hex4(std::uint32_t unit, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(digits[unit >> shift & 15]);
}

/// One character that cannot be copied as it stands; gives how many bytes it took.
std::size_t append_special(std::string_view rest, std::string& out) {
  const auto c = static_cast<unsigned char>(rest.front());
  switch (c) {
    case '"': out += "\\\""; return 1;
    case '\\': out += "\\\\"; return 1;
    case '\b': out += "\\b"; return 1;
    case '\f': out += "\\f"; return 1;
    case '\n': out += "\\n"; return 1;
    case '\r': out += "\\r"; return 1;
    case '\t': out += "\\t"; return 1;
    default: break;
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
void append_integer(Integer number, std::string& out) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out.append(buffer, end);
}

void append_object(const Object& object, std::string& out) {
  std::vector<const Member*> members;
  members.reserve(object.size());
  for (const Member& member : object) members.push_back(&member);
  // Stable, so that of equal names the last one sent stands last.
  std::stable_sort(members.begin(), members.end(), [](const Member* a, const Member* b) {
    return utf16_less(a->first, b->first);
  });
  out.push_back('{');
  bool first = true;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size() && members[i]->first == members[i + 1]->first) continue;
    if (!first) out.push_back(',');
    first = false;
    append_string(members[i]->first, out);
    out.push_back(':');
    append_canonical(members[i]->second, out);
  }
  out.push_back('}');
}

struct Appender {
  std::string& out;

  void operator()(std::nullptr_t) const { out += "null"; }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { append_integer(value, out); }
  void operator()(std::uint64_t value) const { append_integer(value, out); }
  void operator()(const BigInteger& value) const { out += value.digits; }
  void operator()(double value) const { append_number(value, out); }
  void operator()(const std::string& value) const { append_string(value, out); }
  void operator()(const Array& value) const {
    out.push_back('[');
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out.push_back(',');
      append_canonical(value[i], out);
    }
    out.push_back(']');
  }
  void operator()(const Object& value) const { append_object(value, out); }
};

}  // namespace

void append_string(std::string_view text, std::string& out) {
  out.push_back('"');
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && plain(static_cast<unsigned char>(text[end]))) ++end;
    out += text.substr(at, end - at);
    at = end;
    if (at < text.size()) at += append_special(text.substr(at), out);
  }
  out.push_back('"');
}

void append_number(double number, std::string& out) {
  if (number == 0) {
    out.push_back('0');
    return;
  }
  // Shortest digits that read back equal, then ECMAScript's layout of them.
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  if (text.front() == '-') {
    out.push_back('-');
    text.remove_prefix(1);
  }
  const auto e = text.find('e');
  std::string digits(1, text.front());
  if (e > 2) digits += text.substr(2, e - 2);
  int exponent = 0;
  const std::string_view tail = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
  const int point = exponent + 1;  // digits stand before the decimal point
  const int count = static_cast<int>(digits.size());
  if (point > 0 && point <= 21) {
    if (count <= point) {
      out += digits;
      out.append(static_cast<std::size_t>(point - count), '0');
    } else {
      out += digits.substr(0, static_cast<std::size_t>(point)) + "." +
             digits.substr(static_cast<std::size_t>(point));
    }
  } else if (point > -6 && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits.substr(0, 1);
    if (count > 1) out += "." + digits.substr(1);
    out += exponent < 0 ? "e-" : "e+";
    append_integer(exponent < 0 ? -exponent : exponent, out);
  }
}

void append_canonical(const Value& value, std::string& out) { std::visit(Appender{out}, value.data()); }

std::string canonical(const Value& value) {
  std::string out;
  append_canonical(value, out);
  return out;
}

}  // namespace vouch::json
