// Exit codes, help and refusals of every command.
// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/tools/process.hpp"
#include "tests/transport/temporary_folder.hpp"
#include <gtest/gtest.h>

namespace vouch::tools::commands_test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

std::string contents(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

fs::perms mode(const fs::path& file) {
  return fs::status(file).permissions();
}

TEST(Commands, EveryHelpShowsExamplesAndExitCodes) {
  const std::vector<std::pair<std::string, Words>> commands{{"vouch-peer", {}},
                                                            {"vouch-peer", {"init"}},
                                                            {"vouch-peer", {"keygen"}},
                                                            {"vouch-peer", {"run"}},
                                                            {"vouch-peer", {"submit"}},
                                                            {"vouch-peer", {"validate"}},
                                                            {"vouch-peer", {"rules"}},
                                                            {"vouch-peer", {"demo"}},
                                                            {"vouch-dump", {}},
                                                            {"vouch-dump", {"diff"}},
                                                            {"vouch-dump", {"proof"}},
                                                            {"vouch-dump", {"disputes"}},
                                                            {"vouch-dump", {"health"}},
                                                            {"vouch-dump", {"metrics"}},
                                                            {"vouch-dump", {"graph"}},
                                                            {"vouch-dump", {"verify"}},
                                                            {"vouch-dump", {"roster"}},
                                                            {"vouch-peer", {"roster"}},
                                                            {"vouch-peer", {"roster", "show"}},
                                                            {"vouch-peer", {"roster", "add"}},
                                                            {"vouch-peer", {"roster", "remove"}},
                                                            {"vouch-peer", {"roster", "replace"}},
                                                            {"vouch-peer", {"roster", "renew"}}};
  for (auto [program, arguments] : commands) {
    arguments.push_back("--help");
    const Ran ran = run(program, arguments);
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.out.find("Example"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("xit code"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.err, "");
  }
}

TEST(Commands, UnknownWordsAreRefusedByName) {
  const std::vector<std::pair<std::string, Words>> commands{
      {"vouch-peer", {"--wrong"}},
      {"vouch-peer", {"wrong"}},
      {"vouch-peer", {"init", "--wrong", "x"}},
      {"vouch-peer", {"keygen", "--wrong", "x"}},
      {"vouch-peer", {"run", "--wrong", "x"}},
      {"vouch-peer", {"submit", "--peer", "x", "--stream", "s", "--wrong"}},
      {"vouch-peer", {"rules", "--wrong"}},
      {"vouch-peer", {"demo", "--wrong"}},
      {"vouch-dump", {"--wrong"}},
      {"vouch-dump", {"diff", "a", "b", "--wrong"}},
      {"vouch-dump", {"proof", "--wrong"}}};
  for (const auto& [program, arguments] : commands) {
    const Ran ran = run(program, arguments);
    EXPECT_EQ(ran.code, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find("wrong"), std::string::npos) << ran.err;
  }
}

TEST(Commands, AMistypedWordIsGuessed) {
  EXPECT_NE(run("vouch-peer", {"validat", "x"}).err.find("did you mean validate?"),
            std::string::npos);
  EXPECT_NE(run("vouch-peer", {"run", "--confg", "x"}).err.find("did you mean --config?"),
            std::string::npos);
}

TEST(Commands, WhatIsMissingIsSaid) {
  EXPECT_EQ(run("vouch-peer", {}).code, 2);
  EXPECT_EQ(run("vouch-peer", {"init"}).code, 2);
  EXPECT_EQ(run("vouch-peer", {"keygen"}).code, 2);
  EXPECT_EQ(run("vouch-peer", {"run"}).code, 2);
  EXPECT_EQ(run("vouch-peer", {"submit", "--stream", "s"}).code, 2);
  EXPECT_EQ(run("vouch-dump", {}).code, 2);
  EXPECT_EQ(run("vouch-dump", {"diff", "one"}).code, 2);
}

TEST(Commands, VersionsAreOneLine) {
  EXPECT_EQ(run("vouch-peer", {"--version"}).out, "vouch-peer 0.1.0\n");
  EXPECT_EQ(run("vouch-dump", {"--version"}).out, "vouch-dump 0.1.0\n");
}

TEST(Commands, InitWritesAConfigThatRunAccepts) {
  const TemporaryFolder folder;
  const fs::path made = folder.path / "peer";
  const Ran first = run("vouch-peer", {"init", made.string(), "--name", "n1"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(first.out.size(), 65U);
  EXPECT_EQ(mode(made), fs::perms::owner_all);
  EXPECT_EQ(mode(made / "peer.key"), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_NE(contents(made / "vouch.toml").find("'n1'"), std::string::npos);
  EXPECT_EQ(run("vouch-peer", {"keygen", "--show", (made / "peer.key").string()}).out, first.out);
  const Ran checked =
      run("vouch-peer", {"run", "--check", "--config", (made / "vouch.toml").string()});
  EXPECT_EQ(checked.code, 0) << checked.err;
}

TEST(Commands, InitNeverOverwritesUnasked) {
  const TemporaryFolder folder;
  const std::string made = (folder.path / "peer").string();
  const Ran first = run("vouch-peer", {"init", made});
  const std::string config = contents(made + "/vouch.toml");
  const Ran second = run("vouch-peer", {"init", made, "--name", "other"});
  EXPECT_EQ(second.code, 2);
  EXPECT_NE(second.err.find("--force"), std::string::npos);
  EXPECT_EQ(contents(made + "/vouch.toml"), config);
  const Ran forced = run("vouch-peer", {"init", made, "--name", "other", "--force"});
  EXPECT_EQ(forced.code, 0);
  EXPECT_EQ(forced.out, first.out) << "the key stays";
  EXPECT_NE(contents(made + "/vouch.toml"), config);
}

TEST(Commands, CheckSaysEveryFaultWithItsPlace) {
  const TemporaryFolder folder;
  const std::string config = write_file(folder.path / "vouch.toml", "nmae = \"x\"\nlisten = 7\n");
  const Ran ran = run("vouch-peer", {"run", "--check", "--config", config});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("vouch.toml:1:1"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("vouch.toml:2:"), std::string::npos) << ran.err;
  EXPECT_EQ(run("vouch-peer", {"run", "--check", "--config", "/nowhere.toml"}).code, 2);
}

TEST(Commands, KeygenMakesAKeyOnce) {
  const TemporaryFolder folder;
  const std::string file = (folder.path / "k").string();
  const Ran first = run("vouch-peer", {"keygen", file});
  EXPECT_EQ(first.code, 0);
  EXPECT_EQ(first.out.size(), 65U);
  const std::string key = contents(file);
  EXPECT_EQ(run("vouch-peer", {"keygen", file}).code, 2);
  EXPECT_EQ(contents(file), key);
  EXPECT_EQ(run("vouch-peer", {"keygen", "--show", file}).out, first.out);
  EXPECT_EQ(run("vouch-peer", {"keygen", file, "--show", file}).code, 2);
  EXPECT_EQ(run("vouch-peer", {"keygen", "--show", file + ".absent"}).code, 2);
}

}  // namespace
}  // namespace vouch::tools::commands_test
