// Where the members of large objects of one document are, so that a patch does not walk them. An
// object is known by the buffer of its members, which moves of values do not change: whoever holds
// the index tells it of every other change. Deliberately absent: names (positions are compared
// with the object itself), and any influence on what is found.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "vouch/schemas/json_value.hpp"

namespace vouch::json {

/// Not thread-safe. A copy is empty: the document's copy has other buffers.
class NameIndex {
 public:
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  /// Objects of fewer members are walked.
  static constexpr std::size_t large = 64;

  NameIndex() = default;
  NameIndex(const NameIndex&) {}
  NameIndex& operator=(const NameIndex&) {
    forget();
    return *this;
  }
  NameIndex(NameIndex&&) noexcept = default;
  NameIndex& operator=(NameIndex&&) noexcept = default;

  /// Position of the member that counts, the last of its name; npos when there is none. O(1) for
  /// an object that was asked often enough to pay for its table, else O(members).
  std::size_t find(const Object& object, std::string_view name);
  /// A member whose name is new was appended; `before` was the buffer.
  void appended(const Member* before, const Object& object);
  /// An object may have been freed, or has lost a member.
  void forget() { tables_.clear(); }

 private:
  struct Table {
    const Member* buffer = nullptr;
    std::size_t walked = 0;            ///< members compared so far; pays for the slots
    std::vector<std::uint32_t> slots;  ///< position + 1 by hash, 0 = empty; none = not yet paid
    bool unfit = false;                ///< its names share hashes: it is walked
  };
  static constexpr std::size_t tables_max = 16;

  Table& table_of(const Object& object);
  static void build(Table& table, const Object& object);
  static void insert(Table& table, const Object& object, std::size_t position);

  std::vector<Table> tables_;  ///< the latest first
};

/// The same without an index.
std::size_t find_member(const Object& object, std::string_view name);

}  // namespace vouch::json
