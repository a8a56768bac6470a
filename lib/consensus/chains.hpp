// A voter's own chains as the agreement sees them: prefixes that it folded itself.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

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
  /// The entries of the own segment that contains entry `from`, up to `size` entries, which lie
  /// within that segment.
  virtual std::optional<validator::LinkList> links(const std::string& stream, std::uint64_t from,
                                                   std::uint64_t size) const = 0;
  /// The own chain ends with the close mark.
  virtual bool closed(const std::string& stream) const = 0;
};

}  // namespace vouch::consensus
