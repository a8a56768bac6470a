// Stories of single streams: freezing, naming, heads.
// SPDX-License-Identifier: MIT
#include "tests/validator/head_definition.hpp"
#include <gtest/gtest.h>

#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator {
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
  EXPECT_FALSE(chain.head_at(500));
  EXPECT_FALSE(chain.head_at(2501));
}

}  // namespace
}  // namespace vouch::validator
