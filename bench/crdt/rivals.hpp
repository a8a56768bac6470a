// Other libraries with the same work, each set of a map an update of its own: unsigned, in
// JavaScript and WebAssembly.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace vouch::bench {

struct RivalFigures {
  std::string name;
  double updates_per_s = 0;  ///< taken in one by one by a second replica
  double bytes_per_update = 0;
  double document_bytes = 0;  ///< of the whole state at the end
};

/// `updates` sets over `keys` keys. Nothing when node, npm or the registry is not there.
std::optional<std::vector<RivalFigures>> rival_figures(std::size_t updates, std::size_t keys);

}  // namespace vouch::bench
