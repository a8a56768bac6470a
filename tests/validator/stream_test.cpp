// Stories of single streams: freezing, naming, heads.
// SPDX-License-Identifier: MIT
#include "tests/validator/head_definition.hpp"
#include <gtest/gtest.h>

#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::stream_test {
namespace {

constexpr const char* start = R"({"type":"RUN_STARTED","threadId":"t","runId":"r1"})";
constexpr const char* start2 = R"({"type":"RUN_STARTED","threadId":"t","runId":"r2"})";
constexpr const char* finish = R"({"type":"RUN_FINISHED","threadId":"t","runId":"r1"})";
constexpr const char* stray = R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"x"})";
constexpr const char* custom = R"({"type":"CUSTOM","name":"a.b","value":1})";

StreamValidator fresh(std::string name = "s") {
  return StreamValidator({RuleSet{}, std::move(name)});
}

TEST(Stream, ARejectedEventFreezesItsRunUntilTheNext) {
  StreamValidator v = fresh();
  EXPECT_EQ(v.feed(start).outcome, Outcome::accepted);
  const Verdict rejected = v.feed(stray);
  EXPECT_EQ(rejected.outcome, Outcome::rejected);
  EXPECT_EQ(rejected.code, 3002);
  EXPECT_EQ(v.feed(custom).outcome, Outcome::unjudged);
  EXPECT_EQ(v.feed(custom).code, code_unjudged);
  EXPECT_EQ(v.feed(start2).outcome, Outcome::accepted);
  EXPECT_EQ(v.counts(), (Counts{2, 0, 1, 2}));
}

TEST(Stream, ClosingInARunIsTruncation) {
  StreamValidator v = fresh();
  v.feed(start);
  const Verdict verdict = v.close();
  EXPECT_EQ(verdict.index, -1);
  EXPECT_EQ(verdict.code, 2010);
  StreamValidator whole = fresh();
  whole.feed(start);
  whole.feed(finish);
  EXPECT_EQ(whole.close().outcome, Outcome::accepted);
}

