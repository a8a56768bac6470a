// Breadth-first search over the states of a model, so that a trace to a violation is a shortest
// one.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

namespace vouch::model {

template <class State>
struct Found {
  bool violated = false;
  bool exhausted = false;  ///< every reachable state was seen
  std::size_t states = 0;
  std::vector<State> trace;  ///< from the first state to the violation
};

/// Stops at the first violation, or after `states_max` states.
template <class Model, class State = decltype(std::declval<const Model&>().initial())>
Found<State> search(const Model& model, std::size_t states_max) {
  boost::unordered_flat_map<State, std::uint32_t, boost::hash<State>> parent_of;
  std::vector<State> order{model.initial()};
  parent_of.emplace(order[0], 0);
  Found<State> found;
  for (std::uint32_t at = 0; at < order.size(); ++at) {
    const State state = order[at];
    if (model.violated(state)) {
      found.violated = true;
      found.trace.push_back(state);
      for (std::uint32_t i = at; i != 0;) {
        i = parent_of.at(order[i]);
        found.trace.push_back(order[i]);
      }
      std::reverse(found.trace.begin(), found.trace.end());
      break;
    }
    if (order.size() >= states_max) break;
    model.each_next(state, [&](const State& next) {
      if (parent_of.emplace(next, at).second) order.push_back(next);
    });
    found.exhausted = at + 1 == order.size();
  }
  found.states = order.size();
  return found;
}

}  // namespace vouch::model
