// Rosters that follow on each other: their bytes, and which certificates convince.
// SPDX-License-Identifier: MIT
#include "vouch/membership/rosters.hpp"

#include "tests/consensus/voters.hpp"
#include <gtest/gtest.h>

namespace vouch::membership::rosters_test {
namespace {

const ClusterId cluster{};

Certificate deciding(const Voters& voters, const Roster& roster, std::size_t count) {
  Certificate out = voters.certify(cluster, roster_subject(cluster), value_of(roster), count);
  out.roster = encode_roster(roster);
  return out;
}

TEST(Rosters, ARosterIsReadBackAndNothingElse) {
  const Voters all(4);
  Roster roster = all.roster.next();
  roster.list(all.signers[1].id(), 7);
  const Bytes bytes = encode_roster(roster);
  const auto read = decode_roster(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, roster);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(decode_roster(ByteView(bytes).first(i)));
  }
  Roster nobody = roster;
  for (const Signer& signer : all.signers) nobody.remove(signer.id());
  EXPECT_FALSE(decode_roster(encode_roster(nobody)));
}

TEST(Rosters, AQuorumOfTheLastOneDecidesTheNext) {
  const Voters all(5);
  Roster first = all.roster;
  first.remove(all.signers[4].id());
  Roster second = first.next();
  second.remove(all.signers[3].id());
  second.add(all.signers[4].id());
  Rosters rosters(cluster, first);
  EXPECT_FALSE(rosters.add(all.signers[0], deciding(all, second, 2)));
  Certificate bare = deciding(all, second, 3);
  bare.roster.clear();
  EXPECT_EQ(rosters.doubt_of(all.signers[0], bare), Doubt::no_roster);
  EXPECT_FALSE(rosters.add(all.signers[0], bare));
  Roster stranger = second;
  stranger.remove(all.signers[0].id());
  Certificate other = deciding(all, second, 3);
  other.roster = encode_roster(stranger);
  EXPECT_FALSE(rosters.add(all.signers[0], other));
  EXPECT_TRUE(rosters.add(all.signers[0], deciding(all, second, 3)));
  EXPECT_EQ(rosters.newest(), second);
  EXPECT_FALSE(rosters.add(all.signers[0], deciding(all, second, 3)));
  EXPECT_FALSE(rosters.add(all.signers[0], deciding(all, stranger, 3)));
  EXPECT_TRUE(rosters.contains(all.signers[3].id()));
  EXPECT_FALSE(rosters.newest().contains(all.signers[3].id()));
}

}  // namespace
}  // namespace vouch::membership::rosters_test
