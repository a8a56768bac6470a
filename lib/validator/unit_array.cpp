// SPDX-License-Identifier: MIT
#include <utility>

#include "vouch/validator/unit_formats.hpp"

namespace vouch::validator {
namespace {

bool opens(char c) {
  return c == '{' || c == '[' || c == '"';
}

}  // namespace

std::optional<Unit> ArrayUnits::next(std::string_view& input) {
  while (!input.empty()) {
    std::optional<Unit> unit;
    if (done_) {
      input = {};
    } else if (place_ == Place::nested) {
      unit = nested(input);
    } else if (place_ == Place::scalar) {
      unit = scalar(input);
    } else {
      unit = between(input);
    }
    if (unit) return unit;
  }
  return std::nullopt;
}

/// One byte outside the elements.
std::optional<Unit> ArrayUnits::between(std::string_view& input) {
  const char c = input.front();
  if (blanks.find(c) != std::string_view::npos) {
    line_ += c == '\n' ? 1 : 0;
    input.remove_prefix(1);
    return std::nullopt;
  }
  const bool closes = c == ']' && (place_ == Place::first || place_ == Place::separator);
  const bool expected =
      closes || (c == '[' && place_ == Place::opening) || (c == ',' && place_ == Place::separator);
  if (expected) {
    place_ = closes ? Place::after : c == '[' ? Place::first : Place::element;
    input.remove_prefix(1);
    return std::nullopt;
  }
  if (place_ == Place::after) return end_with("bytes follow the end of the array");
  if (place_ == Place::separator) return end_with("no comma between two elements of the array");
  if (c == ']' || c == ',') return end_with("an element of the array is missing");
  start_element(c);
  return std::nullopt;
}

void ArrayUnits::start_element(char first) {
  place_ = opens(first) ? Place::nested : Place::scalar;
  unit_line_ = line_;
}

std::optional<Unit> ArrayUnits::nested(std::string_view& input) {
  for (std::size_t at = 0; at < input.size(); ++at) {
    const char c = input[at];
    line_ += c == '\n' ? 1 : 0;
    if (in_string_) {
      if (!std::exchange(escaped_, false)) {
        escaped_ = c == '\\';
        in_string_ = c != '"';
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      --depth_;
    }
    if (in_string_ || depth_ > 0) continue;
    buffer_.append(input.substr(0, at + 1));
    input.remove_prefix(at + 1);
    place_ = Place::separator;
    return buffer_.take(unit_line_);
  }
  buffer_.append(input);
  input = {};
  return std::nullopt;
}

std::optional<Unit> ArrayUnits::scalar(std::string_view& input) {
  const std::size_t end = input.find_first_of(" \t\r\n,]");
  buffer_.append(input.substr(0, end));
  if (end == std::string_view::npos) {
    input = {};
    return std::nullopt;
  }
  input.remove_prefix(end);
  place_ = Place::separator;
  return buffer_.take(unit_line_);
}

std::optional<Unit> ArrayUnits::finish() {
  if (done_ || place_ == Place::after) return std::nullopt;
  return end_with("the array ends without ]");
}

/// A started element goes with the fault when it cannot be JSON by itself.
Unit ArrayUnits::end_with(std::string_view fault) {
  Unit unit = buffer_.take(place_ == Place::nested ? unit_line_ : line_);
  if (place_ != Place::nested) unit.text = {};
  unit.state = Unit::State::fault;
  unit.fault = fault;
  done_ = true;
  return unit;
}

}  // namespace vouch::validator
