// SPDX-License-Identifier: MIT
#include "vouch/validator/unit_formats.hpp"

#include <utility>

#include "vouch/schemas/limits.hpp"

namespace vouch::validator {
namespace {

constexpr std::string_view blanks_in_line = " \t\r";
constexpr std::string_view data_field = "data";

}  // namespace

void UnitBuffer::append(std::string_view bytes) {
  if (blank_) blank_ = bytes.find_first_not_of(blanks_in_line) == std::string_view::npos;
  const std::size_t room = limits::event_bytes_max + 1 - text_.size();
  text_ += bytes.substr(0, room);
  size_ += bytes.size();
}

Unit UnitBuffer::take(std::uint64_t line, bool ends_line) {
  taken_.clear();
  std::swap(text_, taken_);
  std::uint64_t size = std::exchange(size_, 0);
  blank_ = true;
  if (ends_line && size == taken_.size() && taken_.ends_with('\r')) {
    taken_.pop_back();
    --size;
  }
  Unit unit;
  unit.line = line;
  if (size > limits::event_bytes_max) {
    unit.state = Unit::State::too_large;
  } else {
    unit.text = taken_;
  }
  return unit;
}

std::optional<Unit> LineUnits::next(std::string_view& input) {
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    buffer_.append(input.substr(0, end));
    if (end == std::string_view::npos) {
      input = {};
      break;
    }
    input.remove_prefix(end + 1);
    auto unit = end_line();
    ++line_;
    if (unit) return unit;
  }
  return std::nullopt;
}

std::optional<Unit> LineUnits::end_line() {
  const bool blank = buffer_.blank();
  const Unit unit = buffer_.take(line_, true);
  return blank ? std::nullopt : std::optional(unit);
}

std::optional<Unit> SseUnits::next(std::string_view& input) {
  while (!input.empty()) {
    if (std::exchange(after_cr_, false) && input.front() == '\n') {
      input.remove_prefix(1);
      continue;
    }
    const std::size_t end = input.find_first_of("\r\n");
    take_piece(input.substr(0, end));
    if (end == std::string_view::npos) {
      input = {};
      break;
    }
    after_cr_ = input[end] == '\r';
    input.remove_prefix(end + 1);
    auto unit = end_line();
    ++line_;
    if (unit) return unit;
  }
  return std::nullopt;
}

std::optional<Unit> SseUnits::finish() {
  if (!line_empty_) end_line();
  return end_frame();
}

void SseUnits::take_piece(std::string_view piece) {
  if (piece.empty()) return;
  line_empty_ = false;
  if (field_ == Field::name) {
    const std::size_t colon = piece.find(':');
    const std::string_view name = piece.substr(0, colon);
    name_ += name.substr(0, data_field.size() + 1 - name_.size());
    if (colon == std::string_view::npos) return;
    piece.remove_prefix(colon + 1);
    field_ = name_ == data_field ? Field::space : Field::ignored;
    if (field_ == Field::space) start_data();
  }
  if (field_ == Field::space && !piece.empty()) {
    if (piece.front() == ' ') piece.remove_prefix(1);
    field_ = Field::data;
  }
  if (field_ == Field::data) buffer_.append(piece);
}

void SseUnits::start_data() {
  if (has_data_) {
    buffer_.append("\n");
  } else {
    frame_line_ = line_;
  }
  has_data_ = true;
}

std::optional<Unit> SseUnits::end_line() {
  if (line_empty_) return end_frame();
  // A line without a colon is a field without a value.
  if (field_ == Field::name && name_ == data_field) start_data();
  field_ = Field::name;
  name_.clear();
  line_empty_ = true;
  return std::nullopt;
}

std::optional<Unit> SseUnits::end_frame() {
  if (!std::exchange(has_data_, false)) return std::nullopt;
  return buffer_.take(frame_line_);
}

}  // namespace vouch::validator
