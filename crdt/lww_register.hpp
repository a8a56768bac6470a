// A register in which the last writer wins. Deliberately absent: a clock; the stamp comes in.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/wire.hpp"

namespace vouch::crdt {

/// The value with the highest stamp; of two values with one stamp the greater, so that peers agree
/// also when a stamp was used twice. `Stamp{}` means "never written". Loses every concurrent
/// write but one: take MvRegister where somebody must choose. O(1). Source: Shapiro et al., "A
/// comprehensive study of convergent and commutative replicated data types", 2011, section 3.2.1.
template <std::totally_ordered T, std::totally_ordered Stamp = std::uint64_t>
class LwwRegister {
 public:
  LwwRegister() = default;
  /// Precondition: `stamp` is above `Stamp{}`.
  LwwRegister(Stamp stamp, T value) : stamp_(std::move(stamp)), value_(std::move(value)) {}

  const T& value() const { return value_; }
  const Stamp& stamp() const { return stamp_; }

  /// The delta of a write. A stamp that is not above the one held may lose.
  LwwRegister set(Stamp stamp, T value) const { return {std::move(stamp), std::move(value)}; }

  void join(const LwwRegister& other) {
    if (!other.leq(*this)) *this = other;
  }
  bool leq(const LwwRegister& other) const {
    return stamp_ < other.stamp_ || (stamp_ == other.stamp_ && !(other.value_ < value_));
  }
  LwwRegister delta_of(const LwwRegister& local) const {
    return leq(local) ? LwwRegister{} : *this;
  }
  template <class Visit>
  void decompose(const Visit& visit) const {
    if (!(*this == LwwRegister{})) visit(*this);
  }

  void write(ByteWriter& out, const LwwRegister& before) const
    requires Wired<T> && Wired<Stamp>
  {
    Wire<Stamp>::write(out, stamp_, before.stamp_);
    Wire<T>::write(out, value_, before.value_);
  }
  static LwwRegister read(ByteReader& in, const LwwRegister& before)
    requires Wired<T> && Wired<Stamp>
  {
    LwwRegister reg;
    reg.stamp_ = Wire<Stamp>::read(in, before.stamp_);
    reg.value_ = Wire<T>::read(in, before.value_);
    if (reg.stamp_ == Stamp{} && !(reg.value_ == T{})) in.spoil();
    return reg;
  }

  bool operator==(const LwwRegister&) const = default;

 private:
  Stamp stamp_{};
  T value_{};
};

static_assert(Decomposable<LwwRegister<int>> && Wired<LwwRegister<int>>);

}  // namespace vouch::crdt
