// Lattices side by side, and one lattice before another.
// SPDX-License-Identifier: MIT
#pragma once

#include <tuple>

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/wire.hpp"

namespace vouch::crdt {

/// Joined field by field. Every operation costs the sum of its fields'.
template <DeltaLattice... Fields>
class Product {
 public:
  Product() = default;
  explicit Product(Fields... fields)
    requires(sizeof...(Fields) > 0)
      : fields_(std::move(fields)...) {}

  template <std::size_t I>
  const auto& get() const {
    return std::get<I>(fields_);
  }
  /// The delta that joins `value` into field `I`.
  template <std::size_t I>
  Product put(std::tuple_element_t<I, std::tuple<Fields...>> value) const {
    Product delta;
    std::get<I>(delta.fields_) = std::move(value);
    return delta;
  }

  void join(const Product& other) {
    each([&]<std::size_t I>() { std::get<I>(fields_).join(other.get<I>()); });
  }
  bool leq(const Product& other) const {
    bool all = true;
    each([&]<std::size_t I>() { all = all && get<I>().leq(other.get<I>()); });
    return all;
  }
  Product delta_of(const Product& local) const {
    Product news;
    each([&]<std::size_t I>() { std::get<I>(news.fields_) = get<I>().delta_of(local.get<I>()); });
    return news;
  }
  template <class Visit>
  void decompose(const Visit& visit) const
    requires(Decomposable<Fields> && ...)
  {
    each([&]<std::size_t I>() {
      get<I>().decompose([&](const auto& part) { visit(Product().template put<I>(part)); });
    });
  }

  void write(ByteWriter& out, const Product& before) const
    requires(Wired<Fields> && ...)
  {
    each([&]<std::size_t I>() {
      Wire<std::tuple_element_t<I, Tuple>>::write(out, get<I>(), before.get<I>());
    });
  }
  static Product read(ByteReader& in, const Product& before)
    requires(Wired<Fields> && ...)
  {
    Product product;
    each([&]<std::size_t I>() {
      std::get<I>(product.fields_) =
          Wire<std::tuple_element_t<I, Tuple>>::read(in, before.get<I>());
    });
    return product;
  }

  bool operator==(const Product&) const = default;

 private:
  using Tuple = std::tuple<Fields...>;
  template <class Do>
  static void each(const Do& action) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (action.template operator()<I>(), ...);
    }(std::index_sequence_for<Fields...>());
  }
  Tuple fields_;
};

template <DeltaLattice A, DeltaLattice B>
using Pair = Product<A, B>;

/// `First` decides; `second` counts only among equal firsts, and two firsts of which neither is
/// below the other give their join with `Second` at its bottom. With one writer per `First` (a
/// version) `second` may do anything: that is how a lattice carries a value that also falls.
/// Source: Almeida, Shoker, Baquero, "Delta state replicated data types", 2018, section 6.
template <Decomposable First, Decomposable Second>
class LexPair {
 public:
  LexPair() = default;
  LexPair(First first, Second second) : first_(std::move(first)), second_(std::move(second)) {}

  const First& first() const { return first_; }
  const Second& second() const { return second_; }

  void join(const LexPair& other) {
    if (other.first_ == first_) {
      second_.join(other.second_);
    } else if (first_.leq(other.first_)) {
      *this = other;
    } else if (!other.first_.leq(first_)) {
      first_.join(other.first_);
      second_ = Second{};
    }
  }
  bool leq(const LexPair& other) const {
    return first_ == other.first_ ? second_.leq(other.second_) : first_.leq(other.first_);
  }
  LexPair delta_of(const LexPair& local) const {
    if (leq(local)) return {};
    if (first_ == local.first_) return {first_, second_.delta_of(local.second_)};
    if (second_ == Second{}) return {first_.delta_of(local.first_), Second{}};
    return *this;
  }
  template <class Visit>
  void decompose(const Visit& visit) const {
    bool any = false;
    second_.decompose([&](const Second& part) {
      visit(LexPair(first_, part));
      any = true;
    });
    if (!any) first_.decompose([&](const First& part) { visit(LexPair(part, Second{})); });
  }

  void write(ByteWriter& out, const LexPair& before) const
    requires Wired<First> && Wired<Second>
  {
    Wire<First>::write(out, first_, before.first_);
    Wire<Second>::write(out, second_, before.second_);
  }
  static LexPair read(ByteReader& in, const LexPair& before)
    requires Wired<First> && Wired<Second>
  {
    First first = Wire<First>::read(in, before.first_);
    return {std::move(first), Wire<Second>::read(in, before.second_)};
  }

  bool operator==(const LexPair&) const = default;

 private:
  First first_;
  Second second_;
};

}  // namespace vouch::crdt
