// Receipts: what verifies, and that every change of what they rest on is refused.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/receipt.hpp"

#include "tests/consensus/voters.hpp"
#include <gtest/gtest.h>

#include "vouch/base/stream_key.hpp"

namespace vouch::consensus::receipt_test {
namespace {

ClusterId cluster_of(std::uint8_t byte) {
  ClusterId out;
  out.bytes.fill(byte);
  return out;
}
const ClusterId cluster = cluster_of(7);

const std::vector<std::string> events{
    R"({"type":"RUN_STARTED","threadId":"s","runId":"r"})",
    R"({"type":"TEXT_MESSAGE_START","messageId":"m","role":"assistant"})",
    R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"x"})",
    R"({"type":"TEXT_MESSAGE_END","messageId":"m"})",
    R"({"type":"RUN_FINISHED","threadId":"s","runId":"r"})",
};

struct Receipts : ::testing::Test {
  const Voters voters{4};
  const Electorate electorate{cluster, voters.roster};

  Receipt receipt(std::size_t commits, bool closed = true) const {
    Receipt out{cluster, "s", validator::RuleSet{}.id(), {}};
    validator::Options options;
    options.stream = "s";
    validator::StreamValidator fold(options);
    for (const std::string& event : events) fold.feed(event);
    if (closed) fold.close();
    const Value value{fold.size(), fold.chain().head(), 0};
    out.certificate = voters.certify(cluster, stream_subject(cluster, "s"), value, commits);
    return out;
  }
  Flaw verify(const Receipt& receipt) const {
    return verify_receipt(receipt, electorate, voters.signers[0]);
  }
  static Flaw fold(const Receipt& receipt, const std::vector<std::string>& units) {
    auto check = EventCheck::begin(receipt);
    EXPECT_TRUE(check.has_value());
    for (const std::string& unit : units) check->feed(unit);
    return check->finish();
  }
};

TEST_F(Receipts, AQuorumConvincesAndFewerDoNot) {
  EXPECT_EQ(verify(receipt(4)), Flaw::none);
  EXPECT_EQ(verify(receipt(3)), Flaw::none);
  EXPECT_EQ(verify(receipt(2)), Flaw::too_few);
}

TEST_F(Receipts, OfLaterRulesAreThoseThatTheRosterOfTheKeyNames) {
  Receipt later = receipt(3);
  EXPECT_EQ(rules_epoch(later), 0U);
  membership::Roster naming = voters.roster.next();
  naming.change_rules(later.rule_set);
  EXPECT_EQ(check_rules(later, naming), Flaw::other_rules) << "it began before";
  later.stream = stream_key("s", 1);
  later.certificate.epoch = 1;
  EXPECT_EQ(rules_epoch(later), 1U);
  EXPECT_EQ(check_rules(later, naming), Flaw::none);
  EXPECT_EQ(read_receipt(write_receipt(later)).value(), later);
  EXPECT_EQ(check_rules(later, naming.next()), Flaw::other_rules);
  later.rule_set = "agui-1.0/strict/compat";
  EXPECT_EQ(check_rules(later, naming), Flaw::other_rules);
  later.rule_set = naming.rule_set();
  later.certificate.epoch = 0;
  EXPECT_EQ(check_rules(later, naming), Flaw::other_rules) << "nobody knew them then";
  later.stream = "s\x1f";
  EXPECT_FALSE(rules_epoch(later));
}

TEST_F(Receipts, TextRoundTrip) {
  const Receipt one = receipt(3);
  EXPECT_EQ(read_receipt(write_receipt(one)).value(), one);
  const std::string text = write_receipt(one);
  for (const std::string_view cut : {"", "{}", "[]", "{\"form\":\"vouch-receipt-1\"}"}) {
    EXPECT_FALSE(read_receipt(cut).has_value()) << cut;
  }
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_FALSE(read_receipt(std::string_view(text).substr(0, size)).has_value()) << size;
  }
}

