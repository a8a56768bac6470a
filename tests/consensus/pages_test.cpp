// Changes of rosters in which much is handed over: pages that are lost, false, never given, or
// asked for by who starts again.
// SPDX-License-Identifier: MIT
#include "tests/consensus/epochs.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus::pages_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Index = Council::Index;

constexpr std::size_t many = 20'000;

void change(Council& council, const Indices& voters) {
  const membership::Roster roster = council.next_roster(0, voters);
  for (const Index voter : {0, 1}) EXPECT_TRUE(council.propose_roster(voter, roster));
}

/// Five peers, of which four vote; all of `which` know that much was decided.
struct Busy {
  Council council{5, {"prs|tu|"}, 4};
  std::map<std::pair<Index, Hash>, std::size_t> asked, given;  ///< by who asks, or gets it

  explicit Busy(const Indices& which, std::size_t decided = many) {
    for (const Index voter : which) council.store_decided(voter, 0, decided);
    watch(nullptr);
  }
  /// What passes, with all questions and pages counted.
  void watch(std::function<bool(Index, Index, const Body&)> passes) {
    council.passes = [this, passes](Index from, Index to, const Body& body) {
      if (const auto* ask = std::get_if<AskPages>(&body)) {
        for (const Hash& page : ask->pages) ++asked[{from, page}];
      }
      const bool pass = !passes || passes(from, to, body);
      if (const auto* page = std::get_if<HandoverPage>(&body); page != nullptr && pass) {
        ++given[{to, crypto::blake2b(page->bytes)}];
      }
      return pass;
    };
  }
  void expect_all_in(const Indices& voters) {
    expect_epoch(council, voters, 1);
    hold_all(council, voters, 3);
    council.run(seconds(2));
    expect_certified(council, voters, council.value(0, 3));
  }
};

TEST(Pages, WhoAgreeExchangeNothingOfWhatIsDecided) {
  Busy busy({0, 1, 2, 3, 4});
  change(busy.council, {0, 1, 2, 4});
  busy.council.run(seconds(2));
  busy.expect_all_in({0, 1, 2, 4});
  for (const auto& [page, times] : busy.asked) {
    EXPECT_EQ(page.first, 4u) << "a voter of before has these pages itself";
    EXPECT_EQ(times, 1u) << "all handovers list the same";
  }
  EXPECT_GT(busy.asked.size(), 10u);
}

TEST(Pages, OneThatIsLostIsAskedForAgain) {
  Busy busy({0, 1, 2, 3, 4});
  std::size_t pages = 0;
  busy.watch([&](Index, Index, const Body& body) {
    return !std::holds_alternative<HandoverPage>(body) || ++pages % 3 != 0;
  });
  change(busy.council, {0, 1, 2, 4});
  busy.council.run(seconds(1));
  EXPECT_EQ(busy.council.entered(4), 0u);
  busy.council.run(seconds(15));
  busy.expect_all_in({0, 1, 2, 4});
}

/// The liar says that it knows what nobody knows.
Handover handover_of(const Council& council, Index liar, const HandoverIndex& index) {
  Statement s;
  s.phase = Phase::handover;
  s.subject = roster_subject(ClusterId{});
  s.height = s.incarnation = 1;
  const Bytes bytes = encode_index(index);
  s.basis = crypto::blake2b(bytes);
  return {council.sign(liar, s), bytes};
}

TEST(Pages, ThatAreNeverGivenStopNobody) {
  Busy busy({0, 1, 2, 4});
  Council& council = busy.council;
  council.play(3);
  HandoverIndex index;
  for (std::size_t n = 0; n < handover_pages_max; ++n) {
    index.pages.push_back(crypto::blake2b(as_bytes(std::to_string(n))));
  }
  const Handover lie = handover_of(council, 3, index);
  bool told = false;
  busy.watch([&](Index, Index to, const Body& body) {
    const auto* certificate = std::get_if<Certificate>(&body);
    if (!told && to == 3 && certificate != nullptr && !certificate->roster.empty()) {
      told = true;
      council.say(3, {0, 1, 2, 4}, lie);
    }
    // The others take their time.
    return !std::holds_alternative<Handover>(body) || council.now() > Instant{seconds(3)};
  });
  change(council, {0, 1, 2, 4});
  council.run(seconds(10));
  EXPECT_TRUE(told);
  busy.expect_all_in({0, 1, 2, 4});
  std::set<Hash> of_liar;
  for (const Body& body : council.heard(3)) {
    const auto* ask = std::get_if<AskPages>(&body);
    if (ask != nullptr) of_liar.insert(ask->pages.begin(), ask->pages.end());
  }
  EXPECT_LE(of_liar.size(), Handovers::window);
}

