// A voter's own chains as the agreement sees them: prefixes that it folded itself.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vouch/schemas/ids.hpp"
#include "vouch/validator/links.hpp"

namespace vouch::consensus {

using validator::Point;

class Chains {
 public:
  virtual ~Chains() = default;
  /// The whole own chain; nothing for a stream that is not held, or not to be spoken about.
  virtual std::optional<Point> tip(const std::string& stream) const = 0;
  /// The first segment end beyond `size` that the own chain has reached.
  virtual std::optional<Point> end_after(const std::string& stream, std::uint64_t size) const = 0;
  /// Head of the own chain over its first `size` entries; zeros for 0; nothing where it is not
  /// reached or can no longer be computed.
  virtual std::optional<Hash> head_at(const std::string& stream, std::uint64_t size) const = 0;
  /// Hash of the own fold's state there, where one is known (StreamValidator::state_at).
  virtual std::optional<Hash> state_at(const std::string& stream, std::uint64_t size) const = 0;
  /// The entries of the own segment that contains entry `from`, up to `size` entries, which lie
  /// within that segment.
  virtual std::optional<validator::LinkList> links(const std::string& stream, std::uint64_t from,
                                                   std::uint64_t size) const = 0;
  /// The own chain ends with the close mark.
  virtual bool closed(const std::string& stream) const = 0;
};

/// The logs of all writers, as far as they are read here.
class Logs {
 public:
  virtual ~Logs() = default;
  /// Rising, each writer once.
  virtual std::vector<LogEnd> ends() const = 0;
  /// This log is read so far, or not read any more because its writer is proven to misbehave.
  virtual bool reaches(const LogEnd& end) const = 0;
  /// All streams that they speak of.
  virtual void each_stream(const std::function<void(const std::string&)>& visit) const = 0;
};

}  // namespace vouch::consensus
