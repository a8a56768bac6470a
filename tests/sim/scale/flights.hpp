// Attestations on their way: from the moment a voter has told of one until every peer holds it.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "vouch/base/outbox.hpp"
#include "vouch/transport/memory_network.hpp"

namespace vouch::sim {

/// Milliseconds.
double in_ms(transport::VirtualTime time);

class Flights {
 public:
  /// Peers are numbered, voters first.
  Flights(std::size_t peers, std::size_t voters) : peers_(peers), voters_(voters) {}

  /// Peer `at`, the voter itself first, holds it. Saying so again changes nothing.
  void held(transport::VirtualTime now, std::size_t at, bool own, const Attested& fact);
  /// What took off until now is not measured.
  void forget() { flights_.clear(); }

  std::size_t count() const { return flights_.size(); }
  /// Those that some peer does not hold.
  std::size_t unfinished() const;
  /// Milliseconds until all voters, or all peers, held one, of each that all hold.
  std::vector<double> to_voters() const;
  std::vector<double> to_all() const;

 private:
  struct Flight {
    transport::VirtualTime start{}, voters_end{}, end{};
    std::vector<bool> held;
    std::size_t voters_left = 0, left = 0;
  };

  std::size_t peers_;
  std::size_t voters_;
  std::map<std::tuple<PeerId, std::string, std::uint64_t>, Flight> flights_;
};

}  // namespace vouch::sim
