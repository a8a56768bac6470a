// Config from TOML: what is right loads; what is wrong is named with its place and a hint, at once.
// SPDX-License-Identifier: MIT
#include <fstream>

#include "tests/paths.hpp"
#include "tests/transport/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/config.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::toml_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string key() {
  return crypto::SigningKey(crypto::random_seed()).id().hex();
}

std::vector<std::string> faults_of(const std::string& text) {
  const auto loaded = parse_toml(text, "v.toml", "/base");
  std::vector<std::string> out;
  if (loaded) return out;
  for (const ConfigFault& fault : loaded.error()) out.push_back(fault.text());
  return out;
}

TEST(Toml, AnEmptyFileIsADefaultPeer) {
  const auto loaded = parse_toml("", "v.toml", "/base");
  ASSERT_TRUE(loaded);
  Config expected;
  expected.data = "/base/data";
  EXPECT_EQ(*loaded, expected);
}

TEST(Toml, PathsAreRelativeToTheFile) {
  const auto loaded =
      parse_toml("data = \"d\"\nkey_file = \"/k\"\nlocal_socket = \"none\"\n", "v", "/base");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->data, "/base/d");
  EXPECT_EQ(loaded->key_file, "/k");
  EXPECT_EQ(loaded->local_socket, "none");
  EXPECT_EQ(loaded->resolved().local_socket, "");
}

TEST(Toml, AnUnknownKeyIsNamedWithItsPlaceAndItsLikelyMeaning) {
  EXPECT_THAT(faults_of("name = \"a\"\n  listne = \"x\"\n"),
              ElementsAre("v.toml:2:3: unknown key 'listne'; did you mean 'listen'?"));
  EXPECT_THAT(faults_of("something_else_entirely = 1\n"),
              ElementsAre("v.toml:1:1: unknown key 'something_else_entirely'"));
}

TEST(Toml, UnknownKeysOfEntriesAreFaultsToo) {
  EXPECT_THAT(faults_of("[[peers]]\nkey = \"" + key() +
                        "\"\nendpoint = \"tcp://127.0.0.1:1\"\nvotre = true\n"),
              ElementsAre("v.toml:4:1: unknown key 'votre'; did you mean 'voter'?"));
}

TEST(Toml, AllFaultsAreSaidAtOnce) {
  const auto faults = faults_of(
      "nmae = \"a\"\n"
      "lanes = \"two\"\n"
      "attest_interval_ms = -1\n"
      "listen = \"somewhere\"\n"
      "validation = {ruleset = \"agui-9\"}\n"
      "[[peers]]\n"
      "key = \"0\"\n"
      "[[observers]]\n"
      "name = \"x\"\n");
  EXPECT_THAT(faults, testing::UnorderedElementsAreArray({
                          HasSubstr("v.toml:1:1: unknown key 'nmae'; did you mean 'name'?"),
                          HasSubstr("v.toml:2:9: lanes expects a whole number"),
                          HasSubstr("v.toml:3:22: attest_interval_ms expects a whole number"),
                          HasSubstr("v.toml:7:7: key expects a key: 64 hexadecimal digits"),
                          HasSubstr("v.toml:6:1: this entry lacks 'endpoint'"),
                          HasSubstr("v.toml:8:1: this entry lacks 'key'"),
                          HasSubstr("'somewhere' is no endpoint; write tcp://host:port"),
                          HasSubstr("unknown rule set 'agui-9'; use "),
                      }));
}

TEST(Toml, FaultsOfValuesNameTheirLine) {
  EXPECT_THAT(faults_of("name = \"a\"\nlisten = \"somewhere\"\n"),
              ElementsAre(testing::StartsWith("v.toml:2:10: listen: 'somewhere' is no endpoint")));
  EXPECT_THAT(faults_of("\n\nlanes = 1000\n"),
              ElementsAre("v.toml:3:9: lanes: 1000 is out of range; use 0 to 256"));
  EXPECT_THAT(faults_of("sync = \"often\"\n"),
              ElementsAre("v.toml:1:8: sync: use auto, gossip, crdt, merkle or snapshot"));
  EXPECT_THAT(faults_of("[[peers]]\nkey = \"" + key() + "\"\nendpoint = \"here\"\n"),
              ElementsAre(testing::StartsWith("v.toml:3:12: peers[0].endpoint: 'here' is no")));
}

