// How much memory this process uses.
// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <string>

#include <malloc.h>

namespace vouch::bench {

/// Bytes that no file stands behind, freed ones given back before; 0 when the system does not say.
inline double anonymous_bytes() {
  ::malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) * 1024;
  }
  return 0;
}

/// Bytes that are allocated, as the allocator rounds them up. Blocks of its own caches count.
inline double live_bytes() {
  const auto use = ::mallinfo2();
  return static_cast<double>(use.uordblks + use.hblkhd);
}

}  // namespace vouch::bench
