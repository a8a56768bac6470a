// SPDX-License-Identifier: MIT
#include "bench/pbft/board.hpp"
#include "bench/real_peer.hpp"
#include "bench/short_run.hpp"
#include <fmt/format.h>

#include "vouch/distributed_validator.hpp"

namespace vouch::bench::pbft {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 10s;

/// One proposal for a subject of its own. Errors: timed_out; unknown (another value was decided).
Result<void> propose(DistributedValidator& peer, const std::string& subject) {
  const auto decision = peer.propose(subject, "approve", patience);
  if (!decision) return tl::unexpected(decision.error());
  if (!decision->own) return fail(Errc::unknown, "another value was decided");
  return {};
}

/// One short run and its receipt. Errors: timed_out, and those of submit and close.
Result<void> run_once(DistributedValidator& peer, const std::string& name) {
  if (auto submitted = submit_run(peer, name); !submitted) return submitted;
  return await_receipt(peer, name, patience);
}

/// One caller: asks, and asks anew when it has its answer.
void ask(DistributedValidator& peer, const Task& task, Board& board, std::size_t at,
         std::size_t caller, Clock::time_point until) {
  for (std::size_t n = 0; Clock::now() < until && !board.failed; ++n) {
    const std::string name = fmt::format("{}/{}/{}/{}", loads[at].name, task.index, caller, n);
    const std::int64_t from = clock_us();
    const auto done = loads[at].work == Work::run ? run_once(peer, name) : propose(peer, name);
    if (!done && done.error().code == Errc::timed_out) {
      ++board.timed_out[at];
      continue;
    }
    if (!done) {
      give_up(board, task.index, done.error().text());
      return;
    }
    const std::size_t place = board.decided[at]++;
    const std::int64_t now = clock_us();
    if (place < samples_max) board.waited[at][place] = now - from;
    std::int64_t last = board.ended[at];
    while (last < now && !board.ended[at].compare_exchange_weak(last, now)) {
    }
  }
}

using Counts = std::array<std::uint64_t, costs.size()>;

Counts counts_of(const DistributedValidator& peer) {
  const std::string dump = peer.dump({"agreement", "counters", "traffic"}).value_or("");
  Counts out{};
  for (std::size_t i = 0; i < costs.size(); ++i) {
    for (const char* name : costs[i].counters) out[i] += counted(dump, name);
  }
  return out;
}

void play(DistributedValidator& peer, const Task& task, Board& board, std::size_t at) {
  if (task.index >= loads[at].origins) return;
  const auto until = Clock::now() + task.load;
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < loads[at].in_flight; ++i) {
    callers.emplace_back([&, i] { ask(peer, task, board, at, i, until); });
  }
  for (std::thread& caller : callers) caller.join();
}

}  // namespace

int run_peer(const Task& task, Board& board) {
  auto config = load_toml(task.config);
  if (!config) return give_up(board, task.index, config.error().front().text());
  const auto opened = start_peer(*config, task.index, board);
  if (!opened) return 1;
  DistributedValidator& peer = *opened;
  // The first decision opens what is opened lazily, and counts nowhere.
  const auto first = peer.propose(fmt::format("warm-up/{}", task.index), "approve", 20s);
  if (!first) return give_up(board, task.index, first.error().text());
  board.say_through(task.index, Phase::start);
  Counts before = counts_of(peer);
  for (std::size_t at = 0; at < loads.size(); ++at) {
    if (!task.plays(at)) continue;
    if (!board.await(loads[at].phase)) return 1;
    play(peer, task, board, at);
    board.say_through(task.index, loads[at].phase);
    if (!board.await(count_after(loads[at].phase))) return 1;
    const Counts now = counts_of(peer);
    for (std::size_t i = 0; i < now.size(); ++i) board.spent[at][i] += now[i] - before[i];
    before = now;
    board.say_through(task.index, count_after(loads[at].phase));
  }
  if (!board.await(Phase::over)) return 1;
  board.view_changes += view_changes(peer);
  board.say_through(task.index, Phase::over);
  board.await(Phase::stop);
  peer.stop();
  return board.failed ? 1 : 0;
}

}  // namespace vouch::bench::pbft
