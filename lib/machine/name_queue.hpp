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

class NameQueue {
 public:
  NameQueue() = default;
  NameQueue(const NameQueue&) = delete;
  NameQueue& operator=(const NameQueue&) = delete;

  /// A name that waits already keeps its place.
  void push(std::string name) {
    if (contains(name)) return;
    const auto at = names_.insert(names_.end(), std::move(name));
    places_.emplace(*at, at);
  }
  /// Takes the oldest; there must be one.
  std::string pop() {
    VOUCH_CHECK(!names_.empty());
    places_.erase(names_.front());
    std::string oldest = std::move(names_.front());
    names_.pop_front();
    return oldest;
  }
  void erase(std::string_view name) {
    const auto place = places_.find(name);
    if (place == places_.end()) return;
    const auto at = place->second;
    places_.erase(place);
    names_.erase(at);
  }
  bool contains(std::string_view name) const { return places_.contains(name); }
  std::size_t size() const { return names_.size(); }

 private:
  std::list<std::string> names_;
  /// The keys are the names themselves, which stay where they are.
  std::map<std::string_view, std::list<std::string>::iterator> places_;
};

}  // namespace vouch::machine
