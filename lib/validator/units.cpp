// SPDX-License-Identifier: MIT
#include "vouch/validator/units.hpp"

#include <algorithm>

namespace vouch::validator {
namespace {

enum class Format : std::uint8_t { lines, array, sse };

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// What stands behind the `[` that the input starts with. Nothing while more bytes are needed.
std::optional<Format> behind_bracket(std::string_view rest, bool at_end) {
  const std::optional<Format> open = at_end ? std::optional(Format::array) : std::nullopt;
  const std::size_t first = rest.find_first_not_of(blanks);
  if (first == std::string_view::npos) return open;
  if (rest[first] == '{') return Format::array;
  if (rest[first] != ']') return Format::lines;
  const bool alone = rest.find_first_not_of(blanks, first + 1) == std::string_view::npos;
  return alone ? open : Format::lines;
}

/// A line that may be a field of an event stream, from its first byte.
std::optional<Format> from_field(std::string_view line, bool at_end) {
  if (line.front() == ':') return Format::sse;
  constexpr std::string_view fields[] = {"data", "event", "id", "retry"};
  const std::size_t end = line.find_first_of(":\r\n");
  if (end != std::string_view::npos || at_end) {
    const bool known = std::ranges::count(fields, line.substr(0, end)) > 0;
    return known ? Format::sse : Format::lines;
  }
  const bool may_be = std::ranges::any_of(fields, [line](auto f) { return f.starts_with(line); });
  return may_be ? std::nullopt : std::optional(Format::lines);
}

std::optional<Format> detect(std::string_view start, bool at_end) {
  if (!at_end && byte_order_mark.starts_with(start)) return std::nullopt;
  const bool marked = start.starts_with(byte_order_mark);
  if (marked) start.remove_prefix(byte_order_mark.size());
  const std::size_t first = start.find_first_not_of(blanks);
  if (first == std::string_view::npos) return at_end ? std::optional(Format::lines) : std::nullopt;
  if (start[first] == '[' && !marked) return behind_bracket(start.substr(first + 1), at_end);
  const bool starts_line = first == 0 || start[first - 1] == '\n' || start[first - 1] == '\r';
  return starts_line ? from_field(start.substr(first), at_end) : Format::lines;
}

}  // namespace

/// True once the format is known.
bool UnitSplitter::choose(bool at_end) {
  const auto format = detect(start_, at_end || start_.size() == detection_bytes_max);
  if (!format) return false;
  switch (*format) {
    case Format::lines:
      format_.emplace<LineUnits>();
      break;
    case Format::array:
      format_.emplace<ArrayUnits>();
      break;
    case Format::sse:
      format_.emplace<SseUnits>();
      if (start_.starts_with(byte_order_mark)) start_taken_ = byte_order_mark.size();
      break;
  }
  return true;
}

std::optional<Unit> UnitSplitter::next(std::string_view& input) {
  if (std::holds_alternative<std::monostate>(format_)) {
    const std::size_t taken = std::min(detection_bytes_max - start_.size(), input.size());
    start_ += input.substr(0, taken);
    input.remove_prefix(taken);
    if (!choose(false)) return std::nullopt;
  }
  std::string_view held = std::string_view(start_).substr(start_taken_);
  if (!held.empty()) {
    auto unit = step(held);
    start_taken_ = start_.size() - held.size();
    if (unit) return unit;
  }
  return step(input);
}

std::optional<Unit> UnitSplitter::finish() {
  if (std::holds_alternative<std::monostate>(format_)) choose(true);
  std::string_view nothing;
  if (auto unit = next(nothing)) return unit;
  if (auto* lines = std::get_if<LineUnits>(&format_)) return lines->finish();
  if (auto* array = std::get_if<ArrayUnits>(&format_)) return array->finish();
  return std::get<SseUnits>(format_).finish();
}

std::optional<Unit> UnitSplitter::step(std::string_view& input) {
  if (auto* lines = std::get_if<LineUnits>(&format_)) return lines->next(input);
  if (auto* array = std::get_if<ArrayUnits>(&format_)) return array->next(input);
  return std::get<SseUnits>(format_).next(input);
}

}  // namespace vouch::validator
