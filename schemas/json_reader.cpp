// Recursion is bounded by depth_max. Zero bytes behind the text end every loop: zero is no blank,
// no digit and not plain. What every unit passes is inline: a call for each step would cost as much
// as the step.
// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cfloat>
#include <charconv>
#include <cstring>

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_number.hpp"
#include "vouch/schemas/utf8.hpp"

namespace vouch::json {
namespace {

// Objects that hold more members, and arrays that hold more items, grow.
constexpr std::size_t members_usual = 4;
constexpr std::size_t items_usual = 2;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::uint64_t every(std::uint64_t byte) {
  return 0x0101010101010101ULL * byte;
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Eight digits stand at `at`: each has the high half of '0', also with 6 added.
bool eight_digits(const char* at) {
  if constexpr (std::endian::native != std::endian::little) return false;  // one by one, then
  const std::uint64_t word = word_at(at);
  return ((word & (word + every(6))) & every(0xF0)) == every(0x30);
}

/// Their value: pairs, then fours, then all of them are joined.
std::uint64_t value_of_eight(const char* at) {
  std::uint64_t word = word_at(at) & every(0x0F);
  word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FFULL;
  word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFFULL;
  return (word * 10000 + (word >> 32)) & 0xFFFFFFFFULL;
}

constexpr auto meanings = [] {
  std::array<char, 256> out{};
  out['"'] = '"';
  out['\\'] = '\\';
  out['/'] = '/';
  out['b'] = '\b';
  out['f'] = '\f';
  out['n'] = '\n';
  out['r'] = '\r';
  out['t'] = '\t';
  return out;
}();

/// What the escape of that letter stands for; 0 when it stands for nothing, or is \u.
char meaning_of(char letter) {
  return meanings[static_cast<unsigned char>(letter)];
}

std::optional<std::uint32_t> hex4(const char* at) {
  std::uint32_t unit = 0;
  if (std::from_chars(at, at + 4, unit, 16).ptr != at + 4) return std::nullopt;
  return unit;
}

}  // namespace

bool Reader::document(Value& out) {
  skip();
  if (!value(out, 0)) return false;
  skip();
  return at_ == end_;
}

std::optional<std::size_t> Reader::members(std::span<FlatMember> out, std::vector<Value>& nested,
                                           std::span<Familiar> familiar, std::size_t kept) {
  if (kept > 0) {
    at_ = out[kept].begin;
  } else {
    skip();
    if (!take('{')) return std::nullopt;
    skip();
  }
  std::size_t count = kept;
  while (*at_ != '}') {
    if (count > kept && (!take(',') || (skip(), false))) return std::nullopt;
    if (count == out.size()) return std::nullopt;
    FlatMember& next = out[count];
    next.begin = at_;
    const bool read = count < familiar.size() ? familiar_member(next, nested, familiar[count])
                                              : member(next, nested);
    if (!read) return std::nullopt;
    ++count;
    skip();
  }
  ++at_;
  skip();
  if (at_ != end_ || surrogates_) return std::nullopt;
  return count;
}

inline bool Reader::familiar_member(FlatMember& out, std::vector<Value>& nested, Familiar& seen) {
  const char* const from = at_;
  if (seen.stands_at(from, seen.whole)) {
    at_ += seen.whole;
    out.name = {from + 1, seen.head - std::size_t{3}};
    out.type = FlatMember::Type::text;
    out.text = {from + seen.head + 1, at_ - 1};
    out.escaped = false;
    out.as_sent = {from, at_};
    return true;
  }
  const bool known = seen.stands_at(from, seen.head);
  as_sent_ = true;
  if (known) {
    at_ += seen.head;
    out.name = {from + 1, seen.head - std::size_t{3}};
  }
  if ((!known && !head(out)) || !member_value(out, nested)) return false;
  out.as_sent = as_sent_ ? std::string_view(from, at_) : std::string_view();
  const std::size_t whole = repeatable(out) ? out.as_sent.size() : 0;
  if (!known || whole > 0 || seen.whole > 0) remember(out, from, known, whole, seen);
  return true;
}

/// A member that has just been read. What is no ASCII is not remembered: somebody has to look at it
/// each time.
inline bool Reader::repeatable(const FlatMember& member) const {
  const std::size_t size = member.as_sent.size();
  return member.type == FlatMember::Type::text && !member.escaped && size > 0 &&
         size <= Familiar::max && (foreign_to_ == nullptr || foreign_to_ <= member.as_sent.data());
}

/// A member that begins at `from`; its name is `known` to be the one seen, so many bytes of it can
/// be compared with later ones.
inline void Reader::remember(const FlatMember& member, const char* from, bool known,
                             std::size_t whole, Familiar& seen) {
  const std::size_t head = member.name.size() + 3;
  seen.head = seen.whole = 0;
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  const bool plain = head <= Familiar::max && member.name.data() == from + 1 &&
                     from[head - 1] == ':' && (known || std::ranges::all_of(member.name, is_ascii));
  if (!plain) return;
  std::memcpy(seen.bytes.data(), from, Familiar::max);
  seen.head = static_cast<std::uint8_t>(head);
  seen.whole = static_cast<std::uint8_t>(whole);
}

bool Reader::member(FlatMember& out, std::vector<Value>& nested) {
  const char* const from = at_;
  as_sent_ = true;
  if (!head(out) || !member_value(out, nested)) return false;
  out.as_sent = as_sent_ ? std::string_view(from, at_) : std::string_view();
  return true;
}

/// The name and the colon.
inline bool Reader::head(FlatMember& out) {
  if (!string(out.name)) return false;
  skip();
  return take(':');
}

inline bool Reader::member_value(FlatMember& out, std::vector<Value>& nested) {
  skip();
  using Type = FlatMember::Type;
  switch (*at_) {
    case '"':
      out.type = Type::text;
      if (!text(out)) return false;
      break;
    case 't':
    case 'f':
      out.type = Type::boolean;
      out.flag = *at_ == 't';
      if (!word(out.flag ? "true" : "false")) return false;
      break;
    case 'n':
      out.type = Type::null;
      if (!word("null")) return false;
      break;
    case '{':
    case '[':
      out.type = *at_ == '{' ? Type::object : Type::array;
      out.nested = nested.size();
      if (!value(nested.emplace_back(), 1)) return false;
      break;
    default:
      out.type = Type::integer;
      if (small_integer(out.integer)) break;
      out.type = Type::number;
      if (small_decimal(out.number)) break;
      out.type = Type::integer;
      Value other;
      if (!number(other)) return false;
      if (const auto* real = other.get<double>()) {
        out.type = Type::number;
        out.number = *real;
      } else if (const auto* integer = other.get<std::int64_t>()) {
        out.integer = *integer;
      } else {
        return false;
      }
  }
  return true;
}

inline bool Reader::word(std::string_view word) {
  if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
  at_ += word.size();
  return true;
}

void Reader::blanks() {
  const char* const from = at_;
  while (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r') ++at_;
  as_sent_ &= at_ == from;
}

bool Reader::enter(int depth) {
  too_deep_ |= depth >= depth_max;
  return !too_deep_;
}

/// `out` is null before.
bool Reader::value(Value& out, int depth) {
  switch (*at_) {
    case '{':
      return object(out, depth);
    case '[':
      return array(out, depth);
    case '"': {
      std::string_view text;
      if (!string(text)) return false;
      out.data().emplace<std::string>(text);
      return true;
    }
    case 't':
      out.data().emplace<bool>(true);
      return word("true");
    case 'f':
      out.data().emplace<bool>(false);
      return word("false");
    case 'n':
      return word("null");
    default: {
      std::int64_t integer = 0;
      double decimal = 0;
      if (small_integer(integer)) {
        out.data().emplace<std::int64_t>(integer);
      } else if (small_decimal(decimal)) {
        out.data().emplace<double>(decimal);
      } else {
        return number(out);
      }
      return true;
    }
  }
}

bool Reader::object(Value& out, int depth) {
  if (!enter(depth)) return false;
  ++at_;
  Object& members = out.data().emplace<Object>();
  skip();
  if (*at_ != '}') members.reserve(members_usual);
  while (*at_ != '}') {
    if (!members.empty() && (!take(',') || (skip(), false))) return false;
    std::string_view name;
    if (!string(name)) return false;
    as_sent_ = as_sent_ && (members.empty() || utf16_less(members.back().first, name));
    skip();
    if (!take(':')) return false;
    skip();
    Member& member = members.emplace_back(std::piecewise_construct, std::forward_as_tuple(name),
                                          std::forward_as_tuple());
    if (!value(member.second, depth + 1)) return false;
    skip();
  }
  ++at_;
  return true;
}

bool Reader::array(Value& out, int depth) {
  if (!enter(depth)) return false;
  ++at_;
  Array& items = out.data().emplace<Array>();
  skip();
  if (*at_ != ']') items.reserve(items_usual);
  while (*at_ != ']') {
    if (!items.empty() && (!take(',') || (skip(), false))) return false;
    if (!value(items.emplace_back(), depth + 1)) return false;
    skip();
  }
  ++at_;
  return true;
}

/// The bytes are looked at by the block, and stopped at are only those that are not plain: what
/// would be a loop for each run between escapes is as hard to foresee as texts are.
inline bool Reader::text(FlatMember& out) {
  const char* const from = at_ + 1;
  const char* block = from;
  Block ahead = block_at(block);
  bool foreign = ahead.foreign;
  const auto next = [&] {
    block += block_size;
    ahead = block_at(block);
    foreign |= ahead.foreign;
  };
  out.escaped = false;
  while (true) {
    while (ahead.special == 0) next();
    const std::uint64_t first = ahead.special & -ahead.special;
    const char* const at = block + std::countr_zero(first);
    if (*at == '"') {
      out.text = {from, at};
      if (foreign) note_foreign(out.text);
      at_ = at + 1;
      return true;
    }
    const char letter = at[1];
    if (*at != '\\' || meaning_of(letter) == 0) {  // \u, or a fault
      out.escaped = false;
      return long_string(out.text);
    }
    out.escaped = true;
    as_sent_ &= letter != '/';
    const std::uint64_t second = first << 1;
    if (second == 0) next();
    ahead.special &= second == 0 ? ~std::uint64_t{1} : ~(first | second);
  }
}

bool Reader::long_string(std::string_view& out) {
  const char* const from = at_ + 1;
  const char* at = from;
  std::size_t ahead = plain_ahead(at);
  bool foreign = foreign_ahead(at);
  for (; ahead == plain_stride; ahead = plain_ahead(at)) {
    at += plain_stride;
    foreign |= foreign_ahead(at);
  }
  at_ = at + ahead;
  const bool escapes = *at_ == '\\';
  if (escapes ? !unescape(from, out) : !take('"')) return false;
  if (!escapes) out = {from, at_ - 1};
  if (escapes || foreign) note_foreign({from, at_});
  return true;
}

bool Reader::unescape(const char* from, std::string_view& out) {
  char* const begin = free_;
  std::memcpy(free_, from, static_cast<std::size_t>(at_ - from));
  free_ += at_ - from;
  while (*at_ == '\\') {
    if (!escape()) return false;
    copy_plain();
  }
  out = {begin, free_};
  return take('"');
}

/// Copies whole strides; what is too much of the last one is written over or left.
void Reader::copy_plain() {
  const char* from = at_;
  char* to = free_;
  std::size_t ahead = plain_stride;
  while (ahead == plain_stride) {
    std::memcpy(to, from, plain_stride);
    ahead = plain_ahead(from);
    from += ahead;
    to += ahead;
  }
  at_ = from;
  free_ = to;
}

bool Reader::escape() {
  const char letter = at_[1];
  at_ += 2;
  if (letter == 'u') return unicode();
  const char meaning = meaning_of(letter);
  as_sent_ &= letter != '/';
  *free_++ = meaning;
  return meaning != 0;
}

bool Reader::unicode() {
  as_sent_ = false;
  const auto unit = hex4(at_);
  if (!unit) return false;
  at_ += 4;
  std::uint32_t point = *unit;
  if (point >= 0xD800 && point < 0xDC00 && at_[0] == '\\' && at_[1] == 'u') {
    const auto low = hex4(at_ + 2);
    if (!low) return false;
    if (*low >= 0xDC00 && *low < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
      at_ += 6;
    }  // else the second escape stands for itself
  }
  surrogates_ |= point >= 0xD800 && point < 0xE000;
  std::string bytes;
  append_utf8(bytes, point);
  std::memcpy(free_, bytes.data(), bytes.size());
  free_ += bytes.size();
  return true;
}

inline bool Reader::small_integer(std::int64_t& out) {
  constexpr std::size_t digits_max = 18;
  const char* at = at_;
  const bool negative = *at == '-';
  if (negative) ++at;
  const char* const first = at;
  std::uint64_t magnitude = 0;  // of no use when there are too many digits
  for (; eight_digits(at); at += 8) magnitude = magnitude * 100'000'000 + value_of_eight(at);
  for (; is_digit(*at); ++at) magnitude = magnitude * 10 + static_cast<std::uint64_t>(*at - '0');
  const auto count = static_cast<std::size_t>(at - first);
  const bool zeros = *first == '0' && (negative || count > 1);
  if (count == 0 || count > digits_max || zeros) return false;
  if (*at == '.' || *at == 'e' || *at == 'E') return false;
  out = static_cast<std::int64_t>(negative ? -magnitude : magnitude);
  at_ = at;
  return true;
}

/// Digits with a point among them, at most 15: both they and the power of ten below them are
/// doubles, so that one division gives what was meant, and no fewer digits mean it, too (DBL_DIG).
bool Reader::small_decimal(double& out) {
  if constexpr (FLT_EVAL_METHOD != 0) return false;  // a division would be rounded twice
  static constexpr double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
  constexpr double spelled_out_min = 1e-6;  // below it, the canonical form has an exponent
  const char* at = at_;
  const bool negative = *at == '-';
  if (negative) ++at;
  const char* const first = at;
  std::uint64_t digits = 0;  // of no use when there are too many
  const auto run = [&] {
    const char* const from = at;
    for (; is_digit(*at); ++at) digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
    return static_cast<std::size_t>(at - from);
  };
  const std::size_t whole = run();
  if (whole == 0 || (*first == '0' && whole > 1) || *at != '.') return false;
  ++at;
  const std::size_t fraction = run();
  if (fraction == 0 || whole + fraction > DBL_DIG || *at == 'e' || *at == 'E') return false;
  const double magnitude = static_cast<double>(digits) / powers[fraction];
  out = negative ? -magnitude : magnitude;
  as_sent_ = as_sent_ && at[-1] != '0' && magnitude >= spelled_out_min;
  at_ = at;
  return true;
}

bool Reader::number(Value& out) {
  const std::size_t length = read_number({at_, end_}, out);
  if (as_sent_) {
    std::string form;
    append_canonical(out, form);
    as_sent_ = form == std::string_view(at_, length);
  }
  at_ += length;
  return length > 0;
}

char* unescape(std::string_view text, char* to) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\')) {
    to = std::copy_n(text.data(), at, to);
    *to++ = meaning_of(text[at + 1]);
    text.remove_prefix(at + 2);
  }
  return std::ranges::copy(text, to).out;
}

}  // namespace vouch::json
