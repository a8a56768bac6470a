// SPDX-License-Identifier: MIT
#include "vouch/consensus/charges.hpp"

#include "tests/consensus/voters.hpp"
#include <gtest/gtest.h>

#include "vouch/base/outbox.hpp"
#include "vouch/consensus/agreement.hpp"

namespace vouch::consensus {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Charged : testing::Test {
  PeerId voter{{7}}, other{{8}};
  Charges charges{{2, 3, milliseconds(100)}};  ///< two places, three losses for nothing
  Instant now{seconds(10)};

  void lose(int times) {
    for (; times > 0; --times) charges.lost(now, voter);
  }
};

TEST_F(Charged, SoManyAreOpenAtATime) {
  auto one = charges.admit(now, voter);
  const auto two = charges.admit(now, voter);
  ASSERT_TRUE(one && two);
  EXPECT_FALSE(charges.admit(now, voter));
  EXPECT_GT(charges.again(now, voter), now);
  EXPECT_TRUE(charges.admit(now, other));
  one.reset();
  EXPECT_TRUE(charges.admit(now, voter));
  EXPECT_EQ(charges.put_off(), 1u);
}

TEST_F(Charged, SomeLossesCostNothing) {
  lose(3);
  EXPECT_TRUE(charges.admit(now, voter));
  lose(1);
  EXPECT_FALSE(charges.admit(now, voter));
  EXPECT_TRUE(charges.admit(now, other));
  EXPECT_EQ(charges.losses(), 4u);
}

TEST_F(Charged, EachFurtherLossPutsOffForAsLongAgain) {
  lose(5);
  EXPECT_EQ(charges.again(now, voter), now + milliseconds(200));
  EXPECT_FALSE(charges.admit(now + milliseconds(199), voter));
  EXPECT_TRUE(charges.admit(now + milliseconds(200), voter));
}

TEST_F(Charged, LossesAreForgotten) {
  lose(3);
  now += milliseconds(300);
  lose(3);
  EXPECT_TRUE(charges.admit(now, voter));
}

TEST_F(Charged, AllThatWasOpenMayLoseAtOnce) {
  const ChargeBounds bounds;
  Charges usual{bounds};
  for (std::int64_t i = 0; i < bounds.losses_free + std::int64_t(bounds.open_max); ++i) {
    usual.lost(now, voter);
  }
  EXPECT_LE(usual.again(now, voter), now + bounds.put_off_max());
}

/// Every stream has ten entries, and no end of a segment.
class TenEntries final : public Chains {
 public:
  static Hash head(std::uint64_t size) { return Hash{{static_cast<std::uint8_t>(size)}}; }

 private:
  std::optional<Point> tip(const std::string&) const override { return Point{10, head(10)}; }
  std::optional<Point> end_after(const std::string&, std::uint64_t) const override {
    return std::nullopt;
  }
  std::optional<Hash> head_at(const std::string&, std::uint64_t size) const override {
    return size <= 10 ? std::optional(head(size)) : std::nullopt;
  }
  std::optional<Hash> state_at(const std::string&, std::uint64_t) const override { return {}; }
  std::optional<validator::LinkList> links(const std::string&, std::uint64_t,
                                           std::uint64_t) const override {
    return std::nullopt;
  }
  bool closed(const std::string&) const override { return false; }
};

/// The last of four voters attests something else in each of many streams.
struct Accuser : testing::Test {
  static constexpr std::size_t streams = 200;
  const ChargeBounds bounds{};
  const ClusterId cluster{};
  Voters voters{4};
  TenEntries chains;
  Agreement agreement{Setting{cluster, voters.roster, voters.signers[0], chains, "rules", 0, {}}};
  Instant now{seconds(1)};
  std::vector<SubjectId> voted;  ///< subjects of the prepares that were cast last

  Accuser() { agreement.write_as(now, 1); }
  static std::string name(std::size_t stream) { return "stream " + std::to_string(stream); }
  void accuse(std::size_t by, std::size_t from, std::size_t to, std::uint64_t size = 5) {
    const PeerId& id = voters.signers[by].id();
    for (std::size_t i = from; i < to; ++i) {
      agreement.on_evidence(now, name(i), id, {size, Hash{{0xee}}});
    }
  }
  /// How many prepares were cast since it was asked last.
  std::size_t votes() {
    say();
    voted = std::exchange(cast_, {});
    return voted.size();
  }
  /// The others certify what the first voter holds.
  void certify() {
    for (const SubjectId& subject : voted) {
      const Value value{5, TenEntries::head(5), 0};
      agreement.on_certificate(now, voters.certify(cluster, subject, value, 3));
    }
  }
  void pass(Duration time) {
    const Instant until = now + time;
    for (auto next = agreement.next_deadline(); next && *next <= until;
         next = agreement.next_deadline()) {
      now = std::max(now, *next);
      agreement.on_tick(now);
      say();
    }
    now = until;
  }

 private:
  void say() {
    Outbox out;
    while (const auto ballot = agreement.next_ballot(now, out)) {
      for (const Statement& s : ballot->statements) {
        if (s.phase == Phase::prepare) cast_.push_back(s.subject);
      }
    }
    agreement.flush(now, out);
  }

  std::vector<SubjectId> cast_;
};

TEST_F(Accuser, KeepsNobodyBusyWithManyStreamsAtOnce) {
  accuse(3, 0, streams);
  EXPECT_EQ(votes(), bounds.open_max);
}

TEST_F(Accuser, ThatWasOftenWrongWaits) {
  accuse(3, 0, streams);
  ASSERT_EQ(votes(), 64u);
  certify();
  pass(bounds.each);
  ASSERT_EQ(votes(), 64u);
  certify();
  pass(bounds.each);
  EXPECT_EQ(votes(), 0u);
  pass(bounds.put_off_max());
  EXPECT_EQ(votes(), 64u);  // put off, not forgotten
}

TEST_F(Accuser, SaysNothingAgainstTheEvidenceOfOthers) {
  accuse(3, 0, 64);
  ASSERT_EQ(votes(), 64u);
  accuse(3, 100, 110);
  EXPECT_EQ(votes(), 0u);
  accuse(2, 100, 110);
  EXPECT_EQ(votes(), 10u);
}

/// Beyond what was certified nobody knows yet who is right.
TEST_F(Accuser, LosesNothingByWhatIsNotCertified) {
  accuse(3, 0, 10, 6);
  ASSERT_EQ(votes(), 10u);
  certify();
  EXPECT_EQ(agreement.setting().charges.losses(), 0u);
  EXPECT_EQ(votes(), 10u);  // it is shown again at the next height
}

}  // namespace
}  // namespace vouch::consensus
