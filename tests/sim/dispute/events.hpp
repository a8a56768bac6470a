// What happens in a disputed world, and when. What many voters get is made once and shared.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <variant>

#include "tests/sim/dispute/said.hpp"
#include "tests/sim/dispute/voter.hpp"

namespace vouch::sim {

using Time = std::int64_t;  // microseconds

enum class Kind : std::uint8_t {
  feed,
  words,
  ballot,
  attest,
  certificate,
  proof,
  folded,
  tick,
  crash,
  restart,
  chaos,
  operate,  ///< operators want another roster
  propose
};

template <class What>
using Shared = std::shared_ptr<const What>;
using Votes = std::vector<SignedStatement>;

struct Event {
  Time at = 0;
  Kind kind = Kind::tick;
  std::uint32_t copy = 0;
  std::uint32_t from = 0;  ///< index of a copy
  /// What its kind says: words, a proof, a ballot, and so on.
  std::variant<std::monostate, Shared<Said>, Shared<Bytes>, Shared<Votes>, Shared<AttestedPoint>,
               Shared<Certificate>, Shared<consensus::FoldRequest>>
      what;

  template <class What>
  const What& get() const {
    return *std::get<Shared<What>>(what);
  }
};

/// By time, and by the order in which they were planned.
class Agenda {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }

  void push(Event event) {
    std::size_t slot = slots_.size();
    if (free_.empty()) {
      slots_.push_back(std::move(event));
    } else {
      slot = free_.back();
      free_.pop_back();
      slots_[slot] = std::move(event);
    }
    heap_.push_back({slots_[slot].at, ++planned_, slot});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  /// Precondition: not empty.
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const std::size_t slot = heap_.back().slot;
    heap_.pop_back();
    free_.push_back(slot);
    return std::move(slots_[slot]);
  }

 private:
  struct Place {
    Time at = 0;
    std::uint64_t planned = 0;
    std::size_t slot = 0;
  };
  static bool later(const Place& a, const Place& b) {
    return std::pair(a.at, a.planned) > std::pair(b.at, b.planned);
  }

  std::vector<Event> slots_;
  std::vector<std::size_t> free_;
  std::vector<Place> heap_;
  std::uint64_t planned_ = 0;
};

}  // namespace vouch::sim
