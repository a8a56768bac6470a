// SPDX-License-Identifier: MIT
#include "vouch/observe/threads.hpp"

#include <algorithm>

#include "vouch/validator/rules.hpp"

namespace vouch::observe {
namespace {

using state::RunPlace;

/// Somebody saw it end.
bool ended(const state::RunCells& peers) {
  return std::ranges::any_of(peers.entries(), [](const auto& peer) {
    return peer.second.value() == state::RunStatus::ended;
  });
}

/// Of one thread; `going` are its runs that have not ended.
void concurrent(const std::vector<RunPlace>& going, std::vector<ThreadFinding>& out) {
  const auto other = [&](const RunPlace& run) { return run.stream != going.front().stream; };
  if (std::ranges::none_of(going, other)) return;
  out.push_back({6002, going.front().thread, going});
}

}  // namespace

std::vector<ThreadFinding> thread_findings(const state::State& state) {
  std::vector<ThreadFinding> out;
  std::vector<RunPlace> same, going;
  // The runs of a thread lie together in the state, and those with one id.
  const auto leave_id = [&] {
    if (same.size() > 1) out.push_back({2006, same.front().thread, same});
    same.clear();
  };
  const auto leave_thread = [&] {
    leave_id();
    concurrent(going, out);
    going.clear();
  };
  std::string thread;
  for (const auto& [place, peers] : state.runs.entries()) {
    if (place.thread != thread) leave_thread();
    thread = place.thread;
    if (!same.empty() && same.front().run != place.run) leave_id();
    same.push_back(place);
    if (!ended(peers)) going.push_back(place);
  }
  leave_thread();
  return out;
}

json::Value threads_json(const state::State& state) {
  json::Array out;
  for (const ThreadFinding& finding : thread_findings(state)) {
    json::Array runs;
    for (const RunPlace& place : finding.runs) {
      const state::RunCells& cells = *state.runs.find(place);
      json::Array peers;
      for (const auto& [peer, status] : cells.entries()) peers.push_back(peer.hex());
      runs.push_back(json::Object{{"run", place.run},
                                  {"stream", place.stream},
                                  {"ended", ended(cells)},
                                  {"peers", std::move(peers)}});
    }
    out.push_back(json::Object{{"thread", finding.thread},
                               {"code", std::uint64_t{finding.code}},
                               {"rule", std::string(validator::find_rule(finding.code)->id)},
                               {"runs", std::move(runs)}});
  }
  return out;
}

}  // namespace vouch::observe
