// The stream that validation is measured on: runs of steps with text, reasoning, tool calls and
// state changes, as a chat agent makes them. Two thirds are text deltas of 20 to 200 bytes; an
// event has about 200 bytes. The same seed gives the same bytes everywhere.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vouch::bench {

/// Events one behind the other in one buffer.
class EventStream {
 public:
  void add(std::string_view event) {
    text_ += event;
    text_ += '\n';
    ends_.push_back(text_.size());
  }
  std::size_t size() const { return ends_.size(); }
  std::size_t bytes() const { return text_.size() - ends_.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin - 1);
  }
  /// JSON Lines.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
};

/// Exactly `events` events; the last run may be open.
EventStream realistic_stream(std::size_t events, std::uint64_t seed = 1);

/// An open run whose state is a snapshot of `items` items in an array, or in an object by key;
/// then `deltas` patches of one item each.
EventStream state_stream(std::size_t items, std::size_t deltas, bool keyed);

}  // namespace vouch::bench
