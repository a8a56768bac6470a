// What a process of ours asks of the allocator. glibc keeps up to eight arenas for each core, and
// what is freed in one is of no use to a thread of another: memory then goes on growing though no
// more is held than before, as bench/memory_bench shows with `--arenas 16`.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <thread>

#include <malloc.h>

namespace vouch::tools {

/// To be called before other threads start. Does nothing where malloc is not glibc's.
inline void limit_arenas(unsigned arenas) {
#ifdef M_ARENA_MAX
  ::mallopt(M_ARENA_MAX, static_cast<int>(std::max(1U, arenas)));
#endif
}

inline void one_arena_per_core() {
  limit_arenas(std::thread::hardware_concurrency());
}

}  // namespace vouch::tools
