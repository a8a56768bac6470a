// Convergence of several peers, looked at again and again.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vouch::tools {

struct WatchOptions {
  std::vector<std::string> sources;  ///< as load_dump takes them
  std::filesystem::path key;
  std::chrono::milliseconds interval{1000};
  std::uint64_t looks = 0;   ///< end after so many; 0 = only with the program
  bool until_equal = false;  ///< end when all answer and are equal
  bool json = false;         ///< one object a line for each look
};

/// Prints each look; on a terminal over the one before. A source that does not answer is shown so
/// and asked again. True when all answered the last look and were equal.
bool watch(const WatchOptions& options);

}  // namespace vouch::tools
