// What the demo shows: live progress, then per-stream verdicts, state hashes, traffic, outcome.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/demo_lie.hpp"
#include "tools/process_cluster.hpp"
#include "tools/recorded.hpp"

namespace vouch::tools {

struct StreamOutcome {
  std::string stream;
  std::uint64_t events = 0;
  std::uint64_t accepted = 0, warned = 0, rejected = 0, unjudged = 0;
  std::size_t voters = 0;  ///< that attested the close mark with one head
};

struct PeerOutcome {
  std::string name, id, state_hash;
  std::uint64_t session = 0;
  std::uint64_t gossip_frames = 0, gossip_bytes = 0, direct_frames = 0, direct_bytes = 0;
  std::size_t certified = 0;  ///< streams of which a certificate covers all events
};

struct DemoReport {
  std::vector<StreamOutcome> streams;
  std::vector<PeerOutcome> peers;
  std::size_t voters = 0;
  std::int64_t converge_ms = -1;  ///< from the last event to equal state; -1: never
  std::optional<ReceiptOutcome> receipt;
  std::optional<LieOutcome> lie;

  /// Every peer has the same state hash, and every stream is closed and attested so by all its
  /// validators.
  bool converged() const;
  /// Every event was accepted and raised nothing, and the end is attested.
  bool clean(const std::string& stream) const;
  /// Converged, with a receipt that holds, and the lie, where there are peers enough for one, was
  /// found, outvoted and proven.
  bool holds() const;
};

/// Asks every peer for its state.
Result<DemoReport> examine(ProcessCluster& cluster, const std::vector<RecordedStream>& streams);
/// Of the first half, as text.
void print_report(const DemoReport& report);
/// The last line: what was shown, or what was not.
void print_outcome(const DemoReport& report);
void print_json(const DemoReport& report);

/// Recorded streams that come with the program: beside the source tree, or installed.
std::filesystem::path default_streams(const std::filesystem::path& program);

/// Live progress on standard error: one line that is redrawn on a terminal, now and then a line
/// elsewhere.
class DemoView {
 public:
  explicit DemoView(bool quiet);
  void say(const std::string& line);
  void progress(std::size_t streams, std::size_t streams_total, std::size_t events,
                std::size_t events_total, ProcessCluster& cluster);

 private:
  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  std::size_t last_tenth_ = 0;
};

}  // namespace vouch::tools
