// Members of objects in canonical order: by UTF-16 code units, of equal names only the last one
// sent. A stack shared by nested objects, so that sorting allocates nothing once warm.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/utf8.hpp"

namespace vouch::json {

template <class Item>
class SortedMembers {
 public:
  using Entry = std::pair<std::string_view, Item>;

  std::size_t size() const { return entries_.size(); }
  void add(std::string_view name, const Item& item) { entries_.emplace_back(name, item); }
  const Entry& operator[](std::size_t i) const { return entries_[i]; }
  void cut(std::size_t size) { entries_.erase(at(size), entries_.end()); }

  /// Sorts what was added since `begin`; stable, so the last one sent of equal names stands last.
  void sort_from(std::size_t begin) {
    constexpr std::size_t few = 24;
    if (entries_.size() - begin > few) {
      std::stable_sort(at(begin), entries_.end(), less);
      return;
    }
    for (std::size_t i = begin + 1; i < entries_.size(); ++i) {
      Entry entry = entries_[i];
      std::size_t to = i;
      for (; to > begin && less(entry, entries_[to - 1]); --to) entries_[to] = entries_[to - 1];
      entries_[to] = entry;
    }
  }

 private:
  static bool less(const Entry& a, const Entry& b) { return utf16_less(a.first, b.first); }
  auto at(std::size_t i) { return entries_.begin() + static_cast<std::ptrdiff_t>(i); }

  std::vector<Entry> entries_;
};

/// Writes the object whose members were added since `begin`, and takes them off the stack.
/// `append` writes one value; it may use the stack above them.
template <class Item, class Append>
void append_sorted(SortedMembers<Item>& members, std::size_t begin, std::string& out,
                   const Append& append) {
  members.sort_from(begin);
  const std::size_t end = members.size();
  char separator = '{';
  for (std::size_t i = begin; i < end; ++i) {
    if (i + 1 < end && members[i].first == members[i + 1].first) continue;
    out.push_back(separator);
    separator = ',';
    append_string(members[i].first, out);
    out.push_back(':');
    append(Item(members[i].second));
  }
  out += separator == '{' ? "{}" : "}";
  members.cut(begin);
}

}  // namespace vouch::json
