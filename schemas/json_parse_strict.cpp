// The slow path: RFC 8259 to the letter, plus unpaired surrogate escapes and integers of any
// length. Recursion is bounded by depth_max.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/utf8.hpp"

namespace vouch::json {
namespace {

bool plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Parsed> read(ParseFault& fault) {
    Parsed out;
    const bool good = valid_utf8(text_) && (skip(), value(out.value, 0)) && (skip(), at_end());
    if (!good) {
      fault = too_deep_ ? ParseFault::depth : ParseFault::syntax;
      return std::nullopt;
    }
    out.unpaired_surrogates = surrogates_;
    return out;
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void skip() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r'))
      ++at_;
  }

  bool value(Value& out, int depth) {
    switch (peek()) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"': {
        std::string text;
        if (!string(text)) return false;
        out = Value(std::move(text));
        return true;
      }
      case 't':
        out = Value(true);
        return take_word("true");
      case 'f':
        out = Value(false);
        return take_word("false");
      case 'n':
        out = Value();
        return take_word("null");
      default:
        return number(out);
    }
  }

  bool enter(int depth) {
    if (depth < depth_max) return true;
    too_deep_ = true;
    return false;
  }

  bool object(Value& out, int depth) {
    if (!enter(depth)) return false;
    ++at_;
    Object members;
    skip();
    while (peek() != '}') {
      if (!members.empty() && (!take(',') || (skip(), false))) return false;
      auto& [name, member] = members.emplace_back();
      if (!string(name) || (skip(), !take(':')) || (skip(), !value(member, depth + 1)))
        return false;
      skip();
    }
    ++at_;
    out = Value(std::move(members));
    return true;
  }

  bool array(Value& out, int depth) {
    if (!enter(depth)) return false;
    ++at_;
    Array items;
    skip();
    while (peek() != ']') {
      if (!items.empty() && (!take(',') || (skip(), false))) return false;
      if (!value(items.emplace_back(), depth + 1)) return false;
      skip();
    }
    ++at_;
    out = Value(std::move(items));
    return true;
  }

  bool string(std::string& out) {
    if (!take('"')) return false;
    while (!at_end()) {
      const std::size_t from = at_;
      while (!at_end() && plain(text_[at_])) ++at_;
      out += text_.substr(from, at_ - from);
      if (at_end()) return false;
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\' || !escape(out)) return false;
    }
    return false;
  }

  bool escape(std::string& out) {
    const char c = peek();
    if (at_end()) return false;
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out.push_back(c);
        return true;
      case 'b':
        out.push_back('\b');
        return true;
      case 'f':
        out.push_back('\f');
        return true;
      case 'n':
        out.push_back('\n');
        return true;
      case 'r':
        out.push_back('\r');
        return true;
      case 't':
        out.push_back('\t');
        return true;
      case 'u':
        return unicode(out);
      default:
        return false;
    }
  }

  std::optional<std::uint32_t> hex4() {
    std::uint32_t unit = 0;
    const auto digits = text_.substr(at_, 4);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (digits.size() != 4 || read.ptr != digits.data() + 4) return std::nullopt;
    at_ += 4;
    return unit;
  }

  bool unicode(std::string& out) {
    const auto unit = hex4();
    if (!unit) return false;
    std::uint32_t point = *unit;
    if (point >= 0xD800 && point < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      const std::size_t before = at_;
      at_ += 2;
      const auto low = hex4();
      if (!low) return false;
      if (*low >= 0xDC00 && *low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
      } else {
        at_ = before;  // the second escape stands for itself
      }
    }
    surrogates_ |= point >= 0xD800 && point < 0xE000;
    append_utf8(out, point);
    return true;
  }

  bool digits() {
    const std::size_t from = at_;
    while (is_digit(peek())) ++at_;
    return at_ > from;
  }

  bool number(Value& out) {
    const std::size_t from = at_;
    take('-');
    if (!take('0') && !digits()) return false;
    bool integer = true;
    if (peek() == '.') {
      integer = false;
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      integer = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    const std::string_view lexeme = text_.substr(from, at_ - from);
    return integer ? whole(lexeme, out) : real(lexeme, out);
  }

  static bool whole(std::string_view lexeme, Value& out) {
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

  /// False when the double would be infinite. Independent of the locale, as strtod() is not.
  static bool real(std::string_view lexeme, Value& out) {
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

  /// Power of ten of the first significant digit; only its sign counts.
  static std::int64_t decimal_exponent(std::string_view lexeme) {
    const std::size_t e = std::min(lexeme.find_first_of("eE"), lexeme.size());
    const std::string_view digits = lexeme.substr(0, e);
    const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
    const auto first = static_cast<std::int64_t>(digits.find_first_of("123456789"));
    std::int64_t exponent = 0;
    if (e < lexeme.size()) {
      const bool negative = lexeme[e + 1] == '-';
      const std::size_t from = e + (is_digit(lexeme[e + 1]) ? 1 : 2);
      const char* end = lexeme.data() + lexeme.size();
      const auto read = std::from_chars(lexeme.data() + from, end, exponent);
      constexpr std::int64_t far = std::int64_t{1} << 40;  // no mantissa is that long
      exponent = read.ec == std::errc() ? std::min(exponent, far) : far;
      if (negative) exponent = -exponent;
    }
    return exponent + (first < point ? point - first - 1 : point - first);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool surrogates_ = false;
  bool too_deep_ = false;
};

}  // namespace

std::optional<Parsed> parse_strict(std::string_view text, ParseFault& fault) {
  return Reader(text).read(fault);
}

}  // namespace vouch::json
