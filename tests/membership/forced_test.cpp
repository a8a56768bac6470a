// Rosters that were forced: their bytes, who has to sign them, and whom they convince.
// SPDX-License-Identifier: MIT
#include "tests/consensus/voters.hpp"
#include <gtest/gtest.h>

#include "vouch/membership/rosters.hpp"

namespace vouch::membership::forced_test {
namespace {

const ClusterId cluster{};

struct Forced : testing::Test {
  const Voters all{6};  ///< of whom the first four vote: one may lie
  Roster first = all.roster;

  void SetUp() override {
    for (const std::size_t out : {4, 5}) first.remove(all.signers[out].id());
  }
  Roster of(const std::vector<std::size_t>& voters) const {
    Roster out = first.next();
    for (const PeerId& voter : first.voters()) out.remove(voter);
    for (const std::size_t i : voters) out.add(all.signers[i].id());
    out.force();
    return out;
  }
  Certificate by(const std::vector<std::size_t>& voters, const Roster& roster) const {
    std::map<PeerId, SignedStatement> commits;
    for (const std::size_t i : voters) {
      Statement commit;
      commit.phase = Phase::commit;
      commit.subject = roster_subject(cluster);
      commit.height = 1U << 20;
      commit.view = commit.incarnation = 1;
      commit.value = value_of(roster);
      commits[all.signers[i].id()] = sign_bundle(cluster, all.signers[i], {commit}).front();
    }
    Certificate out = certificate_from(commits);
    out.roster = encode_roster(roster);
    return out;
  }
  Doubt doubt(const Certificate& certificate) const {
    return Rosters(cluster, first).doubt_of(all.signers[0], certificate);
  }
};

TEST_F(Forced, TheBytesSaySoAndOthersKeepTheirs) {
  const Roster forced = of({0, 1});
  Roster plain = first.next();
  for (const std::size_t out : {2, 3}) plain.remove(all.signers[out].id());
  EXPECT_NE(forced, plain);
  EXPECT_NE(hash_of(forced), hash_of(plain));
  Bytes bytes = encode_roster(forced);
  const auto read = decode_roster(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, forced);
  EXPECT_TRUE(read->forced());
  bytes.front() = 1;
  EXPECT_EQ(bytes, encode_roster(plain)) << "nothing else differs";
  EXPECT_FALSE(decode_roster(bytes)->forced());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(decode_roster(ByteView(encode_roster(forced)).first(i)));
  }
  EXPECT_FALSE(forced.next().forced()) << "what follows on it is a roster like any other";
  Roster none = first;
  none.force();
  EXPECT_FALSE(decode_roster(encode_roster(none))) << "the first one follows on none";
}

TEST_F(Forced, ThoseRemainThatAreListedAsTheyWere) {
  Roster roster = of({0, 1, 4});
  roster.list(all.signers[1].id(), 2);
  EXPECT_EQ(remaining(first, roster), std::vector<PeerId>{all.signers[0].id()});
}

TEST_F(Forced, AllThatRemainSignAndNobodyElse) {
  EXPECT_EQ(doubt(by({0, 1}, of({0, 1}))), Doubt::none);
  EXPECT_EQ(doubt(by({0, 1}, of({0, 1, 4, 5}))), Doubt::none);
  EXPECT_EQ(doubt(by({0, 1}, of({0, 1, 2}))), Doubt::not_unanimous);
  EXPECT_EQ(doubt(by({0, 1, 2}, of({0, 1}))), Doubt::not_unanimous);
  EXPECT_EQ(doubt(by({0, 1, 4}, of({0, 1, 4}))), Doubt::not_unanimous) << "4 had no vote";
  EXPECT_EQ(doubt(by({4, 5}, of({4, 5}))), Doubt::not_unanimous);
  Certificate broken = by({0, 1}, of({0, 1}));
  broken.commits[1].signature.bytes[3] ^= 1;
  EXPECT_EQ(doubt(broken), Doubt::bad_signature);
  // A quorum of the roster before does not stand in for one that remains.
  EXPECT_EQ(doubt(by({1, 2, 3}, of({0, 1, 2, 3}))), Doubt::not_unanimous);
  // What is signed as forced is nothing else.
  Certificate other = by({0, 1}, of({0, 1}));
  other.roster.front() = 1;
  EXPECT_EQ(doubt(other), Doubt::no_roster);
}

TEST_F(Forced, WhereAllWhoSignMayLieOneIsToldToFollow) {
  const Roster roster = of({0});
  const Certificate certificate = by({0}, roster);
  Rosters rosters(cluster, first);
  EXPECT_EQ(rosters.doubt_of(all.signers[0], certificate), Doubt::forced_by_few);
  EXPECT_FALSE(rosters.add(all.signers[0], certificate));
  rosters.accept(value_of(of({0, 4})));
  EXPECT_FALSE(rosters.add(all.signers[0], certificate)) << "another one is wanted";
  rosters.accept(value_of(roster));
  rosters.refuse(value_of(roster));
  EXPECT_FALSE(rosters.add(all.signers[0], certificate)) << "the operator thought again";
  rosters.accept(value_of(roster));
  EXPECT_TRUE(rosters.add(all.signers[0], certificate));
  EXPECT_TRUE(rosters.newest().forced());
  EXPECT_EQ(rosters.doubt_of(all.signers[0], certificate), Doubt::none);
  EXPECT_FALSE(rosters.add(all.signers[0], by({1, 2}, of({1, 2})))) << "never replaced";
}

}  // namespace
}  // namespace vouch::membership::forced_test
