// Tables whose keys others choose: nobody but the owner of the signer can tell which keys meet in a
// bucket. Deliberately absent: the order of the buckets, which is another one with every library.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vouch/base/signer.hpp"

namespace vouch {

/// Keyed by what only the signer can sign and never sends.
class TableHash {
 public:
  /// Tables with other purposes have other buckets.
  TableHash(const Signer& signer, std::string_view purpose) {
    std::string text("vouch/table/1\0", 14);
    text += purpose;
    const Hash secret = crypto::blake2b(signer.sign(as_bytes(text)).view());
    std::copy_n(secret.bytes.begin(), key_.size(), key_.begin());
  }

  template <class Tag, std::size_t Size>
  std::size_t operator()(const FixedBytes<Tag, Size>& id) const {
    return crypto::table_hash(key_, id.view());
  }

 private:
  crypto::TableKey key_{};
};

/// What is kept stays where it is until it is erased. For one thread.
template <class Id, class Kept>
class IdTable {
 public:
  IdTable(const Signer& signer, std::string_view purpose) : table_(0, TableHash(signer, purpose)) {}

  std::size_t size() const { return table_.size(); }
  /// Nothing when it is not there. O(1).
  Kept* find(const Id& id) {
    const auto it = table_.find(id);
    return it == table_.end() ? nullptr : &it->second;
  }
  const Kept* find(const Id& id) const {
    const auto it = table_.find(id);
    return it == table_.end() ? nullptr : &it->second;
  }
  /// A fresh one when it is not there.
  Kept& operator[](const Id& id) { return table_[id]; }
  void erase(const Id& id) { table_.erase(id); }
  void clear() { table_.clear(); }

  /// Visits all in the order of their ids. O(n log n).
  template <class Visit>
  void each(const Visit& visit) const {
    for (const auto* entry : sorted(table_)) visit(entry->first, entry->second);
  }
  template <class Visit>
  void each(const Visit& visit) {
    for (auto* entry : sorted(table_)) visit(entry->first, entry->second);
  }

 private:
  template <class Table>
  static auto sorted(Table& table) {
    std::vector<decltype(&*table.begin())> entries;
    entries.reserve(table.size());
    for (auto& entry : table) entries.push_back(&entry);
    std::ranges::sort(entries, {}, [](const auto* entry) { return entry->first; });
    return entries;
  }

  std::unordered_map<Id, Kept, TableHash> table_;
};

}  // namespace vouch
