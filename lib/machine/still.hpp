// Streams whose own chain stands still: when to look whether others lack what it has. Whoever took
// events from a client pushes them, but may be gone, or may have been put on another chain.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vouch/base/time.hpp"

namespace vouch::machine {

class StillStreams {
 public:
  /// Waits `first` until it looks at a stream, and twice as long each time it has to look again.
  explicit StillStreams(Duration first) : first_(first) {}

  /// One that is watched keeps its time.
  void watch(Instant now, const std::string& stream);
  /// The own chain had so many entries when it was looked at last; nothing before.
  std::optional<std::uint64_t> seen(const std::string& stream) const;
  /// Looks again: soon when the chain has moved, later and later when it has not.
  void again(Instant now, const std::string& stream, std::uint64_t entries);
  void forget(const std::string& stream);
  /// Streams to be looked at; each must be told again or forget.
  std::vector<std::string> due(Instant now) const;
  std::optional<Instant> next_deadline() const;

 private:
  struct Watch {
    Instant due;
    Duration wait;
    std::optional<std::uint64_t> entries;
  };
  void plan(const std::string& stream, Watch& watch, Instant due);

  static constexpr Duration longest{std::chrono::minutes(1)};
  Duration first_;
  std::map<std::string, Watch> watched_;
  std::set<std::pair<Instant, std::string>> order_;
};

}  // namespace vouch::machine
