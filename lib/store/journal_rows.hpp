// What the records of a journal make of the tables below it, for a reader that must not bring them
// in. Deliberately absent: the tables.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "vouch/base/outbox.hpp"
#include "vouch/store/tables.hpp"

namespace vouch::store {

class JournalRows {
 public:
  /// Of one table.
  class Layer {
   public:
    /// What the table says about this key does not count any more. O(log rows).
    bool covers(ByteView key) const;
    /// The last word about each key; nothing where it was erased.
    const std::map<Bytes, std::optional<Bytes>>& rows() const { return rows_; }

   private:
    friend class JournalRows;
    void put(const Row& row);

    std::map<Bytes, std::optional<Bytes>> rows_;
    std::set<Bytes> erased_;  ///< prefixes, of which none starts with another
  };

  /// In the order of the records.
  void add(std::span<const Row> rows);
  const Layer& of(Table table) const { return layers_[static_cast<std::size_t>(table)]; }

 private:
  std::array<Layer, Tables::count> layers_;
};

}  // namespace vouch::store
