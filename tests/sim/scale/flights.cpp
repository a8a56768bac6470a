// SPDX-License-Identifier: MIT
#include "tests/sim/scale/flights.hpp"

#include <algorithm>

namespace vouch::sim {

double in_ms(transport::VirtualTime time) {
  return static_cast<double>(time.count()) / 1000;
}

void Flights::held(transport::VirtualTime now, std::size_t at, bool own, const Attested& fact) {
  const std::tuple key(fact.voter, fact.stream, fact.upto);
  auto found = flights_.find(key);
  if (found == flights_.end()) {
    if (!own) return;
    Flight flight{now, now, now, std::vector<bool>(peers_), voters_, peers_};
    found = flights_.emplace(key, std::move(flight)).first;
  }
  Flight& flight = found->second;
  if (flight.held[at]) return;
  flight.held[at] = true;
  if (--flight.left == 0) flight.end = now;
  if (at < voters_ && --flight.voters_left == 0) flight.voters_end = now;
}

std::size_t Flights::unfinished() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(flights_, [](const auto& entry) { return entry.second.left != 0; }));
}

std::vector<double> Flights::to_voters() const {
  std::vector<double> out;
  for (const auto& [key, flight] : flights_) {
    if (flight.left == 0) out.push_back(in_ms(flight.voters_end - flight.start));
  }
  return out;
}

std::vector<double> Flights::to_all() const {
  std::vector<double> out;
  for (const auto& [key, flight] : flights_) {
    if (flight.left == 0) out.push_back(in_ms(flight.end - flight.start));
  }
  return out;
}

}  // namespace vouch::sim
