// Max and Least: a totally ordered value that only rises, or only falls. The bottom is "no value
// yet".
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/wire.hpp"

namespace vouch::crdt {

/// Keeps the value that comes first under `Better`. O(1) plus one comparison.
template <std::regular T, class Better>
class Extreme {
 public:
  Extreme() = default;
  explicit Extreme(T value) : value_(std::move(value)) {}

  /// Nothing while no value has been joined.
  const std::optional<T>& value() const { return value_; }

  void join(const Extreme& other) {
    if (!other.leq(*this)) value_ = other.value_;
  }
  bool leq(const Extreme& other) const {
    if (!value_) return true;
    return other.value_ && !Better{}(*value_, *other.value_);
  }
  Extreme delta_of(const Extreme& local) const { return leq(local) ? Extreme{} : *this; }
  template <class Visit>
  void decompose(const Visit& visit) const {
    if (value_) visit(*this);
  }

  void write(ByteWriter& out, const Extreme& before) const
    requires Wired<T>
  {
    Wire<std::optional<T>>::write(out, value_, before.value_);
  }
  static Extreme read(ByteReader& in, const Extreme& before)
    requires Wired<T>
  {
    Extreme extreme;
    extreme.value_ = Wire<std::optional<T>>::read(in, before.value_);
    return extreme;
  }

  bool operator==(const Extreme&) const = default;

 private:
  std::optional<T> value_;
};

struct Greater {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return b < a;
  }
};
struct Less {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return a < b;
  }
};

template <std::regular T>
using Max = Extreme<T, Greater>;
template <std::regular T>
using Least = Extreme<T, Less>;
/// (clang 16 deduces no arguments of alias templates.)
template <std::regular T>
Max<T> greatest(T value) {
  return Max<T>(std::move(value));
}
template <std::regular T>
Least<T> least(T value) {
  return Least<T>(std::move(value));
}

static_assert(Decomposable<Max<int>> && Decomposable<Least<int>>);
static_assert(Wired<Max<int>> && Wired<Least<int>>);

}  // namespace vouch::crdt
