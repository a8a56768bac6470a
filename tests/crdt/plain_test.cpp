// Lattices without causal context: laws, and what each of them means.
// SPDX-License-Identifier: MIT
#include <array>
#include <map>

#include "tests/crdt/laws.hpp"
#include <gtest/gtest.h>

#include "vouch/crdt/counters.hpp"
#include "vouch/crdt/sets.hpp"
#include "vouch/crdt/top_claims.hpp"

namespace vouch::crdt::plain_test {
namespace {

const auto write_max = [](const auto& state, std::uint64_t, const Step& s) {
  return std::decay_t<decltype(state)>(s.what * 8 + s.arg);
};
using Lww = LwwRegister<std::string>;
const auto write_lww = [](const Lww& state, std::uint64_t, const Step& s) {
  return state.set(1 + static_cast<std::uint64_t>(s.arg),
                   std::string(3, static_cast<char>('a' + s.what)));
};
const auto write_counter = [](const auto& state, std::uint64_t replica, const Step& s) {
  return state.add(replica, static_cast<std::uint64_t>(s.arg));
};
const auto write_pn = [](const PnCounter& state, std::uint64_t replica, const Step& s) {
  const auto by = static_cast<std::uint64_t>(s.arg);
  return s.what < 6 ? state.add(replica, by) : state.subtract(replica, by);
};
const auto write_lex = [](const LexCounter& state, std::uint64_t replica, const Step& s) {
  return state.add(replica, s.arg - 4);
};
const auto write_g_set = [](const GSet<std::string>& state, std::uint64_t, const Step& s) {
  return state.add(std::string(static_cast<std::size_t>(s.arg), 'x') + std::to_string(s.what));
};
const auto write_two_phase = [](const TwoPhaseSet<int>& state, std::uint64_t, const Step& s) {
  return s.what < 6 ? state.add(s.arg) : state.remove(s.arg);
};
const auto write_lww_set = [](const LwwSet<int>& state, std::uint64_t, const Step& s) {
  const auto stamp = static_cast<std::uint64_t>(1 + s.what / 3);
  return s.what % 2 == 0 ? state.add(stamp, s.arg) : state.remove(stamp, s.arg);
};
using NestedMap = GMap<std::string, GMap<int, GCounter>>;
const auto write_nested = [](const NestedMap& state, std::uint64_t replica, const Step& s) {
  return state.update(std::to_string(s.what), [&](const GMap<int, GCounter>& inner) {
    return inner.update(s.arg, [&](const GCounter& n) { return n.add(replica, 1); });
  });
};
using Fields = Product<GSet<int>, Max<int>, GCounter>;
const auto write_product = [](const Fields& state, std::uint64_t replica, const Step& s) {
  if (s.what < 4) return state.put<0>(state.get<0>().add(s.arg));
  if (s.what < 8) return state.put<1>(greatest(s.arg));
  return state.put<2>(state.get<2>().add(replica));
};
using Lex = LexPair<GSet<int>, GSet<int>>;
const auto write_lex_pair = [](const Lex& state, std::uint64_t, const Step& s) {
  if (s.what < 3) return Lex(joined(state.first(), state.first().add(s.arg)), {});
  return Lex(state.first(), state.second().add(s.arg));
};
using Claims = TopClaims<int, int, Max<int>>;
const auto write_claims = [](const Claims&, std::uint64_t, const Step& s) {
  return Claims(s.arg / 3, s.what, greatest(s.arg));
};
const auto write_context = [](const DotContext& state, std::uint64_t replica, const Step& s) {
  if (s.what < 6) return DotContext(state.next(replica));
  DotContext some;
  some.insert(
      {replica, static_cast<std::uint64_t>(s.arg) + 1, static_cast<std::uint64_t>(s.arg + s.what)});
  return some;
};

VOUCH_LAWS(PlainLaws, max, Max<int>, write_max)
VOUCH_LAWS(PlainLaws, least, Least<int>, write_max)
VOUCH_LAWS(PlainLaws, lww_register, Lww, write_lww)
VOUCH_LAWS(PlainLaws, g_counter, GCounter, write_counter)
VOUCH_LAWS(PlainLaws, pn_counter, PnCounter, write_pn)
VOUCH_LAWS(PlainLaws, lex_counter, LexCounter, write_lex)
VOUCH_LAWS(PlainLaws, g_set, GSet<std::string>, write_g_set)
VOUCH_LAWS(PlainLaws, two_phase_set, TwoPhaseSet<int>, write_two_phase)
VOUCH_LAWS(PlainLaws, lww_set, LwwSet<int>, write_lww_set)
VOUCH_LAWS(PlainLaws, nested_map, NestedMap, write_nested)
VOUCH_LAWS(PlainLaws, product, Fields, write_product)
VOUCH_LAWS(PlainLaws, lex_pair, Lex, write_lex_pair)
VOUCH_LAWS(PlainLaws, top_claims, Claims, write_claims)
VOUCH_LAWS(PlainLaws, dot_context, DotContext, write_context)

template <class L>
L both(const L& a, const L& b) {
  return joined(a, b);
}

TEST(Plain, CountersSumWhatReplicasCountedApart) {
  GCounter up;
  up.join(both(GCounter().add(1, 3), GCounter().add(2, 4)));
  up.join(up.add(1));
  EXPECT_EQ(up.value(), 8u);
  PnCounter both_ways = both(PnCounter().add(1, 3), PnCounter().subtract(2, 5));
  EXPECT_EQ(both_ways.value(), -2);
  LexCounter lex = both(LexCounter().add(1, -3), LexCounter().add(2, 1));
  lex.join(lex.add(1, -1));
  EXPECT_EQ(lex.value(), -3);
}

TEST(Plain, TheLastWriteWinsAndTheGreaterValueBreaksATie) {
  const LwwRegister<std::string> early(1, "z"), late(2, "a"), other(2, "b");
  EXPECT_EQ(both(late, early).value(), "a");
  EXPECT_EQ(both(late, other).value(), "b");
}

TEST(Plain, ARemovedElementOfATwoPhaseSetStaysAway) {
  TwoPhaseSet<int> set;
  set.join(set.add(1));
  EXPECT_TRUE(set.contains(1));
  set.join(set.remove(1));
  set.join(set.add(1));
  EXPECT_FALSE(set.contains(1));
}

TEST(Plain, AnLwwSetGoesByStampAndAddsAtATie) {
  LwwSet<int> set;
  set.join(set.add(5, 1));
  set.join(set.remove(4, 1));
  EXPECT_TRUE(set.contains(1));
  set.join(set.remove(5, 1));
  EXPECT_TRUE(set.contains(1));
  set.join(set.remove(6, 1));
  EXPECT_FALSE(set.contains(1));
}

TEST(Plain, AHigherFirstOfALexPairReplacesTheSecond) {
  using Pair = LexPair<Max<int>, Max<int>>;
  EXPECT_EQ(both(Pair(greatest(1), greatest(9)), Pair(greatest(2), greatest(3))),
            Pair(greatest(2), greatest(3)));
  EXPECT_EQ(both(Pair(greatest(2), greatest(9)), Pair(greatest(2), greatest(3))),
            Pair(greatest(2), greatest(9)));
}

TEST(Plain, AContextKeepsOneIntervalPerWriterOnceGapsAreFilled) {
  DotContext context;
  for (const std::uint64_t n : {5u, 1u, 3u, 2u}) context.insert(Dot{9, n});
  EXPECT_EQ(context.intervals().size(), 2u);
  EXPECT_EQ(context.next(9), (Dot{9, 6}));
  context.insert(Dot{9, 4});
  EXPECT_EQ(context.intervals().size(), 1u);
  EXPECT_TRUE(context.contains({9, 4}));
  EXPECT_FALSE(context.contains({8, 4}));
}

/// So large that leaves are short and some thousand keys fill several branches.
struct Wide {
  Wide(int n = 0) : number(n) {}
  int number;
  std::array<std::uint64_t, 12> filler{};
  bool operator==(const Wide&) const = default;
};

/// The tree of leaves against std::map, with enough keys for many leaves.
template <class Value>
void check_sorted_map() {
  const auto seed = draw_number();
  constexpr std::array all_keys{40, 600, 4000};
  const int keys = all_keys[draw_number() % all_keys.size()];
  SortedMap<int, Value> map;
  std::map<int, Value> twin;
  std::uint32_t random = seed;
  typename SortedMap<int, Value>::Finger finger;
  const bool rising = seed % 5 == 0;
  for (int i = 0; i < 2 * keys; ++i) {
    random = random * 1664525u + 1013904223u;
    const int key = rising && i < keys ? i : static_cast<int>(random >> 8) % keys;
    const bool grows = i < keys || seed % 3 == 0;
    if (grows ? random % 4 != 0 : random % 4 == 0) {
      map.at(key, finger) = i;
      twin[key] = i;
    } else {
      VOUCH_HOLDS(map.erase(key) == (twin.erase(key) > 0));
    }
  }
  VOUCH_HOLDS(map.size() == twin.size());
  VOUCH_HOLDS(std::equal(
      map.begin(), map.end(), twin.begin(), twin.end(),
      [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; }));
  for (int key = -1; key <= keys; ++key) {
    const auto expected = twin.find(key);
    const Value* found = static_cast<const SortedMap<int, Value>&>(map).find(key);
    VOUCH_HOLDS((found != nullptr) == (expected != twin.end()));
    const auto above = map.lower_bound(key);
    const auto above_twin = twin.lower_bound(key);
    VOUCH_HOLDS((above == map.end()) == (above_twin == twin.end()));
    if (above_twin != twin.end()) VOUCH_HOLDS(above->first == above_twin->first);
  }
  for (std::size_t i = 0; i < twin.size(); i += 97) {
    VOUCH_HOLDS(map.nth(i)->first ==
                std::next(twin.begin(), static_cast<std::ptrdiff_t>(i))->first);
  }
  VOUCH_HOLDS(map.nth(twin.size()) == map.end());
  SortedMap<int, Value> appended;
  for (const auto& [key, value] : twin) appended.append(key, value);
  VOUCH_HOLDS(appended == map);
}
VOUCH_PROPERTY(SortedMapProperty, behavesLikeAStdMap) {
  check_sorted_map<int>();
}
VOUCH_PROPERTY(SortedMapProperty, behavesLikeAStdMapInManyBranches) {
  check_sorted_map<Wide>();
}

}  // namespace
}  // namespace vouch::crdt::plain_test
