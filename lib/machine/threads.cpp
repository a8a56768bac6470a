// What a peer tells the thread of each stream that came in here: which runs it has had. What
// follows for streams that share a thread is read from the merged state (lib/observe/threads.hpp).
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/state/cell_of.hpp"

namespace vouch::machine {
namespace {

using state::RunStatus;

ThreadRun run_at(const state::RunPlace& place, RunStatus status) {
  return {place.thread, place.run, place.stream, status == RunStatus::ended};
}

}  // namespace

void PeerMachine::note_runs(const std::vector<ThreadRun>& runs) {
  if (proven() || copied_) return;  // nothing will be written
  for (const ThreadRun& run : runs) {
    const state::RunPlace place{run.thread, run.run, run.stream};
    const RunStatus status = run.ended ? RunStatus::ended : RunStatus::open;
    const auto* told = state::cell_of(replica_.state().runs, place, signer_.id());
    if (told != nullptr && *told->value() >= status) continue;
    RunStatus& due = runs_due_.try_emplace(place, status).first->second;
    due = std::max(due, status);
  }
}

void PeerMachine::note_all_runs(const std::vector<std::string>& streams) {
  std::erase_if(runs_due_, [&](const auto& due) {
    return std::ranges::binary_search(streams, due.first.stream);
  });
  std::map<std::string, std::vector<ThreadRun>> going;
  for (ThreadRun& told : own_runs()) {
    if (!told.ended) going[told.stream].push_back(std::move(told));
  }
  for (const std::string& stream : streams) {
    const std::vector<ThreadRun> runs = streams_.runs(stream);
    // Which ones were the first of so many is not known any more.
    if (runs.size() <= limits::thread_runs_max) note_runs(runs);
    // A run that only a chain before had is not going on.
    std::vector<ThreadRun>& told = going[stream];
    for (ThreadRun& run : told) run.ended = std::ranges::find(runs, run) == runs.end();
    note_runs(told);
  }
}

std::vector<ThreadRun> PeerMachine::take_runs() {
  std::vector<ThreadRun> out;
  for (const auto& [place, status] : std::exchange(runs_due_, {})) {
    out.push_back(run_at(place, status));
  }
  return out;
}

std::vector<ThreadRun> PeerMachine::own_runs() const {
  std::vector<ThreadRun> out;
  for (const auto& [place, peers] : replica_.state().runs.entries()) {
    const auto* told = peers.find(signer_.id());
    if (told != nullptr) out.push_back(run_at(place, *told->value()));
  }
  return out;
}

}  // namespace vouch::machine
