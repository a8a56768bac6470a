// Replicas that hear of a proof and of its offender's batches, in any order: they end equal.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <functional>

#include "tests/sync/offender.hpp"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "vouch/state/cells.hpp"
#include "vouch/sync/answer.hpp"
#include "vouch/sync/marks.hpp"
#include "vouch/sync/misbehaviour.hpp"

namespace vouch::sync::proven_test {
namespace {

const Ed25519Signer& key(std::uint8_t n) {
  static const Ed25519Signer keys[]{Ed25519Signer(seed_of(1)), Ed25519Signer(seed_of(2)),
                                    Ed25519Signer(seed_of(3))};
  return keys[n];
}
const Signer& offender = key(0);
const Signer& witness = key(1);
const Signer& self = key(2);

/// A replica with the store it writes, its wishes for batches carried out at once.
struct Held {
  Replica replica{{cluster_id("tests"), {offender.id(), witness.id()}, {}}, self, {}, {}};
  std::map<std::pair<Table, Bytes>, Bytes> rows;
  Outbox out;
  std::uint64_t asked = 0;

  Receipt hear(const Bytes& frame) {
    const Receipt receipt = replica.receive(frame, out);
    carry_out();
    const std::vector<LoadEvidence> wishes = std::move(out.evidence);
    out.evidence.clear();
    for (const LoadEvidence& wish : wishes) {
      replica.weigh(
          batch_with(wish.writer, wish.number),
          wish.other_number == 0 ? wish.other : batch_with(wish.writer, wish.other_number), out);
    }
    carry_out();
    return receipt;
  }
  Bytes batch_with(const Writer& writer, std::uint64_t number) const {
    auto at = rows.upper_bound({Table::batches, Replica::batch_key(writer, number)});
    return at == rows.begin() ? Bytes() : std::prev(at)->second;
  }
  void carry_out() {
    for (const Row& row : out.rows) {
      const auto under = [&row](const auto& held) {
        return held.first.first == row.table && held.first.second.size() >= row.key.size() &&
               std::equal(row.key.begin(), row.key.end(), held.first.second.begin());
      };
      if (row.prefix) {
        std::erase_if(rows, under);
      } else if (row.value) {
        rows[{row.table, row.key}] = *row.value;
      } else {
        rows.erase({row.table, row.key});
      }
    }
    out.rows.clear();
  }
  Hash hash() const { return state::state_hash(replica.state()); }
  /// What a restart reads.
  state::State stored() const {
    state::State state;
    for (const auto& [at, row] : rows) {
      if (at.first != Table::cells) continue;
      EXPECT_TRUE(state::restore_cell(at.second, row, state));
    }
    return state;
  }
  LogReader log() const {
    LogReader reader;
    reader.scan = [this](const Bytes& from, const auto& visit) {
      for (auto at = rows.lower_bound({Table::batches, from});
           at != rows.end() && at->first.first == Table::batches; ++at) {
        if (!visit(at->first.second, at->second)) return;
      }
    };
    reader.floor = [this](const Bytes& wanted, const Bytes& prefix) {
      const auto at = rows.upper_bound({Table::batches, wanted});
      if (at == rows.begin()) return wanted;
      const Bytes& found = std::prev(at)->first.second;
      const bool fits = std::equal(prefix.begin(), prefix.end(), found.begin(),
                                   found.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
      return fits ? found : wanted;
    };
    return reader;
  }
  /// One pull from `other`, answered and heard.
  void pull_from(const Held& other) {
    const Pulled answer =
        answer_pull({self.id(), {}}, pull_beyond(replica.frontier(), ++asked),
                    other.replica.frontier(), other.replica.state().proofs, other.log(), 1U << 20);
    for (const Bytes& frame : answer.batches) hear(frame);
  }
};

/// What there is to hear: an honest log, a forked one, an older life of its key, and a proof.
struct Story {
  std::vector<Bytes> frames;
  Bytes proof;
  Story() {
    Log honest{&witness}, log{&offender}, old{&offender, log.cluster, 7};
    for (std::uint8_t i = 1; i <= 4; ++i) {
      frames.push_back(honest.write(attests("s", i, i)));
      frames.push_back(log.write(attests(std::string(1, static_cast<char>('a' + i)), i, i)));
      frames.push_back(old.write(opens(i, i)));
    }
    Log branch = log;
    const Bytes one = log.write(attests("s", 9, 1)), other = branch.write(attests("s", 9, 2));
    frames.insert(frames.end(), {one, other, log.write(attests("x", 1, 1))});
    proof = *prove(one, other);
    frames.push_back(proof);
  }
};

const Story& story() {
  static const Story made;
  return made;
}

/// Hears frames until no order of theirs can bring anything new.
Held after(std::vector<Bytes> frames) {
  Held held;
  for (std::size_t round = 0; round < frames.size(); ++round) {
    for (const Bytes& frame : frames) held.hear(frame);
  }
  return held;
}

RC_GTEST_PROP(Proven, AnyOrderGivesTheSameStateAndFrontier, ()) {
  const Held plain = after(story().frames);
  auto frames = story().frames;
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  for (std::size_t i = frames.size(); i > 1; --i) {
    std::swap(frames[i - 1], frames[(seed * 2654435761U * i >> 7) % i]);
  }
  const Held held = after(frames);
  RC_ASSERT(held.hash() == plain.hash());
  RC_ASSERT(held.replica.frontier() == plain.replica.frontier());
  RC_ASSERT(held.stored() == held.replica.state());
}

TEST(Proven, NothingOfTheOffenderStays) {
  const Held held = after(story().frames);
  EXPECT_TRUE(held.replica.proven(offender.id()));
  EXPECT_TRUE(held.replica.state().sessions.empty());
  EXPECT_EQ(held.replica.state().streams.size(), 1U);
  EXPECT_EQ(held.replica.frontier().size(), 2U);
  for (const auto& [at, row] : held.rows) {
    const bool of_offender =
        at.first == Table::batches &&
        std::equal(offender.id().bytes.begin(), offender.id().bytes.end(), at.second.begin());
    EXPECT_FALSE(of_offender);
  }
}

TEST(Proven, WhoHoldsBothBranchesNeedsNoProofFromOthers) {
  auto frames = story().frames;
  frames.pop_back();
  EXPECT_EQ(after(frames).hash(), after(story().frames).hash());
}

/// Its rows are erased in the commit that would let it out: its own, or, when the disk had refused
/// that one, the next.
TEST(Proven, WhatAForgottenLogHadToSayDoesNotLeave) {
  const auto batches = [](const Outbox& out) {
    return std::ranges::count_if(
        out.publish, [](const Bytes& raw) { return split_frame(raw)->kind == FrameKind::batch; });
  };
  const std::function<void(Replica&, Outbox&)> ways[]{
      [](Replica& replica, Outbox& out) {
        replica.disown({offender.id(), 1}, out);
      },
      [](Replica& replica, Outbox& out) {
        Log one{&offender}, other{&offender};
        replica.weigh(one.write(opens(1, 1)), other.write(opens(1, 2)), out);
      }};
  for (const auto& forget : ways) {
    for (const bool at_once : {false, true}) {
      Replica replica{{cluster_id("tests"), {offender.id()}, {}}, offender, {}, {}};
      replica.write_as(1);
      Outbox out, next;
      replica.write(attests("s", 0, 1), out);
      ASSERT_EQ(batches(out), 1);
      forget(replica, at_once ? out : next);
      out.append(std::move(next));
      EXPECT_EQ(batches(out), 0);
    }
  }
}

TEST(Proven, AProofIsPublishedOnceAndFirst) {
  Held held;
  held.out.publish.push_back({1});
  held.hear(story().proof);
  held.hear(story().proof);
  ASSERT_EQ(held.out.publish.size(), 2U);
  EXPECT_EQ(held.out.publish.front(), story().proof);
  EXPECT_EQ(held.replica.counters().proofs, 1U);
  EXPECT_EQ(held.replica.counters().bad_proofs, 0U);
}

TEST(Proven, AForgedProofIsCountedAndDropped) {
  Held held;
  Bytes forged = story().proof;
  forged.back() ^= 1;
  EXPECT_EQ(held.hear(forged).result, Accepted::refused);
  EXPECT_EQ(held.replica.counters().bad_proofs, 1U);
  EXPECT_TRUE(held.replica.state().empty());
  EXPECT_TRUE(held.out.publish.empty());
}

TEST(Proven, AProofOfAnotherClusterIsDropped) {
  Log one{&offender, cluster_id("elsewhere")}, other = one;
  Held held;
  held.hear(*prove(one.write(attests("a", 1, 1)), other.write(attests("a", 1, 2))));
  EXPECT_FALSE(held.replica.proven(offender.id()));
  EXPECT_EQ(held.replica.counters().bad_proofs, 1U);
}

/// Of any roster: who came later is in no list that the config gives.
TEST(Proven, AProofAboutAVoterCounts) {
  const membership::Roster voters({offender.id(), witness.id()}, 0);
  Replica replica{{cluster_id("tests"), {}, voters}, self, {}, {}};
  Outbox out;
  EXPECT_EQ(replica.receive(story().proof, out).result, Accepted::news);
  EXPECT_TRUE(replica.proven(offender.id()));
}

TEST(Proven, AStrangersKeyTakesNoRoom) {
  const Ed25519Signer stranger(seed_of(9));
  Log one{&stranger}, other = one;
  Held held;
  held.hear(*prove(one.write(attests("a", 1, 1)), other.write(attests("a", 1, 2))));
  EXPECT_TRUE(held.replica.state().empty());
}

TEST(Proven, TheLeastProofIsKept) {
  Log log{&offender}, branch = log;
  const Bytes first = log.write(attests("a", 1, 1)), other = branch.write(attests("b", 1, 1));
  const Bytes small = *prove(first, other);
  const Bytes large = *prove(log.write(attests("a", 2, 1)), branch.write(attests("b", 2, 1)));
  Held one, two;
  one.hear(small);
  one.hear(large);
  two.hear(large);
  two.hear(small);
  EXPECT_EQ(one.replica.state(), two.replica.state());
  EXPECT_EQ(one.stored(), one.replica.state());
}

TEST(Proven, TheHashSaysWhoIsProvenAndNotByWhat) {
  Log log{&offender}, branch = log;
  const Bytes one = *prove(log.write(attests("a", 1, 1)), branch.write(attests("b", 1, 1)));
  const Bytes two = *prove(log.write(attests("a", 2, 1)), branch.write(attests("b", 2, 1)));
  Held a, b;
  a.hear(one);
  b.hear(two);
  EXPECT_EQ(a.hash(), b.hash());
  EXPECT_EQ(a.replica.frontier(), b.replica.frontier());
}

TEST(Proven, OnePullProvesAForkThatNobodyHeldBothBranchesOf) {
  for (const int ahead : {0, 1, 3}) {
    Log log{&offender}, branch = log;
    Held short_one, long_one;
    short_one.hear(log.write(attests("a", 1, 1)));
    long_one.hear(branch.write(attests("b", 1, 1)));
    for (std::uint8_t i = 0; i < ahead; ++i) long_one.hear(branch.write(attests("c", 1U + i, 1)));
    ASSERT_FALSE(long_one.replica.proven(offender.id()));
    short_one.pull_from(long_one);
    EXPECT_TRUE(short_one.replica.proven(offender.id())) << ahead;
    long_one.pull_from(short_one);
    EXPECT_TRUE(long_one.replica.proven(offender.id())) << ahead;
    EXPECT_EQ(short_one.hash(), long_one.hash());
  }
}

TEST(Proven, ABatchOverTheEndOfABranchProvesIt) {
  Log log{&offender}, branch = log;
  Held short_one, long_one;
  short_one.hear(log.write(attests("a", 1, 1)));
  Records two = attests("b", 1, 1);
  two.attestations.push_back(attests("c", 1, 1).attestations.front());
  long_one.hear(branch.write(two));
  short_one.pull_from(long_one);
  EXPECT_TRUE(short_one.replica.proven(offender.id()));
}

TEST(Proven, ContradictionsInOneLogAreProven) {
  Log log{&offender};
  for (const bool sessions : {true, false}) {
    Held held;
    Log line = log;
    held.hear(line.write(sessions ? opens(1, 1) : attests("a", 5, 1)));
    held.hear(line.write(attests("b", 1, 1)));
    held.hear(line.write(sessions ? opens(1, 2) : attests("a", 5, 2)));
    EXPECT_TRUE(held.replica.proven(offender.id()));
    EXPECT_EQ(held.replica.state().streams.size(), 0U);
  }
}

// A store that kept the frontier and lost the proof asks again; one that lost the frontier does not
// take the offender's batches.
TEST(Proven, ARestartFollowsTheProof) {
  const Held held = after(story().frames);
  FrontierMap odd = held.replica.frontier();
  odd.erase(proven_logs(offender.id()));
  odd[{offender.id(), 1}] = {3, {}};
  const Replica again({cluster_id("tests"), {offender.id()}, {}}, self, held.stored(), odd);
  EXPECT_EQ(again.frontier(), held.replica.frontier());
  const Replica forgot({cluster_id("tests"), {offender.id()}, {}}, self, {},
                       held.replica.frontier());
  EXPECT_FALSE(forgot.frontier().contains(proven_logs(offender.id())));
}

}  // namespace
}  // namespace vouch::sync::proven_test
