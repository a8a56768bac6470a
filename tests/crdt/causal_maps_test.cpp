// OR-maps and remove-wins maps, nested and of plain lattices: laws, and what each of them means.
// SPDX-License-Identifier: MIT
#include "tests/crdt/laws.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/crdt/causal_counter.hpp"
#include "vouch/crdt/causal_sets.hpp"
#include "vouch/crdt/counters.hpp"
#include "vouch/crdt/mv_register.hpp"
#include "vouch/crdt/or_map.hpp"

namespace vouch::crdt::causal_maps_test {
namespace {

using Tallies = Causal<OrMap<int, Dotted<GCounter>>>;
const auto write_tallies = [](const Tallies& map, std::uint64_t replica, const Step& s) {
  if (s.what > 8) return map->remove(s.arg);
  return map->update(map.next(replica), s.arg, [&](const auto& held, const Dot& dot) {
    return held.update(dot, [&](const GCounter& n) {
      return n.add(dot.replica, static_cast<std::uint64_t>(s.what));
    });
  });
};

using Shelf = OrMap<int, MvRegister<int>>;
using Nested = Causal<OrMap<std::string, Shelf>>;
const auto write_nested = [](const Nested& map, std::uint64_t replica, const Step& s) {
  const std::string outer(static_cast<std::size_t>(s.arg / 3), 'k');
  if (s.what == 11) return map->clear();
  if (s.what > 8) return map->remove(outer);
  return map->update(map.next(replica), outer, [&](const Shelf& shelf, const Dot& dot) {
    if (s.what > 6) return shelf.remove(s.arg % 3);
    return shelf.update(dot, s.arg % 3, [&](const MvRegister<int>& reg, const Dot& d) {
      return reg.set(d, s.what);
    });
  });
};

using Strict = Causal<RwMap<int, AwSet<int>>>;
const auto write_strict = [](const Strict& map, std::uint64_t replica, const Step& s) {
  if (s.what > 8) return map->remove(map.next(replica), s.arg);
  return map->update(map.next(replica), s.arg, [&](const AwSet<int>& set, const Dot& dot) {
    return s.what < 6 ? set.add(dot, s.what) : set.remove(s.what - 6);
  });
};

VOUCH_LAWS(CausalLaws, or_map_of_counters, Tallies, write_tallies)
VOUCH_LAWS(CausalLaws, or_map_nested, Nested, write_nested)
VOUCH_LAWS(CausalLaws, remove_wins_map, Strict, write_strict)

Tallies count(const Tallies& map, ReplicaId replica, int key, std::uint64_t by) {
  return map->update(map.next(replica), key, [&](const auto& held, const Dot& dot) {
    return held.update(dot, [&](const GCounter& n) { return n.add(dot.replica, by); });
  });
}

TEST(CausalMaps, AnyLatticeCanLiveInAnOrMap) {
  Tallies a, b;
  a.join(count(a, 1, 7, 2));
  b.join(count(b, 2, 7, 3));
  a.join(b);
  a.join(count(a, 1, 7, 1));
  EXPECT_EQ(a->find(7)->value().value(), 6u);
  EXPECT_EQ(a->find(7)->body().entries().size(), 2u);
  a.join(a->remove(7));
  EXPECT_EQ(a->find(7), nullptr);
  EXPECT_TRUE(a->empty());
}

TEST(CausalMaps, AnUpdateOfANestedValueSurvivesTheRemovalOfItsKey) {
  const auto set = [](const Nested& map, ReplicaId replica, int inner, int value) {
    return map->update(map.next(replica), "k", [&](const Shelf& shelf, const Dot& dot) {
      return shelf.update(dot, inner,
                          [&](const auto& reg, const Dot& d) { return reg.set(d, value); });
    });
  };
  Nested a, b;
  a.join(set(a, 1, 1, 10));
  b.join(a);
  b.join(set(b, 2, 2, 20));
  a.join(a->remove("k"));
  EXPECT_FALSE(a->contains("k"));
  a.join(b);
  ASSERT_TRUE(a->contains("k"));
  EXPECT_EQ(a->find("k")->find(1), nullptr);
  EXPECT_THAT(a->find("k")->find(2)->values(), testing::ElementsAre(20));
}

TEST(CausalMaps, ARemovalThatTheUpdateDidNotSeeWinsAndWhatItHidIsGone) {
  const auto add = [](const Strict& map, ReplicaId replica, int element) {
    return map->update(map.next(replica), 1,
                       [&](const auto& set, const Dot& dot) { return set.add(dot, element); });
  };
  Strict a, b;
  a.join(add(a, 1, 10));
  b.join(a);
  b.join(b->remove(b.next(2), 1));
  a.join(add(a, 1, 11));
  a.join(b);
  EXPECT_FALSE(a->contains(1));
  a.join(add(a, 1, 12));
  ASSERT_TRUE(a->contains(1));
  EXPECT_EQ(a->find(1)->size(), 1u);
  EXPECT_THAT(a->keys(), testing::ElementsAre(1));
}

}  // namespace
}  // namespace vouch::crdt::causal_maps_test
