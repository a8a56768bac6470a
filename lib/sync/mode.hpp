// How peers are kept equal: by what is told, by what is asked for, or, as a rule, by both.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vouch::sync {

enum class Mode : std::uint8_t {
  automatic,  ///< batches are published, and what is missing is pulled
  gossip,     ///< published; asked for only when a link begins: what is lost later stays lost until
              ///< somebody starts again
  crdt,       ///< only pulled, when a heartbeat or a check shows another frontier
  merkle,     ///< published; what was missed is taken as state: the parts of it that differ. Of
              ///< batches everybody is asked for its own alone
  snapshot,   ///< the same with the whole state
};

inline constexpr std::array<std::string_view, 5> mode_names{"auto", "gossip", "crdt", "merkle",
                                                            "snapshot"};

constexpr bool takes_states(Mode mode) {
  return mode == Mode::merkle || mode == Mode::snapshot;
}

inline std::optional<Mode> mode_of(std::string_view name) {
  for (std::size_t i = 0; i < mode_names.size(); ++i) {
    if (mode_names[i] == name) return static_cast<Mode>(i);
  }
  return std::nullopt;
}

}  // namespace vouch::sync
