// Add-wins and remove-wins sets and the bag: laws, and what each of them means.
// SPDX-License-Identifier: MIT
#include "vouch/crdt/causal_sets.hpp"

#include "tests/crdt/laws.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/crdt/bag.hpp"

namespace vouch::crdt::causal_sets_test {
namespace {

using Aw = Causal<AwSet<int>>;
const auto write_aw = [](const Aw& set, std::uint64_t replica, const Step& s) {
  if (s.what == 11) return set->clear();
  return s.what < 7 ? set->add(set.next(replica), s.arg) : set->remove(s.arg);
};
using Rw = Causal<RwSet<std::string>>;
const auto write_rw = [](const Rw& set, std::uint64_t replica, const Step& s) {
  if (s.what == 11) return set->clear();
  const std::string element(static_cast<std::size_t>(s.arg), 'e');
  return s.what < 7 ? set->add(set.next(replica), element)
                    : set->remove(set.next(replica), element);
};
using Bagged = Causal<Bag<int>>;
const auto write_bag = [](const Bagged& bag, std::uint64_t replica, const Step& s) {
  return s.what < 9 ? bag->add(bag.next(replica), s.arg, s.what - 2) : bag->remove(s.arg);
};

VOUCH_LAWS(CausalLaws, add_wins_set, Aw, write_aw)
VOUCH_LAWS(CausalLaws, remove_wins_set, Rw, write_rw)
VOUCH_LAWS(CausalLaws, bag, Bagged, write_bag)

TEST(CausalSets, AnAddThatTheRemoveDidNotSeeStays) {
  Aw a, b;
  a.join(a->add(a.next(1), 5));
  b.join(a);
  const Aw again = a->add(a.next(1), 5);
  b.join(b->remove(5));
  EXPECT_FALSE(b->contains(5));
  b.join(again);
  EXPECT_TRUE(b->contains(5));
}

TEST(CausalSets, ARemovedElementIsNotBroughtBackByALateAdd) {
  Aw a, b;
  const Aw add = a->add(a.next(1), 5);
  a.join(add);
  b.join(a->remove(5));
  b.join(add);
  EXPECT_FALSE(b->contains(5));
  EXPECT_EQ(b.context().intervals().size(), 1u);
}

TEST(CausalSets, ARemoveThatTheAddDidNotSeeWins) {
  Rw a, b;
  a.join(a->add(a.next(1), "x"));
  b.join(a);
  b.join(b->remove(b.next(2), "x"));
  a.join(a->add(a.next(1), "x"));
  a.join(b);
  EXPECT_FALSE(a->contains("x"));
  a.join(a->add(a.next(1), "x"));
  EXPECT_TRUE(a->contains("x"));
  EXPECT_THAT(a->elements(), testing::ElementsAre("x"));
}

TEST(CausalSets, ABagSumsWhatWritersPutIn) {
  Bagged a, b;
  a.join(a->add(a.next(1), 5, 3));
  b.join(b->add(b.next(2), 5, 4));
  b.join(a);
  b.join(b->add(b.next(2), 5, -1));
  EXPECT_EQ(b->count(5), 6);
  b.join(b->remove(5));
  EXPECT_FALSE(b->contains(5));
  EXPECT_TRUE(b->empty());
}

TEST(CausalSets, AJoinSpeaksOnlyOfWhatTheDeltaNames) {
  Aw whole;
  for (int i = 0; i < 1000; ++i) whole.join(whole->add(whole.next(1), i));
  const Aw delta = whole->add(whole.next(2), 7);
  EXPECT_EQ(delta.context().intervals().size(), 2u);
  whole.join(delta);
  EXPECT_EQ(whole->size(), 1000u);
  EXPECT_EQ(whole.live().delta_of(delta.context()).intervals().size(), 2u);
}

/// Thousands of elements, so that containers are deep: a peer that only gets deltas equals one that
/// gets the whole state.
VOUCH_PROPERTY(CausalSets, largeSetsConverge) {
  std::uint32_t random = draw_number();
  Aw writers[2];
  Aw listener;
  for (int i = 0; i < 4000; ++i) {
    random = random * 1664525u + 1013904223u;
    Aw& own = writers[random >> 31];
    const int element = static_cast<int>(random >> 8 & 2047);
    const Aw delta = (random >> 20 & 3) != 0 ? own->add(own.next(1 + (random >> 31)), element)
                                             : own->remove(element);
    own.join(delta);
    listener.join(delta);
    if (i % 1000 == 999) own.join(writers[1 - (random >> 31)].delta_of(own));
  }
  writers[0].join(writers[1]);
  VOUCH_HOLDS(listener == writers[0]);
  VOUCH_HOLDS(decode<Aw>(encode(listener)) == listener);
}

}  // namespace
}  // namespace vouch::crdt::causal_sets_test
