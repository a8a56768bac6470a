// SPDX-License-Identifier: MIT
#include "bench/crdt/rivals.hpp"

#include <sstream>

#include "bench/npm.hpp"
#include <fmt/format.h>

namespace vouch::bench {

std::optional<std::vector<RivalFigures>> rival_figures(std::size_t updates, std::size_t keys) {
  const auto out = output_of_script(VOUCH_SOURCE_DIR "/bench/crdt/rivals.mjs",
                                    "yjs@13.6.33 loro-crdt@1.17.1 @automerge/automerge@3.5.0",
                                    fmt::format("{} {}", updates, keys));
  if (!out) return std::nullopt;
  std::vector<RivalFigures> rivals;
  std::istringstream lines(*out);
  for (RivalFigures next;
       lines >> next.name >> next.updates_per_s >> next.bytes_per_update >> next.document_bytes;) {
    rivals.push_back(next);
  }
  return rivals;
}

}  // namespace vouch::bench