TEST(Pages, WithOtherBytesAreNotTaken) {
  Busy busy({0, 1, 2, 3, 4});
  std::optional<Index> liar;
  // Whoever is asked first gives a page of subjects that were never decided.
  busy.watch([&](Index from, Index, const Body& body) {
    if (!std::holds_alternative<HandoverPage>(body)) return true;
    const SubjectStates page{{proposal_subject(ClusterId{}, "none"), 1, {}}};
    if (!liar) busy.council.say(from, {4}, HandoverPage{encode_page(page)});
    if (!liar) liar = from;
    return from != *liar;
  });
  change(busy.council, {0, 1, 2, 4});
  busy.council.run(seconds(10));
  busy.expect_all_in({0, 1, 2, 4});
  ASSERT_TRUE(liar);
  EXPECT_EQ(busy.council.counters(4).bad_words, 1u);
}

TEST(Pages, AreNotAskedForAgainByWhoStartsAgain) {
  Busy busy({0, 1, 2, 3});
  Council& council = busy.council;
  std::size_t pages = 0;
  // Voter 4 lacks the certificates, and has read some of the pages when it stops.
  busy.watch([&](Index, Index to, const Body& body) {
    return to != 4 || !std::holds_alternative<HandoverPage>(body) || ++pages <= 5;
  });
  change(council, {0, 1, 2, 4});
  council.run(seconds(1));
  ASSERT_GT(pages, 5u);
  std::set<Hash> had;
  for (const auto& [page, times] : busy.given) {
    if (page.first == 4) had.insert(page.second);
  }
  EXPECT_EQ(had.size(), 5u);
  busy.asked.clear();
  busy.watch(nullptr);
  council.store_decided(4, 0, many);
  council.run(seconds(10));
  busy.expect_all_in({0, 1, 2, 4});
  EXPECT_FALSE(busy.asked.empty());
  for (const auto& [page, times] : busy.asked) EXPECT_FALSE(had.contains(page.second));
}

/// Of those who could tell voter 5 only such are left that heard it themselves.
TEST(Pages, AreGivenByWhoEnteredWithThem) {
  Council council(6, {"prs|tu|"}, 4);
  // What was handed over differs from voter to voter.
  for (const Index voter : {0, 1, 2, 3, 4, 5}) council.store_decided(voter, 0, many);
  for (const Index voter : {2, 3}) council.store_decided(voter, 0, many + 1000 * voter);
  for (const Index voter : {0, 1, 4, 5}) council.store_decided(voter, 0, many + 3000);
  council.crash(5);
  change(council, {0, 1, 4, 5});
  council.run(seconds(5));
  expect_epoch(council, {0, 1, 4}, 1);
  council.crash(2);
  council.crash(3);
  council.restart(4);
  council.restart(5);
  council.run(seconds(10));
  expect_epoch(council, {4, 5}, 1);
}

TEST(Pages, AHundredThousandDecidedSubjectsAreHandedOver) {
  Busy busy({0, 1, 2, 3, 4}, 100'000);
  change(busy.council, {0, 1, 2, 4});
  busy.council.run(seconds(5));
  busy.expect_all_in({0, 1, 2, 4});
}

/// The liar has filled the place for subjects that are known by their hash alone.
TEST(Pages, WhoComesNewLearnsWhatWasDecidedByCertificates) {
  constexpr std::size_t junk = 70'000, decided = 2000;
  Busy busy({0, 1, 2}, decided);
  Council& council = busy.council;
  council.play(3);
  Statement vote = council.statement(Phase::prepare, 0, Value{1, {}, 0});
  for (std::size_t n = 0; n < junk; ++n) {
    vote.subject = stream_subject(ClusterId{}, "junk " + std::to_string(n));
    council.read(4, council.sign(3, vote));
  }
  for (std::size_t n = 0; n < decided; ++n) {
    const std::string name = "subject " + std::to_string(n);
    Statement commit =
        council.statement(Phase::commit, 1, Value{1, crypto::blake2b(as_bytes(name)), 0});
    commit.subject = proposal_subject(ClusterId{}, name);
    std::vector<SignedStatement> commits;
    for (const Index voter : {0, 1, 2}) commits.push_back(council.sign(voter, commit));
    council.read(4, council.certificate(commits));
  }
  change(council, {0, 1, 2, 4});
  council.run(seconds(10));
  expect_epoch(council, {0, 1, 2, 4}, 1);
}

}  // namespace
}  // namespace vouch::consensus::pages_test
