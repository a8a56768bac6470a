// SPDX-License-Identifier: MIT
#include "vouch/sync/told_cells.hpp"

#include <algorithm>

#include "vouch/state/cells.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {
namespace {

constexpr std::size_t answer_bytes_max = 1U << 20;

}  // namespace

Cells cells_of(const Replica& replica, const AskCells& ask) {
  std::map<std::uint16_t, std::vector<Cells::Cell>> found;
  for (const std::uint16_t leaf : ask.leaves) found[leaf];
  state::visit_cells_if(
      replica.state(), [&found](ByteView key) { return found.contains(state::leaf_of(key)); },
      [&found](Bytes key, Bytes row) {
        std::vector<Cells::Cell>& cells = found[state::leaf_of(key)];
        cells.push_back({std::move(key), std::move(row)});
      });
  Cells answer;
  answer.frontier = replica.short_digest();
  answer.lacks = replica.unread(ask.read);
  std::size_t bytes = 0;
  for (auto& [leaf, cells] : found) {
    for (const Cells::Cell& cell : cells) bytes += cell.key.size() + cell.row.size();
    if (!answer.leaves.empty() && bytes > answer_bytes_max) break;
    answer.leaves.push_back(leaf);
    std::ranges::move(cells, std::back_inserter(answer.cells));
  }
  return answer;
}

std::optional<LeafCells> cells_by_leaf(const Cells& told, const std::set<std::uint16_t>& wanted) {
  LeafCells out;
  for (const std::uint16_t leaf : told.leaves) {
    if (wanted.contains(leaf)) out[leaf];
  }
  for (const auto& [key, row] : told.cells) {
    const auto leaf = out.find(state::leaf_of(key));
    if (leaf == out.end() || !state::restore_cell(key, row, leaf->second)) return std::nullopt;
  }
  return out;
}

}  // namespace vouch::sync