TEST_F(Receipts, EveryBitOfTheCertificateCounts) {
  const Receipt good = receipt(3);
  const Bytes bytes = encode_certificate(good.certificate);
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 3) {
    Bytes bent = bytes;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1U << bit % 8));
    auto certificate = decode_certificate(bent);
    if (!certificate) continue;
    Receipt other = good;
    other.certificate = std::move(*certificate);
    EXPECT_NE(verify(other), Flaw::none) << bit;
  }
}

TEST_F(Receipts, AnotherClusterStreamOrRosterIsRefused) {
  const Receipt good = receipt(3);
  Receipt other = good;
  other.cluster = cluster_of(8);
  EXPECT_EQ(verify(other), Flaw::other_cluster);
  EXPECT_EQ(verify_receipt(other, {other.cluster, voters.roster}, voters.signers[0]),
            Flaw::other_stream);
  other = good;
  other.stream = "t";
  EXPECT_EQ(verify(other), Flaw::other_stream);

  const auto with = [&](const membership::Roster& roster) {
    return verify_receipt(good, {cluster, roster}, voters.signers[0]);
  };
  const std::vector<PeerId>& all = voters.roster.voters();
  EXPECT_EQ(with({all, 1}), Flaw::other_epoch);
  EXPECT_EQ(with({{voters.signers[1].id(), voters.signers[2].id(), voters.signers[3].id()}, 0}),
            Flaw::not_a_voter);
  EXPECT_EQ(with(Voters(7).roster), Flaw::too_few);
  membership::Roster reborn = voters.roster;
  reborn.list(voters.signers[2].id(), 2);
  EXPECT_EQ(with(reborn), Flaw::not_a_voter);
}

TEST_F(Receipts, ACommitThatWasMovedOrCopiedIsRefused) {
  Receipt other = receipt(3);
  std::swap(other.certificate.commits[0].signature, other.certificate.commits[1].signature);
  EXPECT_EQ(verify(other), Flaw::bad_signature);
  other = receipt(3);
  other.certificate.commits[1] = other.certificate.commits[0];
  EXPECT_EQ(verify(other), Flaw::not_a_voter);
  other = receipt(3);
  other.certificate.view = 1;
  EXPECT_EQ(verify(other), Flaw::bad_signature);
}

TEST_F(Receipts, TheEventsFoldToTheCertifiedHead) {
  EXPECT_EQ(fold(receipt(3), events), Flaw::none);
  EXPECT_EQ(fold(receipt(3, false), events), Flaw::none);
  auto more = events;
  more.push_back("{}");
  EXPECT_EQ(fold(receipt(3, false), more), Flaw::none) << "a certified prefix";
  EXPECT_EQ(fold(receipt(3), more), Flaw::head_differs) << "it was closed there";
}

TEST_F(Receipts, TamperedEventsAreRefused) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto bent = events;
    bent[i].insert(bent[i].size() - 1, R"(,"name":"x")");
    EXPECT_EQ(fold(receipt(3), bent), Flaw::head_differs) << i;
    bent = events;
    bent.erase(bent.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(fold(receipt(3), bent), Flaw::none) << i;
  }
  EXPECT_EQ(fold(receipt(3), {}), Flaw::events_missing);
  Receipt other = receipt(3);
  other.rule_set = "agui-1.0";
  EXPECT_EQ(fold(other, events), Flaw::head_differs) << "the rule set is part of the head";
}

TEST_F(Receipts, ARuleSetThatIsNotHereIsSaid) {
  Receipt other = receipt(3);
  other.rule_set = "agui-9";
  EXPECT_FALSE(EventCheck::begin(other).has_value());
  other.rule_set += "1.1";
  EXPECT_FALSE(EventCheck::begin(other).has_value());
  other.rule_set = validator::RuleSet{.custom = {"acme.no-secrets@1"}}.id();
  EXPECT_NE(EventCheck::begin(other).error().detail.find("acme.no-secrets@1"), std::string::npos);
}

}  // namespace
}  // namespace vouch::consensus::receipt_test
