// A part of a stream's chain in the open: the entries of one segment, from which anybody computes
// every head inside it. 34 bytes an entry, at most one segment.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "vouch/schemas/ids.hpp"

namespace vouch::validator {

/// One place of a stream: digest of the event's canonical form, verdict code.
struct Entry {
  Hash digest;
  std::uint16_t code = 0;
  auto operator<=>(const Entry&) const = default;
};
void archive(auto& a, Entry& entry) {
  a(entry.digest, entry.code);
}

/// A prefix of a stream: its entries, the close mark included, and the head over them.
struct Point {
  std::uint64_t size = 0;
  Hash head;
  auto operator<=>(const Point&) const = default;
};
void archive(auto& a, Point& point) {
  a(point.size, point.head);
}

struct LinkList {
  std::uint64_t first = 0;  ///< index of the first entry of the segment
  Hash previous;            ///< head before it; zeros at the start of the stream
  std::vector<Entry> entries;

  std::uint64_t size() const { return first + entries.size(); }
  bool operator==(const LinkList&) const = default;
};
void archive(auto& a, LinkList& links) {
  a(links.first, links.previous, links.entries);
}

/// What a fold gives of a segment.
struct Segment {
  LinkList links;
  std::optional<Hash> state = {};  ///< where the links end, if it is hashed there
};

/// Head over the first `size` entries of the stream; nothing outside first..size(). O(entries).
std::optional<Hash> head_of(std::string_view stream, std::string_view rule_set,
                            const LinkList& links, std::uint64_t size);

}  // namespace vouch::validator
