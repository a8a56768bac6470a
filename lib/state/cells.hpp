// Cells as bytes: the rows a store keeps, and the canonical form that the state hash covers. The
// two differ in one thing: rows also carry evidence, the hash looks at values only.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <vector>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/state/state.hpp"

namespace vouch::state {

using CellVisitor = std::function<void(Bytes key, Bytes row)>;

/// Visits the cells of `state` that have an entry in `touched`, in key order.
void visit_cells(const State& state, const State& touched, const CellVisitor& visit);

/// The keys alone of all cells.
void visit_keys(const State& state, const std::function<void(Bytes key)>& visit);

/// Of all cells those whose keys are wanted.
void visit_cells_if(const State& state, const std::function<bool(ByteView key)>& wanted,
                    const CellVisitor& visit);

/// The same cells in canonical form: values, no evidence.
void visit_values(const State& state, const State& touched, const CellVisitor& visit);

/// The same cells in both forms, by one walk.
using FormsVisitor = std::function<void(Bytes key, const Bytes& value, Bytes row)>;
void visit_forms(const State& state, const State& touched, const FormsVisitor& visit);

/// That of a proof: which peers are proven is the one thing that a frontier says, too.
inline bool is_proof_key(ByteView key) {
  return !key.empty() && key.front() == 'x';
}

/// Key of the row that holds a writer's session cell.
Bytes session_cell_key(const Writer& writer);

/// Keys of the rows of all cells that a peer wrote; not of the proof against it. O(state).
std::vector<Bytes> cell_keys_of(const State& state, const PeerId& peer);

/// Joins a stored row into `state`; Errc::malformed when it is none of ours.
Result<void> restore_cell(ByteView key, ByteView row, State& state);

/// BLAKE2b-256 over all cells in key order, values only. O(state). Equal at equal frontiers.
Hash state_hash(const State& state);

/// Hash of a frontier, chain hashes included: equal digests mean equal logs.
Hash frontier_hash(const FrontierMap& frontier);

}  // namespace vouch::state
