// Maps whose keys may come and go, of any causal type, so they nest; and the causal type that any
// other lattice becomes to live in one.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/causal.hpp"
#include "vouch/crdt/dot_map.hpp"
#include "vouch/crdt/dot_pair.hpp"

namespace vouch::crdt {

/// Any lattice as a causal type. Each writer's share lives under the dot of its latest update and
/// moves along with the next one, so a delta carries that share whole; an update that did not know
/// of a removal survives it with its writer's share. O(writers). Source: Almeida, Shoker, Baquero,
/// 2018, section 7.2 (dot functions).
template <Decomposable Value>
class Dotted : public StoreOf<Dotted<Value>, DotFun<Value>> {
 public:
  /// The join of all shares.
  Value value() const {
    Value whole;
    for (const auto& entry : this->body().entries()) whole.join(entry.value);
    return whole;
  }
  /// `mutate` gets the value and returns a delta of it.
  template <class Mutate>
  Causal<Dotted> update(const Dot& dot, const Mutate& mutate) const {
    Value share = mutate(value());
    DotContext replaced(dot);
    for (const auto& entry : this->body().entries()) {
      if (entry.dot.replica != dot.replica) continue;
      share.join(entry.value);
      replaced.insert(entry.dot);
    }
    return {Dotted::made(DotFun<Value>(dot, std::move(share))), std::move(replaced)};
  }
};

/// Of concurrent changes of one key the update wins: a removal ends what it saw, and what an
/// update added meanwhile stays. A removed key leaves no byte. Mutators cost O(log n) and those of
/// the value. Source: Almeida, Shoker, Baquero, 2018, section 7.6; the maps of Riak DT.
template <std::totally_ordered Key, DotStore Value>
class OrMap : public StoreOf<OrMap<Key, Value>, DotMap<Key, Value>> {
 public:
  using Body = DotMap<Key, Value>;

  /// nullptr when nothing lives at `key`.
  const Value* find(const Key& key) const { return this->body().find(key); }
  bool contains(const Key& key) const { return find(key) != nullptr; }
  std::size_t size() const { return this->body().entries().size(); }
  const typename Body::Map& entries() const { return this->body().entries(); }

  /// `mutate` gets the value at `key` and the dot, and returns a delta of the value. A key is there
  /// as long as something lives in its value.
  template <class Mutate>
  Causal<OrMap> update(const Dot& dot, const Key& key, const Mutate& mutate) const {
    const Value* held = find(key);
    const Causal<Value> delta = mutate(held == nullptr ? Value{} : *held, dot);
    if (delta->empty()) return {{}, delta.context()};
    return {OrMap::made(Body(key, delta.store())), delta.context()};
  }
  Causal<OrMap> remove(const Key& key) const {
    const Value* held = find(key);
    return {{}, held == nullptr ? DotContext{} : dots_of(*held)};
  }
  Causal<OrMap> clear() const { return {{}, dots_of(*this)}; }
};

/// Of concurrent changes of one key the removal wins, and what it hid stays gone: the next update
/// begins with an empty value. A removed key keeps one dot. Costs as OrMap.
template <std::totally_ordered Key, DotStore Value>
class RwMap : public StoreOf<RwMap<Key, Value>, DotMap<Key, DotPair<DotSet, Value>>> {
 public:
  using Slot = DotPair<DotSet, Value>;  ///< removals nobody has undone; the value
  using Body = DotMap<Key, Slot>;

  /// nullptr when the key is not there.
  const Value* find(const Key& key) const {
    const Slot* slot = this->body().find(key);
    return slot != nullptr && slot->first().empty() ? &slot->second() : nullptr;
  }
  bool contains(const Key& key) const { return find(key) != nullptr; }
  /// In rising order. O(n).
  std::vector<Key> keys() const {
    std::vector<Key> out;
    for (const auto& [key, slot] : this->body().entries()) {
      if (slot.first().empty()) out.push_back(key);
    }
    return out;
  }

  /// As OrMap's.
  template <class Mutate>
  Causal<RwMap> update(const Dot& dot, const Key& key, const Mutate& mutate) const {
    const Value* shown = find(key);
    const Causal<Value> delta = mutate(shown == nullptr ? Value{} : *shown, dot);
    DotContext covered = shown == nullptr ? seen(key) : DotContext{};
    covered.join(delta.context());
    if (delta->empty()) return {{}, std::move(covered)};
    return {RwMap::made(Body(key, Slot({}, delta.store()))), std::move(covered)};
  }
  Causal<RwMap> remove(const Dot& dot, const Key& key) const {
    DotContext covered = seen(key);
    covered.insert(dot);
    return {RwMap::made(Body(key, Slot(DotSet(dot), {}))), std::move(covered)};
  }

 private:
  DotContext seen(const Key& key) const {
    const Slot* slot = this->body().find(key);
    return slot == nullptr ? DotContext{} : dots_of(*slot);
  }
};

static_assert(Decomposable<Causal<OrMap<int, OrMap<int, DotSet>>>>);
static_assert(Wired<Causal<RwMap<int, OrMap<int, DotSet>>>>);

}  // namespace vouch::crdt
