// From the roster that is trusted to that of another epoch, and from an operator's words to a
// roster.
// SPDX-License-Identifier: MIT
#include "vouch/membership/rosters.hpp"

#include "tests/consensus/voters.hpp"
#include "tests/tools/process.hpp"
#include "tests/transport/temporary_folder.hpp"
#include "tools/roster_chain.hpp"
#include "tools/roster_change.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/schemas/json_write.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::tools::rosters_test {
namespace {

using membership::Roster;
using testing::HasSubstr;

/// Of six the first four vote; then the fourth is replaced, then the third.
struct Chain : testing::Test {
  const Voters all{6};
  const ClusterId cluster = sync::cluster_id("c");
  std::vector<Roster> rosters;
  NamedRoster told;

  PeerId id(std::size_t i) const { return all.signers[i].id(); }
  Certificate deciding(const Roster& next, std::size_t signers = 3) const {
    Certificate out = all.certify(cluster, roster_subject(cluster), membership::value_of(next),
                                  signers, next.epoch());
    // They sign for the epoch before.
    std::map<PeerId, SignedStatement> commits;
    for (std::size_t i = 0; i < signers; ++i) {
      Statement commit = out.statement(out.commits.front());
      commit.epoch = next.epoch() - 1;
      commits[id(i)] = sign_bundle(cluster, all.signers[i], {commit}).front();
    }
    out = membership::certificate_from(commits);
    out.roster = membership::encode_roster(next);
    return out;
  }
  void SetUp() override {
    Roster first = all.roster;
    first.remove(id(4));
    first.remove(id(5));
    rosters.push_back(first);
    for (const auto& [out, in] : {std::pair{3, 4}, std::pair{2, 5}}) {
      Roster next = rosters.back().next();
      next.remove(id(static_cast<std::size_t>(out)));
      next.add(id(static_cast<std::size_t>(in)));
      rosters.push_back(next);
    }
    told = {"c", rosters[2], rosters[0], {deciding(rosters[1]), deciding(rosters[2], 2)}};
    told.chain[1] = second({0, 1, 4});
  }
  /// The certificate of the third roster, by these of the second one.
  Certificate second(const std::vector<std::size_t>& by) const {
    Certificate form = deciding(rosters[2]);
    std::map<PeerId, SignedStatement> commits;
    for (const std::size_t i : by) {
      Statement commit = form.statement(form.commits.front());
      commits[id(i)] = sign_bundle(cluster, all.signers[i], {commit}).front();
    }
    Certificate out = membership::certificate_from(commits);
    out.roster = form.roster;
    return out;
  }
};

TEST_F(Chain, LeadsForwardsByCertificatesAndBackwardsByHashes) {
  for (std::uint32_t from = 0; from < 3; ++from) {
    const NamedRoster trusted{"c", rosters[from]};
    for (std::uint32_t to = 0; to < 3; ++to) {
      const auto found = roster_of_epoch(trusted, told, to);
      ASSERT_TRUE(found) << from << " to " << to << ": " << found.error().detail;
      EXPECT_EQ(*found, rosters[to]) << from << " to " << to;
    }
  }
}

TEST_F(Chain, ThatEndsOrHasAGapLeadsNowhere) {
  const NamedRoster trusted{"c", rosters[0]};
  const auto bare = roster_of_epoch(trusted, trusted, 1);
  ASSERT_FALSE(bare);
  EXPECT_EQ(bare.error().code, Errc::unknown);
  EXPECT_THAT(bare.error().detail, HasSubstr("--chain"));
  told.chain.erase(told.chain.begin());
  EXPECT_EQ(roster_of_epoch(trusted, told, 2).error().code, Errc::unknown);
  EXPECT_EQ(roster_of_epoch(trusted, told, 7).error().code, Errc::unknown);
}

TEST_F(Chain, ThatIsForgedIsRefused) {
  const NamedRoster trusted{"c", rosters[0]};
  const auto refused = [&](const Certificate& certificate, const std::string& why) {
    NamedRoster forged = told;
    forged.chain[0] = certificate;
    const auto found = roster_of_epoch(trusted, forged, 1);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::bad_signature);
    EXPECT_THAT(found.error().detail, HasSubstr(why));
  };
  refused(deciding(rosters[1], 2), "fewer voters than a quorum");
  refused(deciding(rosters[1], 5), "not a voter of the roster before");
  Certificate broken = deciding(rosters[1]);
  broken.commits[1].signature.bytes[3] ^= 1;
  refused(broken, "a signature is wrong");
  Certificate other = deciding(rosters[1]);
  Roster mine = rosters[1];
  mine.remove(id(0));
  other.roster = membership::encode_roster(mine);
  refused(other, "does not name a roster that follows");
  // Backwards: another first roster than the second one names.
  NamedRoster liar = told;
  liar.first->remove(id(0));
  EXPECT_EQ(roster_of_epoch({"c", rosters[1]}, liar, 0).error().code, Errc::bad_signature);
}

TEST_F(Chain, IsReadFromTheFileThatIsPrinted) {
  const TemporaryFolder folder;
  const std::string text = json::to_text(roster_json(told));
  const auto read = read_roster(write_file(folder.path / "roster.json", text));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->roster, told.roster);
  EXPECT_EQ(read->first, told.first);
  EXPECT_EQ(read->chain, told.chain);
  // Voters that differ from the bytes are no roster.
  std::string lie = text;
  lie.replace(lie.find(id(0).hex()), 64, id(3).hex());
  EXPECT_FALSE(read_roster(write_file(folder.path / "lie.json", lie)));
}

