// Invariants of our own code: always on, also in release. Never use one on bytes from a stranger.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <cstdlib>

namespace vouch {

/// Called when an invariant is broken; must not return. Replaceable by embedders (set it before the
/// first peer starts; not synchronised).
using CrashHook = void (*)(const char* condition, const char* file, int line);

[[noreturn]] inline void default_crash(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "vouch: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

inline CrashHook crash_hook = default_crash;

[[noreturn]] inline void crash(const char* condition, const char* file, int line) {
  crash_hook(condition, file, line);
  std::abort();
}

}  // namespace vouch

#define VOUCH_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::vouch::crash(#condition, __FILE__, __LINE__))
