// SPDX-License-Identifier: MIT
#include "vouch/ingest/run_watch.hpp"

#include <algorithm>
#include <utility>

#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::ingest {
namespace {

/// Ids have any length; a record has not.
std::string bounded(const std::string& id) {
  if (id.size() <= limits::stream_name_bytes_max) return id;
  return "#" + crypto::blake2b(as_bytes(std::string_view(id))).hex();
}

bool is_open(const validator::StreamValidator& validator) {
  return validator.state().phase == validator::Phase::active && !validator.closed();
}

ThreadRun run_named(const std::string& stream, const validator::StreamState& state,
                    const std::string& id, bool ended) {
  return {bounded(state.thread_id.value_or("")), bounded(id), stream, ended};
}

void tell(ThreadRun run, std::vector<ThreadRun>& news) {
  if (!news.empty() && news.back().run == run.run) {
    news.back().ended |= run.ended;
  } else {
    news.push_back(std::move(run));
  }
}

}  // namespace

void RunWatch::look(const std::string& stream, const validator::StreamValidator& validator,
                    std::vector<ThreadRun>& news) {
  const validator::StreamState& state = validator.state();
  const bool begins = state.runs != begun_;
  const bool open = is_open(validator);
  if (!begins && (open || !going_)) return;
  // Where rule 2004 is no more than a warning, a run ends with the start of the next one.
  if (going_) tell(run_named(stream, state, *std::exchange(going_, {}), true), news);
  begun_ = state.runs;
  if (!begins || begun_ > limits::thread_runs_max) return;
  tell(run_named(stream, state, state.run.run_id, !open), news);
  if (open) going_ = state.run.run_id;
}

std::vector<ThreadRun> runs_of(const std::string& stream,
                               const validator::StreamValidator& validator) {
  const validator::StreamState& state = validator.state();
  std::vector<ThreadRun> out;
  for (const std::string& id : state.run_ids) {
    out.push_back(run_named(stream, state, id, !(is_open(validator) && id == state.run.run_id)));
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace vouch::ingest
