// What a puller says when, and what others can make it say.
// SPDX-License-Identifier: MIT
#include "vouch/sync/puller.hpp"

#include "tests/sync/offender.hpp"
#include <gtest/gtest.h>

namespace vouch::sync::puller_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Pulled much() {
  Pulled out;
  out.more = true;
  return out;
}

struct Asking {
  explicit Asking(Mode mode = Mode::automatic) : puller({other.id()}, {}, mode) {
    puller.on_start(now, {});
  }

  Ed25519Signer self{seed_of(1)}, other{seed_of(2)};
  Replica replica{{cluster_id("tests"), {self.id(), other.id()}, {}}, self, {}, {}};
  Puller puller;
  Instant now{};
  Outbox out;
  std::uint64_t last = 0;  ///< question

  /// What it says within `span`, in steps of 10 ms.
  std::vector<MessageBody> says(Duration span) {
    for (const Instant end = now + span; now < end; now += milliseconds(10)) {
      puller.on_tick(now, replica, out);
    }
    std::vector<MessageBody> said;
    for (Send& send : out.sends) {
      last = send.message.id;
      said.push_back(std::move(send.message.body));
    }
    out.sends.clear();
    return said;
  }
  void answered() { puller.on_pulled(now, other.id(), last, {}, false); }
  /// The first part of an answer, all of which somebody else had told meanwhile.
  void told_nothing_new_of_much() { puller.on_pulled(now, other.id(), last, much(), false); }
};

std::size_t pulls_in(const std::vector<MessageBody>& said) {
  std::size_t pulls = 0;
  for (const MessageBody& body : said) pulls += std::holds_alternative<Pull>(body) ? 1 : 0;
  return pulls;
}

TEST(Puller, ChecksOnceItWasAnsweredAndNoMoreThanThat) {
  Asking a;
  EXPECT_GT(pulls_in(a.says(seconds(2))), 1U) << "asks until it was answered";
  a.answered();
  const std::vector<MessageBody> said = a.says(seconds(35));
  EXPECT_EQ(said.size(), 3U);
  for (const MessageBody& body : said) EXPECT_TRUE(std::holds_alternative<Check>(body));
}

TEST(Puller, AsksOnceForEachCheckThatShowsADifference) {
  Asking a;
  a.says(milliseconds(10));
  a.answered();
  EXPECT_EQ(a.says(seconds(11)).size(), 1U);
  a.puller.on_checked(a.other.id(), false);
  EXPECT_EQ(pulls_in(a.says(seconds(1))), 1U);
  a.answered();
  // More answers than questions: nobody can make it ask all the time.
  for (int n = 0; n < 100; ++n) {
    a.puller.on_checked(a.other.id(), false);
    EXPECT_TRUE(a.says(milliseconds(10)).empty());
  }
}

TEST(Puller, DoesNotAskWhatHasBecomeEqual) {
  Asking a;
  a.says(milliseconds(10));
  a.answered();
  a.says(seconds(11));
  a.puller.on_checked(a.other.id(), true);
  EXPECT_TRUE(a.says(seconds(1)).empty());
}

TEST(Puller, WhoDoesNotRepairAsksAtStartsUntilItIsAnswered) {
  Asking a(Mode::gossip);
  EXPECT_GT(pulls_in(a.says(seconds(5))), 3U);
  a.answered();
  EXPECT_TRUE(a.says(seconds(60)).empty());
  a.puller.on_gap({a.other.id(), 1});
  a.puller.on_digest(a.other.id(), false);
  a.puller.on_digest(a.other.id(), false);
  EXPECT_TRUE(a.says(seconds(5)).empty());
  a.puller.on_link(a.other.id());
  EXPECT_GT(pulls_in(a.says(seconds(5))), 3U) << "the question or its answer may be lost";
  a.answered();
  EXPECT_TRUE(a.says(seconds(60)).empty());
}

TEST(Puller, WhoDoesNotRepairAsksAgainWhenTheAnswerIsOlderThanTheLink) {
  Asking a(Mode::gossip);
  EXPECT_GT(pulls_in(a.says(seconds(2))), 1U);
  a.puller.on_link(a.other.id());
  a.answered();  // as of before something was published that the link did not carry yet
  EXPECT_GT(pulls_in(a.says(seconds(2))), 0U);
  a.answered();
  EXPECT_TRUE(a.says(seconds(60)).empty());
}

TEST(Puller, WhoDoesNotRepairAsksAgainWhenABatchOvertookTheAnswer) {
  Asking a(Mode::gossip);
  EXPECT_EQ(pulls_in(a.says(milliseconds(10))), 1U);
  a.puller.on_gap({a.other.id(), 1});
  a.answered();  // as of before that batch, which is not told again
  EXPECT_GT(pulls_in(a.says(seconds(2))), 0U);
  a.answered();
  a.puller.on_gap({a.other.id(), 1});
  EXPECT_TRUE(a.says(seconds(60)).empty()) << "what is lost later stays lost";
}

