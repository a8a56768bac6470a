// A part of a stream's chain in the open: the entries of one segment, from which anybody computes
// every head inside it. 34 bytes an entry, at most one segment.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vouch/validator/chain.hpp"

namespace vouch::validator {

struct LinkList {
  std::uint64_t first = 0;  ///< index of the first entry of the segment
  Hash previous;            ///< head before it; zeros at the start of the stream
  std::vector<Entry> entries;

  std::uint64_t size() const { return first + entries.size(); }
  bool operator==(const LinkList&) const = default;
};

/// Head over the first `size` entries of the stream; nothing outside first..size(). O(entries).
std::optional<Hash> head_of(std::string_view stream, std::string_view rule_set,
                            const LinkList& links, std::uint64_t size);

}  // namespace vouch::validator