struct Change : Chain {
  ToldRosters now;

  void SetUp() override {
    Chain::SetUp();
    now.cluster = "c";
    now.peer = id(0);
    now.rosters = {{0, rosters[0]}};
    now.in_force = now.votes = true;
    for (std::size_t i = 0; i < 4; ++i) {
      now.heard.insert(id(i));
      now.writes_as[id(i)] = 1;
    }
  }
};

TEST_F(Change, FollowsFromWords) {
  const auto replaced = wanted_roster(now, {{id(4).hex()}, {id(3).hex().substr(0, 8)}, {}, 0});
  ASSERT_TRUE(replaced) << replaced.error().detail;
  EXPECT_EQ(*replaced, rosters[1]);
  now.writes_as[id(2)] = 7;
  const auto renewed = wanted_roster(now, {{}, {}, {id(2).hex()}, 0});
  ASSERT_TRUE(renewed);
  EXPECT_TRUE(renewed->lists(id(2), 7));
  const auto as_told = wanted_roster(now, {{id(4).hex()}, {}, {}, 3});
  ASSERT_TRUE(as_told);
  EXPECT_TRUE(as_told->lists(id(4), 3));
  EXPECT_EQ(*wanted_roster(now, {{id(0).hex()}, {}, {}, 0}), rosters[0].next()) << "so already";
  EXPECT_EQ(*wanted_roster(now, {{id(0).hex()}, {id(5).hex()}, {}, 0}), rosters[0].next());
  now.rosters.emplace(1, rosters[1]);
  const auto again = wanted_roster(now, {{id(4).hex()}, {id(3).hex().substr(0, 8)}, {}, 0});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*again, rosters[1].next()) << "the command is repeated";
}

TEST_F(Change, OfTheRulesNamesWhatIsNotInForce) {
  now.rules = {{0, "agui-1.1/strict/compat"}};
  const auto named = wanted_roster(now, {{}, {}, {}, 0, "agui-1.0"});
  ASSERT_TRUE(named) << named.error().detail;
  EXPECT_EQ(named->rule_set(), "agui-1.0/strict/compat");
  EXPECT_EQ(named->voters(), rosters[0].voters());
  EXPECT_THAT(change_text(now, *named), HasSubstr("streams begin under agui-1.0/strict/compat"));
  EXPECT_EQ(*wanted_roster(now, {{}, {}, {}, 0, "agui-1.1"}), rosters[0].next()) << "so already";
  EXPECT_FALSE(wanted_roster(now, {{}, {}, {}, 0, "agui-9"}));
  EXPECT_THAT(told_text(now), HasSubstr("streams begin under agui-1.1/strict/compat\n"));
}

TEST_F(Change, IsRefusedWithTheReason) {
  const auto why = [&](const ChangeWords& words) {
    const auto wanted = wanted_roster(now, words);
    return wanted ? std::string() : wanted.error().detail;
  };
  EXPECT_THAT(why({{}, {"abc"}, {}, 0}), HasSubstr("neither a key"));
  EXPECT_THAT(why({{}, {}, {id(5).hex()}, 0}), HasSubstr("has no vote now"));
  EXPECT_THAT(why({{id(3).hex()}, {id(3).hex()}, {}, 0}), HasSubstr("removed and listed"));
  EXPECT_THAT(why({{id(4).hex(), id(5).hex()}, {}, {}, 2}), HasSubstr("for one key"));
  std::vector<std::string> everybody;
  for (std::size_t i = 0; i < 4; ++i) everybody.push_back(id(i).hex());
  EXPECT_THAT(why({{}, everybody, {}, 0}), HasSubstr("nobody would be left"));
}

TEST_F(Change, ThatWouldDecideNothingIsNoticed) {
  EXPECT_FALSE(too_few_heard(now, rosters[1])) << "three of four are heard";
  now.heard.erase(id(2));
  EXPECT_TRUE(too_few_heard(now, rosters[1]));
  now.heard.insert(id(2));
  now.writes_as[id(2)] = 2;
  EXPECT_TRUE(too_few_heard(now, rosters[1])) << "it is heard, but not as it is listed";
}

TEST_F(Change, ComesToOneOfFourEnds) {
  using End = ChangeOutcome::End;
  EXPECT_EQ(outcome_of(now, rosters[1]).end, End::open);
  now.proposed.push_back({rosters[1], {id(0)}, 2});
  EXPECT_THAT(outcome_text(outcome_of(now, rosters[1])), HasSubstr("1 of the 2 voters"));
  now.rosters.emplace(1, rosters[1]);
  now.handed_over.emplace({id(0)});
  EXPECT_EQ(outcome_of(now, rosters[1]).end, End::handover);
  EXPECT_EQ(outcome_of(now, rosters[1]).needed, 3U);
  now.handed_over.reset();
  EXPECT_EQ(outcome_of(now, rosters[1]).end, End::in_force);
  EXPECT_EQ(outcome_of(now, rosters[0].next()).end, End::superseded);
}

}  // namespace
}  // namespace vouch::tools::rosters_test
