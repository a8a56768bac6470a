// Proposals whose decision somebody waits for here, and whose value others know: all voters are
// asked, each second, for a while. Deliberately absent: whether an answer is right
// (PeerMachine::hear_value).
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vouch/base/outbox.hpp"
#include "vouch/base/time.hpp"

namespace vouch::machine {

class ValueSeeker {
 public:
  /// One that is sought is asked for as often as before. Of too many the new ones are not sought.
  void seek(Instant now, const SubjectId& proposal, const std::string& name);
  /// What it is called; nothing when it is not sought.
  std::optional<std::string> name_of(const SubjectId& proposal) const;
  void end(const SubjectId& proposal) { sought_.erase(proposal); }
  /// Asks `others` what is due.
  void on_tick(Instant now, const std::vector<PeerId>& others, Outbox& out);
  /// O(sought).
  std::optional<Instant> next_deadline() const;

 private:
  struct Sought {
    std::string name;
    Instant due;
    int asked = 0;
  };
  std::map<SubjectId, Sought> sought_;
};

}  // namespace vouch::machine
