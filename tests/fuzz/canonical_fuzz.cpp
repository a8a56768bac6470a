// The canonical form: reading it gives itself, and neither the order of members nor the spelling
// of texts and blanks changes it. Numbers keep the value that they had.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/fuzz/fuzz.hpp"

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/utf8.hpp"

namespace vouch::fuzz {
namespace {

/// Small numbers from a seed: how a document is spelled the second time.
class Dice {
 public:
  explicit Dice(std::uint8_t seed) : state_(seed * 2654435761U + 1) {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8) % n;
  }

 private:
  std::uint32_t state_;
};

void hex4(std::uint32_t unit, bool upper, std::string& out) {
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(digits[unit >> shift & 15]);
}

class Speller {
 public:
  explicit Speller(std::uint8_t seed) : dice_(seed) {}

  void value(const json::Value& value, std::string& out) {
    blank(out);
    if (const auto* text = value.get<std::string>()) {
      string(*text, out);
    } else if (const auto* array = value.get<json::Array>()) {
      out.push_back('[');
      for (std::size_t i = 0; i < array->size(); ++i) {
        if (i > 0) out.push_back(',');
        this->value((*array)[i], out);
      }
      out.push_back(']');
    } else if (const auto* object = value.get<json::Object>()) {
      members(*object, out);
    } else {
      json::append_canonical(value, out);
    }
    blank(out);
  }

 private:
  void blank(std::string& out) {
    if (dice_.below(4) == 0) out.push_back(" \t\n\r"[dice_.below(4)]);
  }

  /// Those that count, in another order.
  void members(const json::Object& object, std::string& out) {
    std::vector<const json::Member*> list;
    for (const json::Member& member : object) {
      std::erase_if(list, [&](const auto* other) { return other->first == member.first; });
      list.push_back(&member);
    }
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[dice_.below(i)]);
    out.push_back('{');
    for (const json::Member* member : list) {
      if (member != list.front()) out.push_back(',');
      blank(out);
      string(member->first, out);
      blank(out);
      out.push_back(':');
      value(member->second, out);
    }
    out.push_back('}');
  }

  void string(std::string_view text, std::string& out) {
    out.push_back('"');
    while (!text.empty()) {
      std::size_t length = 0;
      const std::uint32_t point = next_code_point(text, length);
      const bool must =
          point < 0x20 || point == '"' || point == '\\' || (point >= 0xD800 && point < 0xE000);
      if (!must && dice_.below(3) > 0) {
        out += text.substr(0, length);
      } else if (point >= 0x10000) {
        hex4(0xD800 + ((point - 0x10000) >> 10), dice_.below(2) == 0, out);
        hex4(0xDC00 + ((point - 0x10000) & 0x3FF), dice_.below(2) == 0, out);
      } else {
        hex4(point, dice_.below(2) == 0, out);
      }
      text.remove_prefix(length);
    }
    out.push_back('"');
  }

  Dice dice_;
};

json::Value read(std::string_view text) {
  auto value = json::parse(text);
  VOUCH_CHECK(value);
  return std::move(*value);
}

}  // namespace

void run(std::string_view input) {
  const std::uint8_t seed = take_byte(input);
  const auto value = json::parse(input);
  // Quadratic work below: very wide objects belong to the target of units.
  if (!value || input.size() > 20'000) return;
  const std::string canonical = json::canonical(*value);
  const json::Value again = read(canonical);
  VOUCH_CHECK(json::canonical(again) == canonical);
  VOUCH_CHECK(json::deep_equal(*value, again));
  VOUCH_CHECK(valid_utf8(canonical));
  std::string spelled;
  Speller(seed).value(*value, spelled);
  VOUCH_CHECK(json::canonical(read(spelled)) == canonical);
}

}  // namespace vouch::fuzz
