// SPDX-License-Identifier: MIT
#include "tests/sim/scale/tree.hpp"

#include <array>

namespace vouch::sim {
namespace {

constexpr std::size_t regions = 5;

/// Milliseconds one way, as between North America's coasts, Europe, East Asia, South America.
constexpr std::array<std::array<int, regions>, regions> delays{{{2, 32, 40, 85, 60},
                                                                {32, 2, 70, 55, 90},
                                                                {40, 70, 2, 110, 95},
                                                                {85, 55, 110, 2, 150},
                                                                {60, 90, 95, 150, 2}}};

}  // namespace

std::vector<Place> plan_tree(std::size_t peers, std::size_t voters, std::size_t fan_out) {
  std::vector<Place> out(peers);
  std::array<std::vector<std::size_t>, regions> here;
  for (std::size_t i = 0; i < peers; ++i) {
    out[i].region = i % regions;
    if (i >= voters) here[out[i].region].push_back(i);
  }
  for (std::size_t v = 0; v < voters; ++v) {
    for (std::size_t i = 0; i < voters; ++i) {
      if (i != v) out[v].subscribers.push_back(i);
    }
    for (const auto& peers_here : here) {
      if (!peers_here.empty()) out[v].subscribers.push_back(peers_here.front());
    }
  }
  for (std::size_t region = 0; region < regions; ++region) {
    const auto& peers_here = here[region];
    const auto& elsewhere = here[(region + 1) % regions];
    for (std::size_t j = 0; j < peers_here.size(); ++j) {
      Place& place = out[peers_here[j]];
      if (j == 0) {
        place.depth = 1;
        place.sources = {region % voters, (region + 1) % voters};
      } else {
        const std::size_t above = peers_here[(j - 1) / fan_out];
        place.depth = out[above].depth + 1;
        place.sources = {above, elsewhere.empty() ? 0 : elsewhere.front()};
        out[above].subscribers.push_back(peers_here[j]);
      }
    }
    for (const std::size_t i : peers_here) {
      out[i].role = out[i].subscribers.empty() ? Role::observer : Role::relay;
    }
  }
  return out;
}

transport::LinkFaults delay_between(const Place& one, const Place& other) {
  const std::chrono::milliseconds least(delays[one.region][other.region]);
  transport::LinkFaults out;
  out.delay_min = least;
  out.delay_max = out.delay_min * 6 / 5;
  return out;
}

}  // namespace vouch::sim
