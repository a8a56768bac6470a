// Flags, the multi-value register and counters that can be reset: laws, and what each of them
// means.
// SPDX-License-Identifier: MIT
#include "tests/crdt/laws.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/crdt/causal_counter.hpp"
#include "vouch/crdt/flags.hpp"
#include "vouch/crdt/mv_register.hpp"

namespace vouch::crdt::causal_small_test {
namespace {

using Enable = Causal<EnableWinsFlag>;
const auto write_enable = [](const Enable& flag, std::uint64_t replica, const Step& s) {
  return s.what < 6 ? flag->enable(flag.next(replica)) : flag->disable();
};
using Disable = Causal<DisableWinsFlag>;
const auto write_disable = [](const Disable& flag, std::uint64_t replica, const Step& s) {
  return s.what < 6 ? flag->disable(flag.next(replica)) : flag->enable();
};
using Register = Causal<MvRegister<std::string>>;
const auto write_register = [](const Register& reg, std::uint64_t replica, const Step& s) {
  if (s.what == 0) return reg->clear();
  return reg->set(reg.next(replica), std::string(static_cast<std::size_t>(s.what), 'v'));
};
using Counter = Causal<CausalCounter>;
const auto write_counter = [](const Counter& counter, std::uint64_t replica, const Step& s) {
  if (s.what == 0) return counter->reset();
  return counter->add(counter.next(replica), s.arg - 3);
};
const auto write_resettable = [](const ResettableCounter& n, std::uint64_t replica, const Step& s) {
  return s.what == 0 ? n.reset() : n.add(replica, s.arg - 3);
};

VOUCH_LAWS(CausalLaws, enable_wins_flag, Enable, write_enable)
VOUCH_LAWS(CausalLaws, disable_wins_flag, Disable, write_disable)
VOUCH_LAWS(CausalLaws, mv_register, Register, write_register)
VOUCH_LAWS(CausalLaws, causal_counter, Counter, write_counter)
VOUCH_LAWS(CausalLaws, resettable_counter, ResettableCounter, write_resettable)

template <class L>
L both(const L& a, const L& b) {
  return joined(a, b);
}

TEST(Causal, AFlagSwitchedBothWaysAtOnceIsAsItsNameSays) {
  Enable on;
  on.join(on->enable(on.next(1)));
  EXPECT_TRUE(both(joined(on, on->enable(on.next(2))), joined(on, on->disable()))->value());
  EXPECT_FALSE(joined(on, on->disable())->value());

  Disable off;
  EXPECT_TRUE(off->value());
  off.join(off->disable(off.next(1)));
  EXPECT_FALSE(both(joined(off, off->disable(off.next(2))), joined(off, off->enable()))->value());
  EXPECT_TRUE(joined(off, off->enable())->value());
}

TEST(Causal, AFlagForgetsWhatIsOver) {
  Enable flag;
  for (int i = 0; i < 1000; ++i) {
    flag.join(flag->enable(flag.next(1)));
    flag.join(flag->disable());
  }
  EXPECT_TRUE(flag->empty());
  EXPECT_EQ(flag.context().intervals().size(), 1u);
}

TEST(Causal, ConcurrentWritesStandSideBySideUntilSomebodySawBoth) {
  Register a, b;
  a.join(a->set(a.next(1), "old"));
  b.join(a);
  a.join(a->set(a.next(1), "left"));
  b.join(b->set(b.next(2), "right"));
  a.join(b);
  EXPECT_THAT(a->values(), testing::ElementsAre("left", "right"));
  a.join(a->set(a.next(1), "chosen"));
  b.join(a);
  EXPECT_THAT(b->values(), testing::ElementsAre("chosen"));
}

TEST(Causal, ACountBesideAResetSurvivesWithItsWritersEarlierOnes) {
  Counter a, b;
  a.join(a->add(a.next(1), 5));
  b.join(a);
  b.join(b->add(b.next(2), 7));
  a.join(a->add(a.next(1), 1));
  b.join(b->reset());
  EXPECT_EQ(b->value(), 0);
  EXPECT_EQ(both(a, b)->value(), 6);
}

TEST(Causal, AResettableCounterLosesExactlyWhatTheResetSaw) {
  ResettableCounter a, b;
  a.join(a.add(1, 5));
  b.join(a);
  b.join(b.add(2, -7));
  a.join(a.add(1, 1));
  b.join(b.reset());
  EXPECT_EQ(b.value(), 0);
  EXPECT_EQ(both(a, b).value(), 1);
}

}  // namespace
}  // namespace vouch::crdt::causal_small_test
