// Clients that propose values for users' subjects, several for one now and then, and ask again for
// old ones: each subject has one value, for ever, at whichever voter it is asked.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace vouch::sim {

class Proposers {
 public:
  /// `world` and this must live until the world has stopped running. Without `ask` there are none.
  Proposers(World& world, bool ask);

  void start();
  /// No new subjects; what is open is proposed again at every voter, until it is decided.
  void stop() { over_ = true; }
  /// Subjects that a voter knows no value of, where there are enough voters to decide them, or
  /// another one than others; and values that nobody can tell, unless `lost`.
  std::vector<std::string> differences(bool lost) const;

 private:
  void visit();
  void propose(std::size_t number, const std::string& subject);
  std::vector<std::size_t> voters() const;
  std::size_t quorum_at(std::size_t number) const;

  World& world_;
  bool ask_;
  bool over_ = false;
  transport::SplitMix64 random_;
  std::vector<std::string> subjects_;
  std::uint64_t proposed_ = 0;
};

}  // namespace vouch::sim
