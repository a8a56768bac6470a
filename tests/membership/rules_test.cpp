// Which rule set a stream is judged by: what its key says, and what rosters name.
// SPDX-License-Identifier: MIT
#include "tests/consensus/voters.hpp"
#include <gtest/gtest.h>

#include "vouch/base/stream_key.hpp"
#include "vouch/membership/roster_change.hpp"
#include "vouch/membership/rule_chain.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::membership::rules_test {
namespace {

const ClusterId cluster{};
const std::string first = "agui-1.1/strict/compat", later = "agui-1.0/strict/compat";

TEST(StreamKey, IsTheNameWhereRulesWereNeverChanged) {
  EXPECT_EQ(stream_key("t", 0), "t");
  EXPECT_EQ(parse_stream_key("t"), (StreamKey{"t", 0}));
  EXPECT_EQ(stream_name("t"), "t");
}

TEST(StreamKey, IsReadBackAndNothingElse) {
  for (const std::uint32_t epoch : {1U, 7U, 10U, 4'294'967'295U}) {
    const std::string key = stream_key("a b", epoch);
    EXPECT_EQ(parse_stream_key(key), (StreamKey{"a b", epoch}));
    EXPECT_EQ(stream_name(key), "a b");
  }
  EXPECT_EQ(stream_key("t", 12),
            "t\x1f"
            "12");
  for (const char* other : {"", "\x1f",
                            "\x1f"
                            "1",
                            "t\x1f",
                            "t\x1f"
                            "0",
                            "t\x1f"
                            "01",
                            "t\x1f-1", "t\x1f+1", "t\x1f 1",
                            "t\x1f"
                            "1 ",
                            "t\x1f"
                            "1\x1f"
                            "2",
                            "t\x1f"
                            "x",
                            "t\x1f"
                            "4294967296",
                            "t\x1f"
                            "99999999999999999999"}) {
    EXPECT_FALSE(parse_stream_key(other)) << other;
  }
}

/// A roster of epoch 1 that changes the rules.
Roster named(const Voters& all) {
  Roster roster = all.roster.next();
  roster.change_rules(later);
  return roster;
}

TEST(RulesOfARoster, ChangeItsBytesOnlyWhereTheyAreNamed) {
  const Voters all(4);
  const Roster plain = all.roster.next(), roster = named(all);
  EXPECT_EQ(encode_roster(plain).front(), 1);
  const Bytes bytes = encode_roster(roster);
  EXPECT_EQ(bytes.front(), 3);
  EXPECT_EQ(bytes.size(), encode_roster(plain).size() + 1 + later.size());
  const auto read = decode_roster(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, roster);
  EXPECT_NE(hash_of(*read), hash_of(plain));
  EXPECT_EQ(roster.next().rule_set(), "");
  Roster forced = roster;
  forced.force();
  EXPECT_EQ(encode_roster(forced).front(), 2);
}

TEST(RulesOfARoster, OfStrangersAreNotBelieved) {
  const Voters all(4);
  const Bytes good = encode_roster(named(all));
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(decode_roster(ByteView(good).first(i))) << i;
  }
  const std::size_t at = 1 + 1 + Hash::size;  // where the text begins, behind its length
  ASSERT_EQ(good[at], later.size());
  for (const std::uint8_t odd : {0x00, 0x1f, 0x20, 0x7f, 0xc3}) {
    Bytes bytes = good;
    bytes[at + 3] = odd;
    EXPECT_FALSE(decode_roster(bytes)) << int{odd};
  }
  Bytes none = good;
  none.erase(none.begin() + at + 1, none.begin() + at + 1 + std::ptrdiff_t(later.size()));
  none[at] = 0;
  EXPECT_FALSE(decode_roster(none));
  Bytes of_first = good;
  of_first[1] = 0;
  EXPECT_FALSE(decode_roster(of_first));
  for (const std::uint8_t version : {0, 1, 2, 4}) {
    Bytes bytes = good;
    bytes[0] = version;
    EXPECT_FALSE(decode_roster(bytes)) << int{version};
  }
  Roster longest = named(all);
  longest.change_rules(std::string(limits::rule_set_bytes_max, 'x'));
  EXPECT_TRUE(decode_roster(encode_roster(longest)));
}

TEST(RulesOfARoster, AreNamedByAChange) {
  const Voters all(4);
  RosterChange change;
  change.rule_set = later;
  const auto next = changed(all.roster, change);
  ASSERT_TRUE(next) << next.error().text();
  EXPECT_EQ(*next, named(all));
  for (const std::string& other : {std::string("agui 1"), std::string("a\x1f"),
                                   std::string(limits::rule_set_bytes_max + 1, 'x')}) {
    change.rule_set = other;
    EXPECT_FALSE(changed(all.roster, change)) << other;
  }
}

struct Chain : testing::Test {
  const Voters all{4};
  Rosters rosters{cluster, all.roster};
  const RuleChain rules{first, &rosters};

  void follow(const Roster& roster) {
    Statement commit;
    commit.phase = Phase::commit;
    commit.subject = roster_subject(cluster);
    commit.height = roster.epoch();
    commit.epoch = roster.epoch() - 1;
    commit.incarnation = 1;
    commit.value = value_of(roster);
    std::map<PeerId, SignedStatement> commits;
    for (std::size_t i = 0; i < 3; ++i) {
      commits[all.signers[i].id()] = sign_bundle(cluster, all.signers[i], {commit}).front();
    }
    Certificate certificate = certificate_from(commits);
    certificate.roster = encode_roster(roster);
    ASSERT_TRUE(rosters.add(all.signers[0], certificate));
  }
};

TEST_F(Chain, GivesOneAnswerForEachKey) {
  EXPECT_EQ(rules.of("t"), first);
  EXPECT_FALSE(rules.knows(stream_key("t", 1))) << "not followed yet";
  EXPECT_EQ(rules.of(stream_key("t", 1)), "");
  follow(named(all));
  EXPECT_EQ(rules.of("t"), first);
  EXPECT_EQ(rules.of(stream_key("t", 1)), later);
  Roster third = rosters.newest().next();
  third.remove(all.signers[3].id());
  follow(third);
  EXPECT_FALSE(rules.knows(stream_key("t", 2))) << "an epoch that names none";
  EXPECT_FALSE(rules.knows("t\x1fx"));
  EXPECT_EQ(rules.since(0), 0U);
  EXPECT_EQ(rules.since(1), 1U);
  EXPECT_EQ(rules.since(2), 1U);
  EXPECT_EQ(rules.in(0), first);
  EXPECT_EQ(rules.in(2), later);
}

TEST_F(Chain, WhatIsInForceIsNoChange) {
  EXPECT_TRUE(changes(rosters, rules, named(all)));
  EXPECT_FALSE(changes(rosters, rules, all.roster.next()));
  Roster same = all.roster.next();
  same.change_rules(first);
  EXPECT_FALSE(changes(rosters, rules, same));
  same.remove(all.signers[0].id());
  EXPECT_FALSE(changes(rosters, rules, same)) << "nor beside another change";
  follow(named(all));
  Roster back = rosters.newest().next();
  back.change_rules(later);
  EXPECT_FALSE(changes(rosters, rules, back));
  back.change_rules(first);
  EXPECT_TRUE(changes(rosters, rules, back));
}

}  // namespace
}  // namespace vouch::membership::rules_test
