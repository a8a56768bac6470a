// What the evidence of each voter has cost here. Evidence makes everybody vote early and starts
// timers, so that a liar could keep the others busy with it: of each voter so much of it is acted
// upon at a time, and less when much was wrong. It is put off, never forgotten, and says nothing
// about whose votes count. Not for several threads.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>

#include "vouch/base/time.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch::consensus {

struct ChargeBounds {
  std::size_t open_max = 64;  ///< instances that wait on one voter's evidence
  /// Losses that cost nothing, and how long it takes until one of them is forgotten. Voters lose
  /// without lying, too, where a producer tells two stories.
  std::int64_t losses_free = 64;
  Duration each = std::chrono::microseconds(62'500);

  /// How long anything is put off that waits for no place: all that was open has lost.
  Duration put_off_max() const { return each * static_cast<std::int64_t>(open_max + 1); }
};

class Charges {
 public:
  /// One instance in which evidence of a voter is acted upon; free again when it is destroyed.
  using Place = std::shared_ptr<const void>;

  explicit Charges(ChargeBounds bounds = {}) : bounds_(bounds) {}

  /// Null when it is to be put off: until `again()`.
  Place admit(Instant now, const PeerId& voter);
  /// When to try evidence again that is put off; later than `now`.
  Instant again(Instant now, const PeerId& voter) const;
  /// It was certified that the voter was wrong.
  void lost(Instant now, const PeerId& voter);

  std::uint64_t losses() const { return losses_; }
  std::uint64_t put_off() const { return put_off_; }

 private:
  struct Account {
    std::shared_ptr<const void> open = std::make_shared<const char>();  ///< each place shares it
    Instant forgotten{};  ///< when all of its losses will be
  };

  ChargeBounds bounds_;
  std::map<PeerId, Account> accounts_;  ///< of peers that ever showed any
  std::uint64_t losses_ = 0, put_off_ = 0;
};

}  // namespace vouch::consensus
