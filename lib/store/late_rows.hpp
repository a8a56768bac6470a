// Rows that the journal of a store has, and its tables do not have yet. Of a key the last word
// counts: what is soon written anew or erased never costs its table anything. Deliberately absent:
// rows that erase by prefix.
// SPDX-License-Identifier: MIT
#pragma once

#include <unordered_map>
#include <vector>

#include "vouch/store/row_form.hpp"
#include "vouch/store/tables.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::store {

class LateRows {
 public:
  LateRows();

  /// Its key and value must live until clear(): keep() their record.
  void put(const RowView& row);
  void keep(Bytes record) { records_.push_back(std::move(record)); }
  /// Keys that there is a word about.
  std::size_t size() const;
  /// The rows of one table in the order of their keys, which it holds no more.
  std::vector<RowView> take(Table table);
  void clear();

 private:
  /// Others choose some of the keys.
  struct KeyHash {
    crypto::TableKey secret{};
    std::size_t operator()(std::string_view key) const {
      return crypto::table_hash(secret, as_bytes(key));
    }
  };
  using Layer = std::unordered_map<std::string_view, std::optional<ByteView>, KeyHash>;

  std::vector<Bytes> records_;
  std::vector<Layer> layers_;  ///< by table
};

}  // namespace vouch::store
