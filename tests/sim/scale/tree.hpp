// Where the peers of a large cluster are and who hears whom. Voters are spread over five regions
// and hear each other; in each region one peer without a vote hears all voters and relays to others
// there, each of these to as many again, and so on. To those without a vote a batch goes into each
// region once.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "vouch/transport/memory_network.hpp"

namespace vouch::sim {

enum class Role : std::uint8_t { voter, relay, observer };
inline constexpr std::size_t roles_count = 3;

struct Place {
  Role role = Role::voter;
  std::size_t region = 0;
  std::size_t depth = 0;                 ///< relays between it and the voters, itself counted
  std::vector<std::size_t> subscribers;  ///< that hear what it publishes
  /// Whom it asks for what is missing: whom it hears, and one elsewhere, so that no single peer can
  /// withhold anything for long. Voters ask each other.
  std::vector<std::size_t> sources;
};

/// Peers by number, voters first. Precondition: 1 <= voters <= peers, fan_out >= 1.
std::vector<Place> plan_tree(std::size_t peers, std::size_t voters, std::size_t fan_out);

/// One way between two places: 2 ms within a region, 32 to 150 ms between two, and up to a fifth
/// more by chance.
transport::LinkFaults delay_between(const Place& one, const Place& other);

}  // namespace vouch::sim
