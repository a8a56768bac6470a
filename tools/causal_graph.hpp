// Who had seen what when it wrote, out of the dumps of several peers: batches, and what each comes
// after. Invariant: every edge is needed (no path leads from its start to its end besides), but for
// those along a log, which are always there; it goes to a greater row, and to a later node of the
// list. Absent: how it looks (graph_layout.hpp, graph_text.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

/// A batch as the dumps tell of it. Who only saw its end does not know where it begins.
struct KnownBatch {
  std::uint64_t first = 0;                     ///< 0: not known
  std::string records;                         ///< "3 attestations, 2 votes"; empty: not known
  std::map<std::string, std::uint64_t> after;  ///< log -> its last record
};

/// One log: "key.incarnation" is its name in dumps.
struct KnownLog {
  std::string writer;  ///< name of the peer, or the first digits of its key
  std::map<std::uint64_t, KnownBatch> batches;  ///< by last record
};
using KnownLogs = std::map<std::string, KnownLog>;

/// What the dumps tell together: a batch that several name is one. Members that are missing or have
/// another form read as empty.
KnownLogs merge_batches(const std::vector<json::Value>& dumps);

struct GraphNode {
  std::size_t lane = 0;
  std::size_t row = 0;  ///< edges of the longest path that ends here
  std::uint64_t first = 0, last = 0;
  std::string records;

  /// "12-14"; "..14" when its begin is not known.
  std::string numbers() const;
};

struct GraphEdge {
  std::size_t from = 0, to = 0;  ///< nodes; `to` was written by somebody who held `from`
  bool operator==(const GraphEdge&) const = default;
};

struct CausalGraph {
  std::vector<std::string> lanes;  ///< whose logs; any text, as strangers named themselves
  std::vector<GraphNode> nodes;    ///< what comes after another stands behind it
  std::vector<GraphEdge> edges;
};

/// The last `newest` batches of each log. What is left out still carries what was seen from one
/// batch to another. Errc::malformed when batches come after each other: the dumps contradict
/// each other. O(batches * logs^2).
Result<CausalGraph> causal_graph(const KnownLogs& logs, std::size_t newest);

}  // namespace vouch::tools
