// vouch-dump roster, receipt and verify as processes, on dumps and receipts made here.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/receipt.hpp"

#include "tests/consensus/voters.hpp"
#include "tests/tools/validating.hpp"
#include "tools/roster_file.hpp"

#include "vouch/schemas/json_write.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::tools::receipt_test {
namespace {

using json::Array;
using json::Object;

const std::string events = join({start, finish});

struct ReceiptCommands : ::testing::Test {
  const Voters voters{4};
  const ClusterId cluster = sync::cluster_id("c");
  const TemporaryFolder folder;
  const std::string roster = file("roster.json", json::to_text(roster_json({"c", voters.roster})));
  const std::string told = file("events.jsonl", events);

  std::string file(const std::string& name, std::string_view content) const {
    return write_file(folder.path / name, content);
  }
  /// Of the stream as it stands open (height 1) and closed.
  Certificate certificate(std::uint32_t height, std::size_t commits = 3) const {
    validator::Options options;
    options.stream = "t";
    validator::StreamValidator fold(options);
    fold.feed(start.substr(0, start.size() - 1));
    fold.feed(finish.substr(0, finish.size() - 1));
    if (height > 1) fold.close();
    const Value value{fold.size(), fold.chain().head(), 0};
    return voters.certify(cluster, stream_subject(cluster, "t"), value, commits, height);
  }
  /// A dump of a peer that holds two certificates and has written nothing of itself yet.
  std::string dump(const std::string& rules = validator::RuleSet{}.id()) const {
    Array certificates;
    for (const std::uint32_t height : {1U, 2U}) {
      certificates.push_back(
          Object{{"stream", std::string("t")},
                 {"height", std::uint64_t{height}},
                 {"certificate", to_hex(encode_certificate(certificate(height)))}});
    }
    return file("dump.json", json::to_text(Object{{"peer", std::string("me")},
                                                  {"cluster", std::string("c")},
                                                  {"members", Array{}},
                                                  {"rule_set", rules},
                                                  {"roster", roster_json({"c", voters.roster})},
                                                  {"certificates", std::move(certificates)}}));
  }
  std::string receipt(std::vector<std::string> more = {}) const {
    const std::string out = (folder.path / "t.receipt").string();
    std::vector<std::string> words{"receipt", "t", "--peer", dump(), "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = run("vouch-dump", words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return out;
  }
  Ran verify(const std::string& receipt, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"verify", receipt, "--roster", roster};
    words.insert(words.end(), more.begin(), more.end());
    return run("vouch-dump", words);
  }
};

TEST_F(ReceiptCommands, WhatAPeerHoldsIsTakenAndVerified) {
  const Ran ran = verify(receipt(), {"--events", told});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("valid: 3 of 4 voters certified the first 3 entries of t"),
            std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("2 folded with the close mark, to the certified head"), std::string::npos)
      << ran.out;
  EXPECT_EQ(verify(receipt({"--height", "1"}), {"--events", told}).code, 0);
}

TEST_F(ReceiptCommands, JsonSaysTheSame) {
  const auto valid = json::parse(verify(receipt(), {"--json", "--events", told}).out);
  ASSERT_TRUE(valid);
  EXPECT_TRUE(flag(*valid, "valid"));
  EXPECT_EQ(number(*valid, "size"), 3U);
  EXPECT_EQ(number(*valid, "q"), 3U);
  EXPECT_EQ(list(*valid, "voters").size(), 3U);
  const std::string others = file("others.jsonl", join({start, stray, finish}));
  const Ran ran = verify(receipt(), {"--json", "--events", others});
  EXPECT_EQ(ran.code, 1);
  const auto other = json::parse(ran.out);
  ASSERT_TRUE(other);
  EXPECT_FALSE(flag(*other, "valid"));
  EXPECT_NE(text(*other, "reason").find("do not fold"), std::string::npos);
}

TEST_F(ReceiptCommands, WhatDoesNotConvinceIsNotValid) {
  consensus::Receipt few{cluster, "t", validator::RuleSet{}.id(), certificate(1, 2)};
  const Ran ran = verify(file("few.receipt", consensus::write_receipt(few)));
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.out.find("not valid: fewer voters than a quorum signed"), std::string::npos);
  EXPECT_EQ(verify(receipt(), {"--events", file("none.jsonl", "")}).code, 1);
}

