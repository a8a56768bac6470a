// A node of C-Raft (libraft), whose leader is asked for as much at once as all origins of the
// agreement are: ordered and durable, but unsigned, unencrypted, and believing whatever it hears.
// SPDX-License-Identifier: MIT
#pragma once

#include "bench/pbft/board.hpp"

namespace vouch::bench::pbft {

/// Through `start` when there is a leader; then plays loads[0] and the durable one.
int run_raft_node(const Task& task, Board& board);

}  // namespace vouch::bench::pbft
