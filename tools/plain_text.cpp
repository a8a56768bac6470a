// SPDX-License-Identifier: MIT
#include "tools/plain_text.hpp"

#include <fmt/format.h>

#include "vouch/base/stream_key.hpp"
#include "vouch/schemas/utf8.hpp"

namespace vouch::tools {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Calls `take` with every character as its bytes; with the replacement for a byte that is none.
template <class Take>
void each_character(std::string_view text, Take take) {
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= 4 && !valid_utf8(text.substr(0, length))) ++length;
    const bool valid = length <= 4;
    take(valid ? text.substr(0, length) : replacement);
    text.remove_prefix(valid ? length : 1);
  }
}

std::uint32_t point_of(std::string_view character) {
  std::size_t at = 0;
  return next_code_point(character, at);
}

}  // namespace

std::string valid_text(std::string_view text) {
  if (valid_utf8(text)) return std::string(text);
  std::string out;
  each_character(text, [&out](std::string_view character) { out += character; });
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  each_character(text, [&out](std::string_view character) {
    const std::uint32_t point = point_of(character);
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 ||
                         point == 0x2029 || (point >= 0x202A && point <= 0x202E) ||
                         (point >= 0x2066 && point <= 0x2069);
    if (control) {
      out += fmt::format("\\u{:04x}", point);
    } else {
      out += character;
    }
  });
  return out;
}

std::string stream_text(std::string_view key) {
  const auto parts = parse_stream_key(key);
  if (!parts || parts->epoch == 0) return printable(key);
  return fmt::format("{} (rules of epoch {})", printable(parts->name), parts->epoch);
}

std::string xml_text(std::string_view text) {
  std::string out;
  each_character(text, [&out](std::string_view character) {
    const std::uint32_t point = point_of(character);
    const bool space = point == '\t' || point == '\n' || point == '\r';
    if (point == '&') {
      out += "&amp;";
    } else if (point == '<') {
      out += "&lt;";
    } else if (point == '>') {
      out += "&gt;";
    } else if (point == '"') {
      out += "&quot;";
    } else if (space) {
      out += fmt::format("&#{};", point);
    } else if (point < 0x20 || point == 0xFFFE || point == 0xFFFF) {
      out += replacement;
    } else {
      out += character;
    }
  });
  return out;
}

}  // namespace vouch::tools
