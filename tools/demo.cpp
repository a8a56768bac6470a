// demo: four peers on this machine validate recorded streams; one is killed in the middle and comes
// back; then all hold the same state, and a receipt of one stream is checked. At last one of them
// lies and is caught. The exit code tells whether all that holds.
// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstdio>
#include <thread>

#include "tools/commands.hpp"
#include "tools/demo_report.hpp"
#include "tools/process_cluster.hpp"
#include "tools/recorded.hpp"
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "vouch/client/peer_client.hpp"

namespace vouch::tools {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::atomic<bool> interrupted{false};

/// What the submitting threads and the director share. Counters only; no locks.
struct Stage {
  std::vector<RecordedStream> streams;
  std::vector<std::atomic<std::size_t>> taken;  ///< events per stream
  std::atomic<std::size_t> streams_closed{0};
  std::atomic<bool> give_up{false};
  std::size_t events_total = 0;

  bool over() const { return give_up || interrupted; }
  std::size_t events_taken() const {
    std::size_t sum = 0;
    for (const auto& events : taken) sum += events;
    return sum;
  }
};

void pause_for(milliseconds time) {
  std::this_thread::sleep_for(time);
}

/// Submits one stream from where the peer stands. False when the peer went away: try again later.
bool submit_stream(Stage& stage, client::PeerClient& peer, std::size_t number, milliseconds pace) {
  const RecordedStream& stream = stage.streams[number];
  auto position = peer.open(stream.name);
  if (!position) return false;
  while (!position->closed && !stage.over()) {
    Submit submit{stream.name, position->next, {}, position->next >= stream.events.size()};
    if (!submit.closes) submit.events = {stream.events[position->next]};
    const auto taken = peer.submit(submit);
    if (!taken && taken.error().code == Errc::busy) {
      pause_for(pace);
      continue;
    }
    if (!taken) return false;
    position->closed = submit.closes;
    position->next = taken->next;
    stage.taken[number] = std::min<std::size_t>(taken->next, stream.events.size());
    pause_for(pace);
  }
  ++stage.streams_closed;
  return true;
}

/// One submitter per peer, as an agent beside it would be: it reconnects until its streams are
/// through.
void submit_share(Stage& stage, const ProcessPeer& peer, std::size_t share, std::size_t shares,
                  milliseconds pace) {
  for (std::size_t i = share; i < stage.streams.size() && !stage.over(); i += shares) {
    for (bool done = false; !done && !stage.over();) {
      auto client = client::PeerClient::connect({"ipc://" + peer.socket.string(), std::nullopt}, {},
                                                milliseconds(500));
      done = client && submit_stream(stage, **client, i, pace);
      if (!done) pause_for(milliseconds(50));
    }
  }
}

class Director {
 public:
  Director(const DemoOptions& options, ProcessCluster& cluster, Stage& stage)
      : options_(options), cluster_(cluster), stage_(stage), view_(options.json) {}

  /// Runs the play; the report says how it went.
  Result<DemoReport> run() {
    until_ = Clock::now() + std::chrono::seconds(options_.seconds);
    if (auto started = start_all(); !started) return tl::unexpected(started.error());
    std::vector<std::thread> submitters;
    const std::size_t shares = cluster_.peers().size();
    for (std::size_t i = 0; i < shares; ++i) {
      submitters.emplace_back([this, i, shares] {
        submit_share(stage_, cluster_.peers()[i], i, shares, milliseconds(5));
      });
    }
    auto played = play();
    stage_.give_up = stage_.give_up || !played;
    for (std::thread& submitter : submitters) submitter.join();
    if (!played) return tl::unexpected(played.error());
    return converge();
  }

  /// Afterwards, in what is left of the time: one of them lies.
  Result<LieOutcome> lie() {
    const auto rest = std::chrono::duration_cast<milliseconds>(until_ - Clock::now());
    return play_lie(cluster_, rest, [this](const std::string& line) {
      if (!options_.json) fmt::print("{}\n", line);
      std::fflush(stdout);
    });
  }

