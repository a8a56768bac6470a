// Peers as separate processes on loopback, in a temporary folder with fresh keys: for the demo, the
// benchmarks and the tests. Children end with their parent, and nothing is left behind.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tools/loopback_socket.hpp"
#include <sys/types.h>

#include "vouch/config.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch::tools {

/// Not thread-safe. One member of a cluster: its files, and its process while it runs.
struct ProcessPeer {
  std::string name;
  std::filesystem::path folder;  ///< vouch.toml, peer.key, data/, run/, log
  std::filesystem::path socket;
  PeerId id;
  std::string direct;  ///< endpoint of its ROUTER
  pid_t process = -1;  ///< -1 while it does not run
  int output = -1;     ///< its standard output, from which the ready line comes

  std::filesystem::path config() const { return folder / "vouch.toml"; }
  std::filesystem::path data() const { return folder / "data"; }
};

struct ProcessClusterOptions {
  std::size_t peers = 4;
  std::filesystem::path program;  ///< vouch-peer
  /// May change what is written for one peer, before it is written; `index` counts from 0.
  std::function<void(std::size_t index, Config& config)> tweak;
};

class ProcessCluster {
 public:
  /// Makes keys and configs for peers that know each other; starts nothing.
  static Result<ProcessCluster> make(const ProcessClusterOptions& options);
  ProcessCluster(ProcessCluster&&) noexcept;
  ProcessCluster& operator=(ProcessCluster&&) = delete;
  /// Ends every process that still runs and removes the folder, unless it is to be kept.
  ~ProcessCluster();

  std::vector<ProcessPeer>& peers() { return peers_; }
  const std::filesystem::path& folder() const { return folder_; }
  void keep() { keep_ = true; }

  Result<void> start(ProcessPeer& peer);
  /// Starts all and waits until all are ready.
  Result<void> start_all(std::chrono::milliseconds timeout);
  /// Waits for the ready line.
  Result<void> wait_ready(ProcessPeer& peer, std::chrono::milliseconds timeout);
  /// kill -9, and waits until it is gone.
  void kill(ProcessPeer& peer);
  /// SIGTERM, then SIGKILL when it takes longer. False when it had to be killed, or failed.
  bool stop(ProcessPeer& peer, std::chrono::milliseconds timeout);
  /// The same for all at once.
  bool stop_all(std::chrono::milliseconds timeout);

 private:
  ProcessCluster() = default;
  Result<void> write_configs(const ProcessClusterOptions& options);

  std::filesystem::path program_;
  std::filesystem::path folder_;
  std::vector<LoopbackSocket> ports_;  ///< stay reserved while a peer is down
  std::vector<ProcessPeer> peers_;
  bool keep_ = false;
};

}  // namespace vouch::tools
