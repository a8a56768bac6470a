// SPDX-License-Identifier: MIT
#include "tools/causal_graph.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace vouch::tools {
namespace {

/// How many batches of each log, in its order, are known to whoever wrote a batch, itself counted:
/// a vector clock.
using VectorClock = std::vector<std::size_t>;

struct Batch {
  std::size_t log = 0;
  std::size_t place = 0;  ///< in its log, from 1
  std::uint64_t last = 0;
  const KnownBatch* known = nullptr;
  VectorClock clock = {};
};

/// Logs in the order of lanes, with the numbers of all their batches in one list.
struct Batches {
  std::vector<Batch> all;
  std::vector<std::vector<std::size_t>> logs;
  std::vector<std::string> writers;

  explicit Batches(const KnownLogs& known) {
    std::vector<KnownLogs::const_iterator> order;
    for (auto log = known.begin(); log != known.end(); ++log) order.push_back(log);
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      return a->second.writer < b->second.writer;
    });
    for (const auto& log : order) {
      names_[log->first] = logs.size();
      std::vector<std::size_t>& own = logs.emplace_back();
      writers.push_back(log->second.writer);
      for (const auto& [last, batch] : log->second.batches) {
        own.push_back(all.size());
        all.push_back({logs.size() - 1, own.size(), last, &batch});
      }
    }
  }

  std::size_t at(std::size_t log, std::size_t place) const { return logs[log][place - 1]; }
  /// What a batch comes after at once: the one before it, and the ends that its writer held.
  std::vector<std::size_t> before(const Batch& batch) const {
    std::vector<std::size_t> out;
    if (batch.place > 1) out.push_back(at(batch.log, batch.place - 1));
    for (const auto& [name, last] : batch.known->after) {
      const auto named = names_.find(name);
      if (named == names_.end()) continue;
      const std::size_t log = named->second;
      const auto end = std::partition_point(logs[log].begin(), logs[log].end(),
                                            [&](std::size_t b) { return all[b].last <= last; });
      if (end != logs[log].begin()) out.push_back(*std::prev(end));
    }
    return out;
  }

 private:
  std::map<std::string, std::size_t> names_;
};

/// Everything after what it comes after, with its clock; fewer when some come after each other.
std::vector<std::size_t> in_order(Batches& batches) {
  std::vector<std::vector<std::size_t>> followers(batches.all.size());
  std::vector<std::size_t> waits(batches.all.size());
  std::set<std::size_t> ready;
  for (std::size_t b = 0; b < batches.all.size(); ++b) {
    batches.all[b].clock.assign(batches.logs.size(), 0);
    for (const std::size_t earlier : batches.before(batches.all[b])) {
      followers[earlier].push_back(b);
      ++waits[b];
    }
    if (waits[b] == 0) ready.insert(b);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t b = ready.extract(ready.begin()).value();
    Batch& batch = batches.all[b];
    batch.clock[batch.log] = batch.place;
    order.push_back(b);
    for (const std::size_t later : followers[b]) {
      VectorClock& clock = batches.all[later].clock;
      for (std::size_t log = 0; log < clock.size(); ++log) {
        clock[log] = std::max(clock[log], batch.clock[log]);
      }
      if (--waits[later] == 0) ready.insert(later);
    }
  }
  return order;
}

/// The batches that a shown one comes after and that no other of them implies. `cut`: how many of a
/// log's are left out.
std::vector<std::size_t> needed(const Batches& batches, const Batch& batch,
                                const std::vector<std::size_t>& cut) {
  std::vector<std::size_t> candidates, out;
  for (std::size_t log = 0; log < batch.clock.size(); ++log) {
    const std::size_t place = batch.clock[log] - (log == batch.log ? 1 : 0);
    if (place > cut[log]) candidates.push_back(batches.at(log, place));
  }
  for (const std::size_t c : candidates) {
    const Batch& earlier = batches.all[c];
    const bool implied = std::any_of(candidates.begin(), candidates.end(), [&](std::size_t other) {
      return other != c && batches.all[other].clock[earlier.log] >= earlier.place;
    });
    if (!implied || earlier.log == batch.log) out.push_back(c);
  }
  return out;
}

}  // namespace

std::string GraphNode::numbers() const {
  if (first == 0) return fmt::format("..{}", last);
  return first == last ? fmt::format("{}", last) : fmt::format("{}-{}", first, last);
}

Result<CausalGraph> causal_graph(const KnownLogs& logs, std::size_t newest) {
  Batches batches(logs);
  const std::vector<std::size_t> order = in_order(batches);
  if (order.size() != batches.all.size()) {
    return fail(Errc::malformed,
                "the sources contradict each other: some batches come after each other");
  }
  std::vector<std::size_t> cut;
  for (const auto& log : batches.logs) cut.push_back(log.size() - std::min(log.size(), newest));
  CausalGraph graph;
  graph.lanes = std::move(batches.writers);
  std::vector<std::size_t> node_of(batches.all.size());
  for (const std::size_t b : order) {
    const Batch& batch = batches.all[b];
    if (batch.place <= cut[batch.log]) continue;
    const std::size_t node = node_of[b] = graph.nodes.size();
    graph.nodes.push_back({batch.log, 0, batch.known->first, batch.last, batch.known->records});
    for (const std::size_t earlier : needed(batches, batch, cut)) {
      const std::size_t from = node_of[earlier];
      graph.edges.push_back({from, node});
      graph.nodes[node].row = std::max(graph.nodes[node].row, graph.nodes[from].row + 1);
    }
  }
  return graph;
}

}  // namespace vouch::tools