/// 512 runs of two events, behind which the state is hashed.
TEST_F(ReceiptCommands, ACertifiedStateIsComputedAgain) {
  std::string long_run;
  validator::StreamValidator fold({.stream = "t"});
  for (int run = 0; run < 512; ++run) {
    for (const char* type : {"RUN_STARTED", "RUN_FINISHED"}) {
      const auto event = fmt::format(R"({{"type":"{}","threadId":"t","runId":"r{}"}})", type, run);
      fold.feed(event);
      long_run += event + "\n";
    }
  }
  const auto checked = [&](const std::optional<Hash>& state) {
    const Value value{fold.size(), fold.chain().head(), 0, state};
    const consensus::Receipt receipt{
        cluster, "t", validator::RuleSet{}.id(),
        voters.certify(cluster, stream_subject(cluster, "t"), value, 3)};
    const std::string at = file("long.receipt", consensus::write_receipt(receipt));
    return verify(at, {"--events", file("long.jsonl", long_run)});
  };
  const auto state = fold.state_at(1024);
  ASSERT_TRUE(state);
  const Ran same = checked(state);
  EXPECT_EQ(same.code, 0) << same.err;
  EXPECT_NE(same.out.find("to the certified head and state"), std::string::npos) << same.out;
  EXPECT_NE(same.out.find(state->hex()), std::string::npos) << same.out;
  const Ran other = checked(Hash{{7}});
  EXPECT_EQ(other.code, 0) << "its events are certified all the same";
  EXPECT_NE(other.out.find("but not to the certified state"), std::string::npos) << other.out;
  EXPECT_EQ(checked(std::nullopt).out.find("state"), std::string::npos);
}

TEST_F(ReceiptCommands, ADumpWithoutARuleSetMakesNoReceipt) {
  const std::string out = (folder.path / "t.receipt").string();
  const Ran ran = run("vouch-dump", {"receipt", "t", "--peer", dump(""), "--out", out});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("does not say which rule set"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(ReceiptCommands, AConfigIsARosterToo) {
  std::string config = "cluster = \"c\"\n";
  for (const Ed25519Signer& signer : voters.signers) {
    config += fmt::format("[[peers]]\nname = \"{}\"\nkey = \"{}\"\nendpoint = \"tcp://h:1\"\n",
                          signer.id().short_hex(), signer.id().hex());
  }
  const std::string toml = file("vouch.toml", config);
  const Ran ran = run("vouch-dump", {"verify", receipt(), "--roster", toml});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
}

TEST_F(ReceiptCommands, TheRosterOfADumpIsWhatVerifyReads) {
  const Ran ran = run("vouch-dump", {"roster", dump()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(verify(receipt(), {"--roster", file("again.json", ran.out)}).code, 2) << "given twice";
  EXPECT_EQ(run("vouch-dump", {"verify", receipt(), "--roster", file("again.json", ran.out)}).code,
            0);
}

TEST_F(ReceiptCommands, WhatCannotRunIsSaid) {
  const std::string good = receipt();
  EXPECT_EQ(run("vouch-dump", {"receipt", "other", "--peer", dump()}).code, 1);
  EXPECT_EQ(run("vouch-dump", {"receipt", "t", "--peer", dump(), "--height", "7"}).code, 1);
  EXPECT_EQ(run("vouch-dump", {"receipt", "t", "--peer", "/nowhere"}).code, 2);
  EXPECT_EQ(run("vouch-dump", {"verify", good}).code, 2);
  EXPECT_EQ(run("vouch-dump", {"verify", told, "--roster", roster}).code, 2);
  EXPECT_EQ(run("vouch-dump", {"verify", good, "--roster", told}).code, 2);
  EXPECT_EQ(run("vouch-dump", {"roster", file("empty.json", "{}")}).code, 2);
  EXPECT_EQ(verify(good, {"--events", "/nowhere"}).code, 2);
  for (const char* command : {"roster", "receipt", "verify"}) {
    const Ran help = run("vouch-dump", {command, "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.out.find("xit codes"), std::string::npos) << help.out;
  }
}

}  // namespace
}  // namespace vouch::tools::receipt_test
