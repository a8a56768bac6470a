// Findings about streams that share a thread (RULES, scope thread): a function of the merged state,
// so that equal states give equal findings in whatever order they came. Reported, never voted.
// Deliberately absent: messages of a thread, of which nothing is replicated (docs/decisions/0021).
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/json_value.hpp"
#include "vouch/state/state.hpp"

namespace vouch::observe {

struct ThreadFinding {
  std::uint16_t code = 0;  ///< 2006: one run id in several streams; 6002: several runs go on
  std::string thread;
  std::vector<state::RunPlace> runs;  ///< at least two, of different streams
  auto operator<=>(const ThreadFinding&) const = default;
};

/// By thread, then 2006 by run id, then 6002. O(runs). 6002 ends with all runs but one.
std::vector<ThreadFinding> thread_findings(const state::State& state);

/// [{thread, code, rule, runs: [{run, stream, ended, peers}]}]; `peers` told so.
json::Value threads_json(const state::State& state);

}  // namespace vouch::observe
