// SPDX-License-Identifier: MIT
#include "vouch/store/late_rows.hpp"

#include <algorithm>

namespace vouch::store {

LateRows::LateRows() {
  KeyHash hash;
  crypto::random_bytes(hash.secret);
  layers_.assign(Tables::count, Layer(0, hash));
}

void LateRows::put(const RowView& row) {
  layers_[static_cast<std::size_t>(row.table)].insert_or_assign(as_text(row.key), row.value);
}

std::size_t LateRows::size() const {
  std::size_t all = 0;
  for (const Layer& layer : layers_) all += layer.size();
  return all;
}

std::vector<RowView> LateRows::take(Table table) {
  Layer& layer = layers_[static_cast<std::size_t>(table)];
  if (layer.empty()) return {};  // whoever reads asks; clearing costs as much as it ever held
  std::vector<RowView> rows;
  rows.reserve(layer.size());
  for (const auto& [key, value] : layer) rows.push_back({table, as_bytes(key), value});
  layer.clear();
  std::ranges::sort(rows, {}, [](const RowView& row) { return as_text(row.key); });
  return rows;
}

void LateRows::clear() {
  for (Layer& layer : layers_) layer.clear();
  records_.clear();
}

}  // namespace vouch::store
