// A list that several writers edit at once.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/causal.hpp"
#include "vouch/crdt/dot_fun.hpp"
#include "vouch/crdt/dot_map.hpp"
#include "vouch/crdt/max.hpp"
#include "vouch/crdt/position.hpp"

namespace vouch::crdt {

/// Elements in an order that all peers share; what is inserted between two elements stays between
/// them, and what two writers type at one spot does not mix. Removed elements leave no byte, not
/// even a tombstone. Finding an index costs O(n / 64), a mutator O(log n) more. Memory per element:
/// its position twice, about 150 bytes; a text belongs in it by lines or words. Paths get deeper by
/// one where writers insert into each other's runs. Source: as Position; sets of elements under
/// dense names: Weiss, Urso, Molli, "Logoot", ICDCS 2009.
template <std::totally_ordered T>
class Sequence : public StoreOf<Sequence<T>, DotMap<Position, DotFun<Max<T>>>> {
 public:
  using Element = DotFun<Max<T>>;
  using Body = DotMap<Position, Element>;

  std::size_t size() const { return this->body().entries().size(); }
  /// Precondition: `index` is below `size()`.
  const T& at(std::size_t index) const { return value(this->body().entries().nth(index)->second); }
  std::vector<T> values() const {
    std::vector<T> out;
    out.reserve(size());
    for (const auto& [place, element] : this->body().entries()) out.push_back(value(element));
    return out;
  }

  /// Puts `value` before the element at `index`, or at the end if there is none.
  Causal<Sequence> insert(const Dot& dot, std::size_t index, T value) const {
    const auto& entries = this->body().entries();
    const std::size_t at = std::min(index, entries.size());
    const auto after = entries.nth(at);
    const Position* before = at == 0 ? nullptr : &entries.nth(at - 1)->first;
    const Position place =
        Position::between(before, after == entries.end() ? nullptr : &after->first, dot);
    return {Sequence::made(Body(place, Element(dot, Max<T>(std::move(value))))), DotContext(dot)};
  }
  /// Without effect when there is no such index.
  Causal<Sequence> remove(std::size_t index) const {
    const auto at = this->body().entries().nth(index);
    if (at == this->body().entries().end()) return {};
    return {{}, dots_of(at->second)};
  }

 private:
  /// Two elements at one place can only come from a writer that broke the rules: the last shows.
  static const T& value(const Element& element) {
    static const T none{};
    const auto& last = element.entries().back().value.value();
    return last ? *last : none;
  }
};

static_assert(Decomposable<Causal<Sequence<int>>> && Wired<Causal<Sequence<int>>>);

}  // namespace vouch::crdt