 private:
  Result<void> start_all() {
    view_.say(fmt::format("Starting {} peers in {}", cluster_.peers().size(),
                          cluster_.folder().string()));
    for (ProcessPeer& peer : cluster_.peers()) {
      if (auto started = cluster_.start(peer); !started) return started;
    }
    for (ProcessPeer& peer : cluster_.peers()) {
      if (auto ready = cluster_.wait_ready(peer, milliseconds(10'000)); !ready) return ready;
      view_.say(
          fmt::format("  peer {}  {}  process {}", peer.name, peer.id.short_hex(), peer.process));
    }
    view_.say(fmt::format("Submitting {} recorded streams, {} events, to all peers at once",
                          stage_.streams.size(), stage_.events_total));
    return {};
  }

  /// Until all streams are through: kills a peer after a third of the events, starts it after two
  /// thirds.
  Result<void> play() {
    ProcessPeer& victim = cluster_.peers().back();
    bool killed = false, back = false;
    while (stage_.streams_closed < stage_.streams.size()) {
      if (interrupted) return fail(Errc::not_running, "interrupted");
      if (Clock::now() > until_)
        return fail(Errc::timed_out, "the streams did not get through in time");
      const std::size_t taken = stage_.events_taken();
      if (!killed && taken * 3 >= stage_.events_total) {
        cluster_.kill(victim);
        killed = true;
        killed_at_ = Clock::now();
        view_.say(fmt::format("Killed peer {} with SIGKILL after {} events", victim.name, taken));
      }
      const bool rested = killed && Clock::now() - killed_at_ >= std::chrono::seconds(2);
      if (rested && !back) {
        if (auto started = cluster_.start(victim); !started) return started;
        if (auto ready = cluster_.wait_ready(victim, milliseconds(10'000)); !ready) return ready;
        back = true;
        view_.say(fmt::format(
            "Peer {} is back; it folds its stored events and pulls what it missed", victim.name));
      }
      view_.progress(stage_.streams_closed, stage_.streams.size(), taken, stage_.events_total,
                     cluster_);
      pause_for(milliseconds(50));
    }
    view_.say("All streams are closed; waiting for equal state");
    return {};
  }

  /// Certificates come a moment after equal state: a receipt is waited for.
  Result<DemoReport> converge() {
    const auto from = Clock::now();
    std::int64_t converge_ms = -1;
    for (;;) {
      auto report = examine(cluster_, stage_.streams);
      if (report && report->converged()) {
        if (converge_ms < 0) {
          converge_ms = std::chrono::duration_cast<milliseconds>(Clock::now() - from).count();
        }
        report->converge_ms = converge_ms;
        report->receipt = receipt(*report);
        if (report->receipt) return report;
      }
      if (interrupted) return fail(Errc::not_running, "interrupted");
      if (Clock::now() > until_) {
        return report ? report : fail(Errc::timed_out, "the peers do not answer");
      }
      pause_for(milliseconds(20));
    }
  }

  /// Of the first clean stream that has text and a certificate.
  std::optional<ReceiptOutcome> receipt(const DemoReport& report) {
    for (const RecordedStream& stream : stage_.streams) {
      const auto forged = tampered(stream.events);
      if (!forged || !report.clean(stream.name)) continue;
      const auto& peers = cluster_.peers();
      auto tried = try_receipt(peers.front(), peers.back(), stream.name, stream.events, *forged);
      if (tried) return std::move(*tried);
    }
    return std::nullopt;
  }

  const DemoOptions& options_;
  ProcessCluster& cluster_;
  Stage& stage_;
  DemoView view_;
  Clock::time_point until_;
  Clock::time_point killed_at_;
};

std::filesystem::path own_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

}  // namespace

int run_demo(const DemoOptions& options) {
  Stage stage;
  const auto file = options.streams.empty() ? default_streams(own_program()) : options.streams;
  auto streams = read_recorded(file);
  if (!streams) return failed(streams.error().text());
  stage.streams = std::move(*streams);
  stage.taken = std::vector<std::atomic<std::size_t>>(stage.streams.size());
  for (const RecordedStream& stream : stage.streams) stage.events_total += stream.events.size();
  struct sigaction stop {};
  stop.sa_handler = [](int) { interrupted = true; };
  sigaction(SIGINT, &stop, nullptr);
  sigaction(SIGTERM, &stop, nullptr);
  auto cluster = ProcessCluster::make({options.peers, own_program(), {}});
  if (!cluster) return failed(cluster.error().text());
  if (options.keep) cluster->keep();
  Director director(options, *cluster, stage);
  auto report = director.run();
  if (!report) return failed(report.error().text());
  if (!options.json) print_report(*report);
  if (report->converged() && options.peers >= lie_peers_min) {
    auto lie = director.lie();
    if (!lie) return failed(lie.error().text());
    report->lie = std::move(*lie);
  }
  const bool clean = cluster->stop_all(milliseconds(5'000));
  if (options.json) print_json(*report);
  if (!options.json) print_outcome(*report);
  if (options.keep) fmt::print(stderr, "Data kept in {}\n", cluster->folder().string());
  if (!clean) return failed("a peer did not stop on SIGTERM");
  return report->holds() ? exit_ok : exit_findings;
}

}  // namespace vouch::tools
