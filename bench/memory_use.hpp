// How much memory this process uses.
// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <string>

#include <malloc.h>

/// jemalloc's, where the program is linked with it.
extern "C" int mallctl(const char* name, void* old, size_t* old_size, void* value, size_t size)
    __attribute__((weak));

namespace vouch::bench {

inline void give_back_freed() {
  ::malloc_trim(0);
  constexpr const char* purge_all_arenas = "arena.4096.purge";
  if (mallctl != nullptr) ::mallctl(purge_all_arenas, nullptr, nullptr, nullptr, 0);
}

/// Bytes that no file stands behind, freed ones given back before; 0 when the system does not say.
inline double anonymous_bytes() {
  give_back_freed();
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) * 1024;
  }
  return 0;
}

/// Bytes that glibc has allocated, as it rounds them up. Blocks of its own caches count.
inline double live_bytes() {
  const auto use = ::mallinfo2();
  return static_cast<double>(use.uordblks + use.hblkhd);
}

}  // namespace vouch::bench