TEST(Puller, GoesOnAskingWhoHasNotToldAllThoughOthersWereFaster) {
  for (const bool repairs : {true, false}) {
    Asking a(repairs ? Mode::automatic : Mode::gossip);
    a.says(milliseconds(10));
    for (int part = 0; part < 5; ++part) {
      a.told_nothing_new_of_much();
      EXPECT_EQ(pulls_in(a.says(milliseconds(900))), 0U) << "nobody can make it ask all the time";
      EXPECT_EQ(pulls_in(a.says(milliseconds(200))), 1U) << repairs;
    }
    EXPECT_EQ(a.puller.told_all(), 0U);
    a.answered();
    EXPECT_EQ(a.puller.told_all(), 1U);
    EXPECT_EQ(pulls_in(a.says(seconds(35))), 0U);
  }
}

TEST(Puller, ComparesAtOnceWhenTheWayIsOpenAgain) {
  Asking a;
  a.says(milliseconds(10));
  a.answered();
  EXPECT_TRUE(a.says(seconds(3)).empty());
  a.puller.on_open(a.now, a.other.id());
  const std::vector<MessageBody> said = a.says(milliseconds(10));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Check>(said[0]));
  a.puller.on_checked(a.other.id(), false);
  EXPECT_EQ(pulls_in(a.says(milliseconds(10))), 1U);
}

TEST(Puller, AsksAgainWhatTheOldWayDidNotAnswer) {
  Asking a;
  a.says(milliseconds(2010));  // the last question is a moment old, its time a second
  a.puller.on_open(a.now, a.other.id());
  EXPECT_EQ(pulls_in(a.says(milliseconds(10))), 1U);
}

TEST(Puller, AWayThatKeepsOpeningDoesNotMakeItAskAllTheTime) {
  for (const bool answered : {true, false}) {
    Asking a;
    a.says(seconds(3));
    if (answered) a.answered();
    std::size_t said = 0;
    for (int n = 0; n < 1000; ++n) {
      a.puller.on_open(a.now, a.other.id());
      said += a.says(milliseconds(10)).size();
    }
    EXPECT_LE(said, 21U) << "ten seconds: once for each, and what times out";
    EXPECT_GE(said, 10U);
    a.says(seconds(2));
    a.puller.on_open(a.now, a.other.id());
    EXPECT_EQ(a.says(milliseconds(10)).size(), 1U) << "nor later than once a second";
  }
}

TEST(Puller, ComparesWithOthersOnceNobodyIsTelling) {
  const Ed25519Signer third(seed_of(3));
  Asking a;
  a.puller = Puller({a.other.id(), third.id()}, {});
  a.puller.on_start(a.now, {});
  a.says(milliseconds(10));
  a.answered();
  a.puller.on_pulled(a.now, third.id(), a.last, {}, false);
  a.puller.on_digest(a.other.id(), false);
  a.puller.on_digest(a.other.id(), false);
  EXPECT_EQ(pulls_in(a.says(milliseconds(10))), 1U);
  a.puller.on_open(a.now, third.id());
  EXPECT_TRUE(a.says(milliseconds(500)).empty()) << "what is told may be all there is";
  a.answered();
  EXPECT_EQ(a.says(milliseconds(10)).size(), 1U);
  // Who goes on telling does not keep it from others.
  a.puller.on_open(a.now, third.id());
  std::size_t checks = 0;
  for (int n = 0; n < 4; ++n) {
    a.puller.on_pulled(a.now, a.other.id(), a.last, much(), true);
    const std::vector<MessageBody> said = a.says(milliseconds(700));
    checks += said.size() - pulls_in(said);
  }
  EXPECT_EQ(checks, 1U);
}

TEST(Puller, NeverAsksTwiceWithOneSalt) {
  Asking a;
  std::set<std::uint64_t> salts;
  const std::vector<MessageBody> said = a.says(seconds(5));
  for (const MessageBody& body : said) salts.insert(std::get<Pull>(body).salt);
  EXPECT_EQ(salts.size(), said.size());
}

/// Who cannot be told its own log may have forgotten some of it: that is not all there is to hear.
TEST(Puller, WhoIsNotToldItsOwnLogIsNotToldAll) {
  Asking a;
  a.says(milliseconds(10));
  Pulled cut;
  cut.behind = cut.self_behind = true;
  a.puller.on_pulled(a.now, a.other.id(), a.last, cut, false);
  EXPECT_EQ(a.puller.told_all(), 0U);
  cut.self_behind = false;
  a.says(seconds(2));
  a.puller.on_pulled(a.now, a.other.id(), a.last, cut, false);
  EXPECT_EQ(a.puller.told_all(), 1U);
}

TEST(Puller, ByStatesItAsksForWhatTheAskedOneWrote) {
  for (const Mode mode : {Mode::automatic, Mode::merkle, Mode::snapshot}) {
    Asking a(mode);
    const auto said = a.says(milliseconds(10));
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(std::get<Pull>(said[0]).own, mode != Mode::automatic);
  }
}

}  // namespace
}  // namespace vouch::sync::puller_test
