// Names that wait in the order they came in, each once. One that is not waited for any more leaves
// from the middle. Every step is O(log n).
// SPDX-License-Identifier: MIT
#pragma once

#include <list>
#include <map>
#include <string>
#include <string_view>

#include "vouch/crdt/check.hpp"

namespace vouch::machine {

/// `View` is what a name is found by: a view of it, or another one.
template <class Name, class View = Name>
class ArrivalQueue {
 public:
  ArrivalQueue() = default;
  ArrivalQueue(const ArrivalQueue&) = delete;
  ArrivalQueue& operator=(const ArrivalQueue&) = delete;

  /// A name that waits already keeps its place.
  void push(Name name) {
    if (contains(name)) return;
    const auto at = names_.insert(names_.end(), std::move(name));
    places_.emplace(*at, at);
  }
  /// Takes the oldest; there must be one.
  Name pop() {
    VOUCH_CHECK(!names_.empty());
    places_.erase(names_.front());
    Name oldest = std::move(names_.front());
    names_.pop_front();
    return oldest;
  }
  void erase(const View& name) {
    const auto place = places_.find(name);
    if (place == places_.end()) return;
    const auto at = place->second;
    places_.erase(place);
    names_.erase(at);
  }
  bool contains(const View& name) const { return places_.contains(name); }
  std::size_t size() const { return names_.size(); }

 private:
  std::list<Name> names_;
  /// The keys may be views of the names, which stay where they are.
  std::map<View, typename std::list<Name>::iterator> places_;
};

}  // namespace vouch::machine
