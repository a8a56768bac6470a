// One splitter per format of units.hpp, each fed piece by piece.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vouch::validator {

/// What may stand between two JSON texts.
inline constexpr std::string_view blanks = " \t\r\n";

/// One place of a stream, as it stands in the input.
struct Unit {
  enum class State : std::uint8_t {
    whole,      ///< to be judged; may be any bytes
    too_large,  ///< beyond limits::event_bytes_max: refused, takes no index; text is empty
    fault,  ///< the array around the units is broken here: the last unit, never JSON (rule 1001)
  };
  std::string_view text;  ///< lives until the next call of the splitter
  State state = State::whole;
  std::uint64_t line = 1;       ///< on which the unit starts, from 1
  std::string_view fault = {};  ///< what is wrong with the array, for people
};

/// Text of the unfinished unit. Keeps one byte more than a unit may have, for a trailing CR.
class UnitBuffer {
 public:
  void append(std::string_view bytes);
  bool blank() const { return blank_; }
  /// The text so far as a unit; starts the next one. `ends_line` drops a trailing CR.
  Unit take(std::uint64_t line, bool ends_line = false);

 private:
  std::string text_;
  std::string taken_;
  std::uint64_t size_ = 0;
  bool blank_ = true;
};

class LineUnits {
 public:
  std::optional<Unit> next(std::string_view& input);
  std::optional<Unit> finish() { return end_line(); }

 private:
  std::optional<Unit> end_line();

  UnitBuffer buffer_;
  std::uint64_t line_ = 1;
};

/// Elements are told apart by brackets and quotes alone, so that a broken one is judged in its
/// place; a fault between elements ends the input.
class ArrayUnits {
 public:
  std::optional<Unit> next(std::string_view& input);
  std::optional<Unit> finish();

 private:
  enum class Place : std::uint8_t { opening, first, element, nested, scalar, separator, after };

  std::optional<Unit> between(std::string_view& input);
  std::optional<Unit> nested(std::string_view& input);
  std::optional<Unit> scalar(std::string_view& input);
  void start_element(char first);
  Unit end_with(std::string_view fault);

  UnitBuffer buffer_;
  Place place_ = Place::opening;
  std::uint64_t line_ = 1;
  std::uint64_t unit_line_ = 1;
  std::uint64_t depth_ = 0;  ///< brackets open in the element
  bool in_string_ = false;
  bool escaped_ = false;
  bool done_ = false;
};

/// A frame's data lines are joined with LF; other fields and comments are passed over. The last
/// frame counts without a blank line behind it.
class SseUnits {
 public:
  std::optional<Unit> next(std::string_view& input);
  std::optional<Unit> finish();

 private:
  enum class Field : std::uint8_t { name, space, data, ignored };

  void take_piece(std::string_view piece);
  void start_data();
  std::optional<Unit> end_line();
  std::optional<Unit> end_frame();

  UnitBuffer buffer_;
  Field field_ = Field::name;
  std::string name_;  ///< of the field on this line, cut behind the names that matter
  bool line_empty_ = true;
  bool after_cr_ = false;  ///< a line feed here belongs to the line before
  bool has_data_ = false;
  std::uint64_t line_ = 1;
  std::uint64_t frame_line_ = 1;
};

}  // namespace vouch::validator
