// Real daemons on loopback for the stories of this folder: submit, dump, and wait for a condition
// with a deadline. One `Daemons` is one cluster in a folder of its own; nothing is left behind.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tools/json_view.hpp"
#include "tools/process_cluster.hpp"
#include <gtest/gtest.h>

#include "vouch/schemas/json_value.hpp"

namespace vouch::net {

using tools::ProcessPeer;

/// What a story submitted, and so what every voter must attest in the end.
struct Submitted {
  std::string stream;
  std::uint64_t entries = 0;  ///< events, and the close mark
};

class Daemons {
 public:
  explicit Daemons(std::size_t peers, std::function<void(std::size_t, Config&)> tweak = {});

  ProcessPeer& operator[](std::size_t index) { return cluster_.peers()[index]; }
  std::size_t size() { return cluster_.peers().size(); }
  tools::ProcessCluster& cluster() { return cluster_; }
  /// Starts one and waits for its ready line.
  void start(std::size_t index);
  void start_all();

  /// Submits at most `seconds` long, going on while the peer is busy. Records what was submitted,
  /// unless the stream stays open; then the same events and more may follow.
  void submit(std::size_t index, const std::string& stream, std::vector<std::string> events,
              bool closes = true);
  const std::vector<Submitted>& submitted() const { return submitted_; }
  void expect(const Submitted& submitted) { submitted_.push_back(submitted); }

  /// Null while the peer does not answer.
  json::Value dump(std::size_t index);
  /// The running peers of `indices` hold equal state in which `voters` attest every submitted
  /// stream to its end.
  testing::AssertionResult converged(const std::vector<std::size_t>& indices, std::size_t voters);

 private:
  tools::ProcessCluster cluster_;
  std::vector<Submitted> submitted_;
};

/// Asks again every 20 ms; the last answer when time is up.
testing::AssertionResult within(std::chrono::milliseconds time,
                                const std::function<testing::AssertionResult()>& condition);

/// A member of an array by the value of a text member; null pointer when there is none.
const json::Value* find_by(const json::Array& list, std::string_view key, std::string_view value);

/// A run of one message in `deltas` parts of `bytes` each.
std::vector<std::string> run_events(const std::string& thread, std::size_t deltas,
                                    std::size_t bytes = 20);

}  // namespace vouch::net
