// The one reader of JSON: RFC 8259 to the letter, plus unpaired surrogate escapes and integers of
// any length. It goes over the bytes once, and notes on the way which of them are their own
// canonical form, and where some are no ASCII. Deliberately absent: UTF-8, which is checked there
// alone, and buffers of its own.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/schemas/plain_bytes.hpp"
#include "vouch/schemas/same_text.hpp"

namespace vouch::json {

/// How the last unit spelled the member at some place. Units of a stream repeat names, types and
/// ids: bytes that were read once mean the same again.
struct Familiar {
  static constexpr std::size_t max = 64;
  std::array<char, max> bytes{};
  std::uint8_t head = 0;  ///< so many of them are `"name":`; 0 = none is remembered
  std::uint8_t whole =
      0;  ///< so many are the member, a text of ASCII without escapes; 0 = it is not

  /// The first `size` of them stand at `at`, where `max` bytes can be read.
  bool stands_at(const char* at, std::size_t size) const {
    return size > 0 && same_text({at, size}, {bytes.data(), size});
  }
};

/// For one unit and one call. Not thread-safe.
class Reader {
 public:
  /// Zero bytes that stand behind a text.
  static constexpr std::size_t padding = unit_padding;
  static_assert(padding >= block_size);

  /// `text`: with padding behind it. `scratch`: as many bytes as the text and its padding; texts of
  /// members live there or in `text`.
  Reader(std::string_view text, char* scratch)
      : at_(text.data()), end_(at_ + text.size()), free_(scratch) {}

  /// The whole text as one value; false when it is none.
  bool document(Value& out);
  /// The whole text as one object of at most out.size() members, see Parser::flat; those that nest
  /// are appended to `nested`. Gives their number; nothing when it is something else. `familiar`
  /// is what earlier units left there, for the first members; it changes nothing but the time. The
  /// first `kept` members are in `out` already, and the next one begins where that says.
  std::optional<std::size_t> members(std::span<FlatMember> out, std::vector<Value>& nested,
                                     std::span<Familiar> familiar, std::size_t kept);

  /// After members(): a part of the text behind which, and before which, all is ASCII.
  std::string_view foreign() const { return {foreign_from_, foreign_to_}; }
  /// What is left of the scratch.
  char* scratch() const { return free_; }
  /// Why it was none: too many nested arrays and objects.
  bool too_deep() const { return too_deep_; }
  /// Some string has an unpaired surrogate.
  bool surrogates() const { return surrogates_; }

 private:
  bool take(char c) { return *at_ == c && (++at_, true); }
  bool word(std::string_view word);
  void skip() {
    if (static_cast<unsigned char>(*at_) <= ' ') [[unlikely]]
      blanks();
  }
  void blanks();
  bool enter(int depth);

  bool familiar_member(FlatMember& out, std::vector<Value>& nested, Familiar& seen);
  bool repeatable(const FlatMember& member) const;
  static void remember(const FlatMember& member, const char* from, bool known, std::size_t whole,
                       Familiar& seen);
  bool member(FlatMember& out, std::vector<Value>& nested);
  bool head(FlatMember& out);
  bool member_value(FlatMember& out, std::vector<Value>& nested);
  bool value(Value& out, int depth);
  bool object(Value& out, int depth);
  bool array(Value& out, int depth);
  /// Short ones are the most: they are seen at one glance.
  bool string(std::string_view& out) {
    if (*at_ != '"') return false;
    const std::size_t ahead = plain_ahead(at_ + 1);
    if (at_[1 + ahead] != '"') return long_string(out);
    out = {at_ + 1, ahead};
    at_ += ahead + 2;
    if (foreign_ahead(out.data())) note_foreign(out);
    return true;
  }
  bool long_string(std::string_view& out);
  bool text(FlatMember& out);
  void note_foreign(std::string_view part) {
    if (foreign_from_ == nullptr) foreign_from_ = part.data();
    foreign_to_ = part.data() + part.size();
  }
  bool unescape(const char* from, std::string_view& out);
  void copy_plain();
  bool escape();
  bool unicode();
  bool number(Value& out);
  bool small_integer(std::int64_t& out);
  bool small_decimal(double& out);

  const char* at_;
  const char* end_;
  char* free_;
  const char* foreign_from_ = nullptr;
  const char* foreign_to_ = nullptr;
  bool as_sent_ = true;  ///< since it was last set, what was read is its own canonical form
  bool surrogates_ = false;
  bool too_deep_ = false;
};

/// Writes a text as FlatMember has it without its escapes; gives the end. At most as many bytes.
char* unescape(std::string_view text, char* to);

}  // namespace vouch::json