TEST(Toml, ValidationIsATable) {
  const auto loaded = parse_toml(
      "[validation]\n"
      "ruleset = \"agui-1.0\"\n"
      "profile = \"consumer\"\n"
      "compat = false\n"
      "overlays = [\"hygiene\", \"timing:strict\"]\n"
      "[validation.levels]\n"
      "3111 = \"off\"\n"
      "\"2033\" = \"warning\"\n"
      "run.nested-start = \"fatal\"\n"
      "\"thread.run-id-reused\" = \"fatal\"\n",
      "v.toml", "/base");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  const auto policy = loaded->validation.policy();
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->rules.id(), "agui-1.0/consumer/plain/2006=fatal");
  EXPECT_TRUE(policy->overlays.hygiene);
  EXPECT_EQ(policy->overlays.timing, validator::TimingLimits::strict());
  EXPECT_THAT(policy->levels, ElementsAre(validator::Override{2033, validator::Level::warning},
                                          validator::Override{3111, validator::Level::off}));
}

TEST(Toml, APresetIsAStartThatLevelsAndProfileChange) {
  const auto loaded = parse_toml(
      "[validation]\npreset = \"testing\"\nprofile = \"consumer\"\n"
      "[validation.levels]\n\"2010\" = \"fatal\"\n",
      "v.toml", "/base");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  const std::string id = loaded->validation.policy()->rules.id();
  EXPECT_THAT(id, testing::StartsWith("agui-1.1/consumer/compat/2001=info,"));
  EXPECT_THAT(id, testing::Not(HasSubstr("2010")));
}

TEST(Toml, EveryFaultOfValidationIsSaidWithItsPlace) {
  EXPECT_THAT(
      faults_of("[validation]\n"
                "rulset = \"agui-1.1\"\n"
                "ruleset = \"agui-9\"\n"
                "profile = \"lax\"\n"
                "compat = \"yes\"\n"
                "preset = \"prod\"\n"
                "overlays = [\"hygiene\",\n"
                "            \"higene\"]\n"
                "[validation.levels]\n"
                "text.alredy-open = \"info\"\n"
                "\"2033\" = \"loud\"\n"
                "\"3001\" = 3\n"),
      testing::UnorderedElementsAre(
          "v.toml:2:1: unknown key 'rulset'; did you mean 'ruleset'?",
          HasSubstr("v.toml:3:11: validation.ruleset: unknown rule set 'agui-9'; use "),
          HasSubstr("v.toml:4:11: validation.profile: unknown profile 'lax'; use strict or"),
          "v.toml:5:10: compat expects true or false",
          HasSubstr("v.toml:6:10: validation.preset: unknown preset 'prod'; use one of strict"),
          HasSubstr("v.toml:8:13: validation.overlays[1]: unknown overlay 'higene'; use hygiene"),
          HasSubstr("v.toml:10:6: validation.levels.text.alredy-open: unknown rule; did you mean "
                    "'text.already-open'?"),
          HasSubstr("v.toml:11:1: validation.levels.2033: unknown level 'loud'; use off"),
          HasSubstr("v.toml:12:10: 3001 expects a level in quotes")));
  EXPECT_THAT(faults_of("validation = 1\n"), ElementsAre(HasSubstr("write it as a table")));
}

TEST(Toml, WhatIsNoTomlIsNamedWithItsPlace) {
  EXPECT_THAT(faults_of("name = \"a\"\nlisten = \n"), ElementsAre(HasSubstr("v.toml:2:")));
}

TEST(Toml, KeysAreListedOnce) {
  const std::string twice = key();
  const std::string entry = "[[peers]]\nkey = \"" + twice + "\"\nendpoint = \"tcp://h:1\"\n";
  EXPECT_THAT(faults_of(entry + entry), ElementsAre(HasSubstr("this key is listed twice")));
  EXPECT_THAT(faults_of(entry + "[[observers]]\nkey = \"" + twice + "\"\n"),
              ElementsAre(HasSubstr("this key is listed twice")));
}

TEST(Toml, AMissingFileSaysHowToMakeOne) {
  const auto loaded = load_toml("/no/such/file.toml");
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().front().text(), HasSubstr("vouch-peer init"));
}

TEST(Toml, WhatIsWrittenLoadsBackEqual) {
  Config config;
  config.name = "a \"quoted\" name\n";
  config.data = "/d";
  config.key_file = "/k";
  config.lanes = 3;
  config.store_bytes_max = 1U << 30;
  config.log_bytes_kept = 1U << 20;
  config.roster = {{"a", *PeerId::from_hex(key()), "tcp://a:1", "tcp://a:9", true},
                   {"b", *PeerId::from_hex(key()), "tcp://b:1", "", false}};
  config.observers = {{"o", *PeerId::from_hex(key())}};
  const auto loaded = parse_toml(commented_config(config), "v", "/base");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  EXPECT_EQ(*loaded, config);
}

TEST(Toml, TheConfigOfThePackageLoads) {
  const auto loaded = load_toml(std::filesystem::path(paths::source) / "packaging/vouch.toml");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  EXPECT_EQ(loaded->data, "/var/lib/vouch");
}

}  // namespace
}  // namespace vouch::toml_test
