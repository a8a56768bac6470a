// Streams of one name under two rule sets: which one a submitter means, and what is not judged.
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "vouch/base/stream_key.hpp"
#include "vouch/ingest/stream_table.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::ingest::rules_test {
namespace {

/// Rejected under the first rules, since no run was started, and not under the later ones.
const std::string event = R"({"type":"TEXT_MESSAGE_START","messageId":"m","role":"assistant"})";
const std::vector<std::string> events{event};
const std::string later = "agui-1.1/strict/compat/2001=info";
const std::string later_t = stream_key("t", 3);

using validator::Outcome;

struct Rules : testing::Test {
  StreamTable table{validator::Policy{}, TableLimits{}};

  Outcome submit(const std::string& name) {
    const auto taken = table.submit(name, event, std::nullopt);
    EXPECT_TRUE(taken) << taken.error().text();
    return taken ? taken->verdicts.front().outcome : Outcome::unjudged;
  }
};

TEST_F(Rules, AStreamGoesOnAsItBegan) {
  EXPECT_EQ(submit("t"), Outcome::rejected);
  table.follow_rules(3, later);
  EXPECT_EQ(submit("t"), Outcome::unjudged) << "it is frozen by what was rejected";
  EXPECT_EQ(table.key_of("t"), "t");
  EXPECT_EQ(table.position("t").first, 2U);
  EXPECT_EQ(submit("u"), Outcome::accepted);
  EXPECT_EQ(table.key_of("u"), stream_key("u", 3));
  EXPECT_EQ(table.position("u").first, 1U);
  EXPECT_TRUE(table.tip(stream_key("u", 3)));
  EXPECT_FALSE(table.tip("u"));
  ASSERT_TRUE(table.close("t"));
  EXPECT_EQ(table.submit("t", event, std::nullopt).error().code, Errc::not_allowed)
      << "a name is used once, whatever the rules";
}

TEST_F(Rules, HeadsOfTwoRuleSetsDiffer) {
  table.follow_rules(3, later);
  table.push("t", 0, events, false);
  table.push(later_t, 0, events, false);
  const auto one = table.tip("t"), other = table.tip(later_t);
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->head, other->head);
  EXPECT_EQ(one->summary.rejected, 1U);
  EXPECT_EQ(other->summary.rejected, 0U);
  const auto links = table.links(later_t, 0, 1);
  ASSERT_TRUE(links);
  EXPECT_EQ(validator::head_of(later_t, later, *links, 1), other->head);
}

TEST_F(Rules, ASubmitterKeepsTheStreamThatItBegan) {
  table.follow_rules(3, later);
  EXPECT_EQ(submit("t"), Outcome::accepted);
  table.push("t", 0, events, false);  // somebody else's submitter began it before the change
  EXPECT_EQ(table.key_of("t"), later_t);
  StreamTable again{validator::Policy{}, TableLimits{}};
  again.follow_rules(3, later);
  again.restore("t", {}, events, false, false);
  EXPECT_EQ(again.key_of("t"), "t") << "the oldest that others began";
  again.restore(later_t, {}, events, false, true);
  EXPECT_EQ(again.key_of("t"), later_t);
}

TEST_F(Rules, WhatIsNotKnownYetIsNotJudged) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(table.push(later_t, 0, events, false).full);
  EXPECT_FALSE(table.judges(later_t));
  EXPECT_FALSE(table.rebase(later_t, {}, events, false));
  EXPECT_FALSE(table.fold(later_t, {}, events, false, 0));
  table.restore(later_t, {}, events, false, true);
  EXPECT_EQ(table.open_streams(), 0U);
  EXPECT_FALSE(table.has_news());
  table.follow_rules(3, later);
  EXPECT_TRUE(table.judges(later_t));
  EXPECT_EQ(table.push(later_t, 0, events, false).next, 1U);
  for (const char* key : {"t\x1f",
                          "t\x1f"
                          "4",
                          "t\x1f"
                          "03",
                          "\x1f"
                          "3"}) {
    EXPECT_TRUE(table.push(key, 0, events, false).full) << key;
  }
}

TEST_F(Rules, ANameDoesNotLookLikeAKey) {
  table.follow_rules(3, later);
  EXPECT_EQ(table.submit(later_t, event, std::nullopt).error().code, Errc::malformed);
  EXPECT_EQ(table.close(later_t).error().code, Errc::malformed);
  const std::string long_name(limits::stream_name_bytes_max, 'n');
  EXPECT_EQ(table.submit(long_name, event, std::nullopt).error().code, Errc::too_large);
  EXPECT_EQ(table.close(long_name).error().code, Errc::too_large);
  EXPECT_TRUE(table.submit(long_name.substr(0, 245), event, std::nullopt));
}

TEST_F(Rules, WhoCannotRunThemGoesOnWithTheOldStreams) {
  EXPECT_EQ(submit("t"), Outcome::rejected);
  table.follow_rules(3, "agui-1.1/strict/compat/+acme.no-secrets@1");
  EXPECT_EQ(submit("t"), Outcome::unjudged);
  const auto begun = table.submit("u", event, std::nullopt);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Errc::invalid_config);
  EXPECT_NE(begun.error().detail.find("acme.no-secrets@1"), std::string::npos);
  EXPECT_TRUE(table.push(stream_key("u", 3), 0, events, false).full);
  EXPECT_EQ(table.position("u"), std::pair(std::uint64_t{0}, false));
}

}  // namespace
}  // namespace vouch::ingest::rules_test
