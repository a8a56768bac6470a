// What one peer saw fall silent by its own clock (rule 9005), for its dump: the latest, and how
// many there were. Bounded. Local: never replicated, never part of a verdict.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>

#include "vouch/ingest/progress.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::observe {

class Stalls {
 public:
  static constexpr std::size_t kept_max = 64;

  void add(ingest::Stalled stalled);
  /// {told, latest: [{stream, index, code, rule, message}]}; the newest last.
  json::Value json() const;

 private:
  std::uint64_t told_ = 0;
  std::deque<ingest::Stalled> latest_;
};

}  // namespace vouch::observe
