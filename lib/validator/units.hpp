// Splits the bytes of a file or pipe into units, one event each: JSON Lines, one JSON array, or an
// SSE capture, told apart by how the input starts. The same bytes give the same units however they
// are cut into pieces. Deliberately absent: reading, judging.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "vouch/validator/unit_formats.hpp"

namespace vouch::validator {

/// `[` before an object, or with nothing in it, is an array. A first line that is a field or a
/// comment of an event stream (WHATWG HTML 9.2.6) is SSE, whose byte order mark is dropped.
/// Everything else is JSON Lines. Holds at most one unfinished unit and one that was handed out,
/// each within limits::event_bytes_max. Not thread-safe.
class UnitSplitter {
 public:
  /// Takes bytes from the front of `input` until a unit is complete; nothing when all are taken.
  std::optional<Unit> next(std::string_view& input);
  /// What the end of the input completes. To be called until it gives nothing.
  std::optional<Unit> finish();

  /// Blanks at the start are looked through up to here; behind it the input is JSON Lines.
  static constexpr std::size_t detection_bytes_max = 4096;

 private:
  bool choose(bool at_end);
  std::optional<Unit> step(std::string_view& input);

  std::variant<std::monostate, LineUnits, ArrayUnits, SseUnits> format_;
  std::string start_;            ///< the first bytes, held until the format is known
  std::size_t start_taken_ = 0;  ///< of them, handed on
};

}  // namespace vouch::validator
