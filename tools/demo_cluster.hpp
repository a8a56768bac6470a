// Peers as separate processes on loopback, in a temporary folder with fresh keys. Children end with
// their parent, and nothing is left behind.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "vouch/config.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch::tools {

/// Not thread-safe. One member of a cluster: its files, and its process while it runs.
struct DemoPeer {
  std::string name;
  std::filesystem::path folder;
  std::filesystem::path socket;
  PeerId id;
  pid_t process = -1;  ///< -1 while it does not run
  int output = -1;     ///< its standard output, from which the ready line comes
};

class DemoCluster {
 public:
  /// Makes keys and configs for `size` peers that know each other. `program` is vouch-peer itself.
  static Result<DemoCluster> make(std::size_t size, const std::filesystem::path& program);
  DemoCluster(DemoCluster&&) noexcept;
  DemoCluster& operator=(DemoCluster&&) = delete;
  /// Ends every process that still runs and removes the folder, unless it is to be kept.
  ~DemoCluster();

  std::vector<DemoPeer>& peers() { return peers_; }
  const std::filesystem::path& folder() const { return folder_; }
  void keep() { keep_ = true; }

  Result<void> start(DemoPeer& peer);
  /// Waits for the ready line.
  Result<void> wait_ready(DemoPeer& peer, std::chrono::milliseconds timeout);
  /// kill -9, and waits until it is gone.
  void kill(DemoPeer& peer);
  /// SIGTERM to all, then SIGKILL for those that take longer. False when one had to be killed.
  bool stop_all(std::chrono::milliseconds timeout);

 private:
  DemoCluster() = default;
  Result<void> write_configs();

  std::filesystem::path program_;
  std::filesystem::path folder_;
  std::vector<DemoPeer> peers_;
  bool keep_ = false;
};

}  // namespace vouch::tools
