// SPDX-License-Identifier: MIT
#include "bench/pbft/raft_node.hpp"

#include <climits>
#include <cstring>

#include "bench/real_peer.hpp"
#include <fmt/format.h>

extern "C" {
#include <raft.h>
#include <raft/uv.h>
#include <uv.h>
}

namespace vouch::bench::pbft {
namespace {

constexpr std::size_t entry_bytes = 64;
constexpr std::string_view scheme = "tcp://";

/// What raft wants to apply entries to: nothing is kept, and no snapshot is taken.
raft_fsm nothing_kept() {
  raft_fsm fsm{};
  fsm.version = 1;
  fsm.apply = [](raft_fsm*, const raft_buffer*, void** result) {
    *result = nullptr;
    return 0;
  };
  fsm.snapshot = [](raft_fsm*, raft_buffer**, unsigned*) { return RAFT_NOMEM; };
  fsm.restore = [](raft_fsm*, raft_buffer*) { return RAFT_NOMEM; };
  return fsm;
}

/// One node, on a loop of its own. Never closed: its process ends.
class Node {
 public:
  Node(const Task& task, Board& board) : task_(task), board_(board) {}

  int run(const Config& config) {
    std::error_code ignored;
    std::filesystem::create_directories(config.data, ignored);
    const auto address = [&](std::size_t i) {
      return config.roster[i].endpoint.substr(scheme.size());
    };
    const std::string own = address(task_.index);
    const std::string data = config.data.string();
    good(uv_loop_init(&loop_));
    good(raft_uv_tcp_init(&transport_, &loop_));
    good(raft_uv_init(&io_, &loop_, data.c_str(), &transport_));
    raft_uv_set_connect_retry_delay(&io_, 50);
    good(raft_init(&raft_, &io_, &fsm_, task_.index + 1, own.c_str()));
    raft_set_snapshot_threshold(&raft_, UINT_MAX);
    raft_configuration nodes{};
    raft_configuration_init(&nodes);
    for (std::size_t i = 0; i < config.roster.size(); ++i) {
      good(raft_configuration_add(&nodes, i + 1, address(i).c_str(), RAFT_VOTER));
    }
    good(raft_bootstrap(&raft_, &nodes));
    raft_configuration_close(&nodes);
    good(raft_start(&raft_));
    good(uv_timer_init(&loop_, &timer_));
    timer_.data = this;
    const auto turn = [](uv_timer_t* timer) { static_cast<Node*>(timer->data)->turn(); };
    good(uv_timer_start(&timer_, turn, 1, 1));
    if (!board_.failed) uv_run(&loop_, UV_RUN_DEFAULT);
    return board_.failed ? 1 : 0;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Request : raft_apply {
    Node* node = nullptr;
    std::int64_t from = 0;
  };

  void good(int error) {
    if (error == 0 || board_.failed) return;
    give_up(board_, task_.index, fmt::format("libraft: {} {}", error, raft_errmsg(&raft_)));
  }

  /// Every millisecond.
  void turn() {
    const auto phase = static_cast<Phase>(board_.phase.load());
    if (phase == Phase::stop || board_.failed) {
      uv_stop(&loop_);
    } else if (phase == Phase::start) {
      raft_id leader = 0;
      const char* address = nullptr;
      if (raft_state(&raft_) != RAFT_UNAVAILABLE) raft_leader(&raft_, &leader, &address);
      if (leader != 0) board_.say_through(task_.index, phase);
    } else if (phase != phase_) {
      phase_ = phase;
      begin();
    }
  }

  /// The leader asks for all; the others are through.
  void begin() {
    for (at_ = 0; loads[at_].phase != phase_;) ++at_;
    if (raft_state(&raft_) != RAFT_LEADER) return board_.say_through(task_.index, phase_);
    until_ = Clock::now() + task_.load;
    open_ = loads[at_].origins * loads[at_].in_flight;
    for (std::size_t i = open_; i > 0; --i) ask(*new Request{});
  }

  void ask(Request& request) {
    request.node = this;
    request.from = clock_us();
    raft_buffer entry{raft_malloc(entry_bytes), entry_bytes};
    std::memset(entry.base, 0, entry_bytes);
    good(raft_apply(&raft_, &request, &entry, 1, [](struct raft_apply* done, int status, void*) {
      auto& answered = *static_cast<Request*>(done);
      answered.node->answer(answered, status);
    }));
  }

  void answer(Request& request, int status) {
    good(status);
    const std::int64_t now = clock_us();
    const std::size_t place = board_.decided[at_]++;
    if (place < samples_max) board_.waited[at_][place] = now - request.from;
    board_.ended[at_] = now;
    if (Clock::now() < until_ && !board_.failed) return ask(request);
    delete &request;
    if (--open_ == 0) board_.say_through(task_.index, phase_);
  }

  const Task& task_;
  Board& board_;
  uv_loop_t loop_{};
  uv_timer_t timer_{};
  raft_uv_transport transport_{};
  raft_io io_{};
  raft_fsm fsm_ = nothing_kept();
  raft raft_{};
  Phase phase_ = Phase::start;
  std::size_t at_ = 0;
  std::size_t open_ = 0;
  Clock::time_point until_;
};

}  // namespace

int run_raft_node(const Task& task, Board& board) {
  const auto config = load_toml(task.config);
  if (!config) return give_up(board, task.index, config.error().front().text());
  return Node(task, board).run(config->resolved());
}

}  // namespace vouch::bench::pbft