TEST(Stream, AnyBytesAreLegalInput) {
  StreamValidator v = fresh();
  const std::string deep(100'000, '[');
  for (const std::string& unit :
       {std::string(), std::string("\0\0", 2), std::string("{\"type\":"), std::string("[]"), deep,
        std::string("{\"type\":1e400}"), std::string("\xff\xfe"), std::string("{}x")}) {
    const Verdict verdict = v.feed(unit);
    EXPECT_NE(verdict.outcome, Outcome::accepted);
    v.feed(start);
  }
}

TEST(Stream, UnnamedStreamsAreNamedByTheirThread) {
  StreamValidator named = fresh("t"), unnamed = fresh("");
  for (const char* event : {start, custom, finish}) {
    named.feed(event);
    unnamed.feed(event);
  }
  EXPECT_EQ(unnamed.stream(), "t");
  EXPECT_EQ(unnamed.chain().head(), named.chain().head());
}

TEST(Stream, HeadsFollowMeaningNotSpelling) {
  StreamValidator a = fresh(), b = fresh(), c = fresh();
  a.feed(R"({"type":"RUN_STARTED","threadId":"t","runId":"r","timestamp":1000})");
  b.feed(R"( {"runId":"\u0072", "timestamp":1e3,"threadId":"t","type":"RUN_STARTED"} )");
  c.feed(R"({"type":"RUN_STARTED","threadId":"t","runId":"r","timestamp":1001})");
  EXPECT_EQ(a.chain().head(), b.chain().head());
  EXPECT_NE(a.chain().head(), c.chain().head());
}

TEST(Chain, HeadsAreAsDefined) {
  Chain chain("s", "rules");
  EXPECT_EQ(chain.head(), Hash{});
  HeadsByDefinition defined("s", "rules");
  std::vector<Hash> heads;
  for (std::uint64_t i = 0; i < 2500; ++i) {
    const Entry entry{crypto::blake2b(as_bytes(std::to_string(i))),
                      static_cast<std::uint16_t>(i % 3)};
    chain.append(entry, i == 10);
    defined.append(entry, i == 10);
    heads.push_back(defined.head());
    ASSERT_EQ(chain.head(), heads.back()) << i;
  }
  EXPECT_EQ(chain.segment_first(), 11U + 2 * 1024);
  EXPECT_EQ(chain.head_at(11), heads[10]);
  EXPECT_EQ(chain.head_at(11 + 1024), heads[10 + 1024]);
  EXPECT_EQ(chain.head_at(2400), heads[2399]);
  EXPECT_EQ(chain.head_at(500), heads[499]);
  EXPECT_FALSE(chain.head_at(2501));
}

/// Entries that differ.
Entry entry_at(std::uint64_t i) {
  return {crypto::blake2b(as_bytes(std::to_string(i))), static_cast<std::uint16_t>(i % 3)};
}

TEST(Chain, KeepsTheEntriesOfSegmentsThatAreNotCertified) {
  Chain chain("s", "rules");
  std::vector<Hash> heads{Hash{}};
  for (std::uint64_t i = 0; i < 25; ++i) {
    chain.append(entry_at(i), i % 10 == 9);
    heads.push_back(chain.head());
  }
  for (const auto& [from, to] : {std::pair(0U, 10U), std::pair(3U, 7U), std::pair(10U, 11U),
                                 std::pair(19U, 20U), std::pair(20U, 25U)}) {
    const auto links = chain.links(from, to);
    ASSERT_TRUE(links) << from;
    EXPECT_EQ(links->first, from / 10 * 10);
    EXPECT_EQ(links->previous, heads[links->first]);
    EXPECT_EQ(links->size(), to);
    EXPECT_EQ(links->entries.back(), entry_at(to - 1));
    EXPECT_EQ(head_of("s", "rules", *links, to), heads[to]);
  }
  EXPECT_FALSE(chain.links(3, 3));
  EXPECT_FALSE(chain.links(3, 11)) << "beyond the end of the segment";
  EXPECT_FALSE(chain.links(20, 26)) << "beyond the stream";
  EXPECT_FALSE(chain.links(25, 26));
  EXPECT_EQ(chain.end_after(0), 10U);
  EXPECT_EQ(chain.end_after(9), 10U);
  EXPECT_EQ(chain.end_after(10), 20U);
  EXPECT_FALSE(chain.end_after(20)) << "not reached";

  chain.certified(14);
  EXPECT_FALSE(chain.links(9, 10));
  EXPECT_FALSE(chain.head_at(9));
  EXPECT_EQ(chain.head_at(10), heads[10]);
  EXPECT_TRUE(chain.links(14, 20)) << "the base lies inside of this one";
  EXPECT_EQ(chain.head_at(14), heads[14]);
  EXPECT_EQ(chain.end_after(14), 20U);
  chain.certified(25);
  EXPECT_TRUE(chain.links(24, 25)) << "the open segment stays";
}

TEST(Chain, ForgetsTheOldestEntriesAndSaysSo) {
  Chain chain("s", "rules");
  std::vector<Hash> heads{Hash{}};
  const std::uint64_t segments = 80;
  for (std::uint64_t i = 0; i < segments * limits::segment_entries_max; ++i) {
    chain.append(entry_at(i), false);
    if (chain.segment().empty()) heads.push_back(chain.head());
  }
  const std::uint64_t kept = chain.size() - Chain::closed_entries_max;
  EXPECT_TRUE(chain.links(kept, kept + 1));
  EXPECT_FALSE(chain.links(kept - 1, kept));
  EXPECT_EQ(chain.end_after(kept - 1), kept) << "ends are known for longer";
  EXPECT_FALSE(chain.end_after(limits::segment_entries_max)) << "there may have been others";
  EXPECT_EQ(chain.head_at(kept), heads[kept / limits::segment_entries_max]);

  Chain busy("s", "rules");
  for (std::uint64_t i = 0; i < 200; ++i) busy.append(entry_at(i), true);
  EXPECT_TRUE(busy.links(200 - Chain::ends_kept, 200 - Chain::ends_kept + 1));
  EXPECT_FALSE(busy.links(199 - Chain::ends_kept, 200 - Chain::ends_kept));
  EXPECT_FALSE(busy.end_after(198 - Chain::ends_kept));
}

TEST(Chain, KnowsEveryEndThatIsNotCertified) {
  Chain chain("s", "rules");
  chain.certified(0);
  for (std::uint64_t i = 0; i < 300; ++i) chain.append(entry_at(i), true);
  EXPECT_EQ(chain.end_after(0), 1U);
  EXPECT_TRUE(chain.head_at(1));
  EXPECT_TRUE(chain.links(0, 1)) << "few entries, though of many segments";
  chain.certified(200);
  EXPECT_FALSE(chain.head_at(200)) << "certified, and older than the last ones";
  EXPECT_TRUE(chain.head_at(201));
  EXPECT_FALSE(chain.end_after(199)) << "there may have been others";
  EXPECT_EQ(chain.end_after(200), 201U);
  chain.certified(300);
  EXPECT_TRUE(chain.head_at(301 - Chain::ends_kept));
}

TEST(Chain, IsFullWhenNobodyCertifies) {
  Chain chain("s", "rules");
  chain.certified(0);
  while (!chain.full()) chain.append(entry_at(chain.size()), true);
  EXPECT_EQ(chain.size(), Chain::ends_max);
  EXPECT_EQ(chain.end_after(0), 1U);
  chain.certified(1);
  EXPECT_FALSE(chain.full());
}

TEST(Chain, ANameForgetsWhatWasHashedWithoutIt) {
  Chain chain("", "rules");
  chain.append(entry_at(0), true);
  chain.append(entry_at(1), false);
  chain.rename("s");
  EXPECT_FALSE(chain.links(0, 1));
  ASSERT_TRUE(chain.links(1, 2));
  EXPECT_EQ(head_of("s", "rules", *chain.links(1, 2), 2), chain.head());
}

}  // namespace
}  // namespace vouch::validator::stream_test
