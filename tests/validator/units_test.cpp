// Bytes to units: three formats, told apart, and the same units however the bytes are cut.
// SPDX-License-Identifier: MIT
#include "vouch/validator/units.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::validator::units_test {
namespace {

struct Got {
  std::string text;
  Unit::State state;
  std::uint64_t line;
  std::string fault;
  bool operator==(const Got&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Got& got) {
  return out << "{" << got.text << " state " << int(got.state) << " line " << got.line << "}";
}

/// All units of `input`, fed in pieces of the given sizes, which repeat.
std::vector<Got> split(std::string_view input, const std::vector<std::size_t>& sizes) {
  UnitSplitter splitter;
  std::vector<Got> out;
  const auto keep = [&out](const Unit& unit) {
    out.push_back({std::string(unit.text), unit.state, unit.line, std::string(unit.fault)});
  };
  for (std::size_t i = 0; !input.empty(); ++i) {
    std::string_view piece = input.substr(0, sizes[i % sizes.size()]);
    input.remove_prefix(piece.size());
    while (auto unit = splitter.next(piece)) keep(*unit);
    EXPECT_TRUE(piece.empty());
  }
  while (auto unit = splitter.finish()) keep(*unit);
  return out;
}

std::vector<Got> split(std::string_view input) {
  return split(input, {1U << 20});
}

using Texts = std::vector<std::string>;

/// The texts of whole units; another kind of unit fails the test.
Texts texts(std::string_view input) {
  Texts out;
  for (const Got& got : split(input)) {
    EXPECT_EQ(got.state, Unit::State::whole) << got;
    out.push_back(got.text);
  }
  return out;
}

TEST(Units, JsonLinesWithBlankLinesAndAnyLineEnd) {
  EXPECT_EQ(texts("{\"a\":1}\n\n \t\r\n{\"b\":2}\r\n{\"c\"}"),
            (Texts{"{\"a\":1}", "{\"b\":2}", "{\"c\"}"}));
  EXPECT_EQ(texts(""), Texts{});
  EXPECT_EQ(texts(" \n\r\n"), Texts{});
  EXPECT_EQ(split("\n\n{}\n\n5")[1].line, 5U);
}

TEST(Units, AByteOrderMarkStaysInJsonLinesAndGoesFromSse) {
  EXPECT_EQ(texts("\xEF\xBB\xBF{}\n{}"), (Texts{"\xEF\xBB\xBF{}", "{}"}));
  EXPECT_EQ(texts("\xEF\xBB\xBF[{}]"), Texts{"\xEF\xBB\xBF[{}]"});
  EXPECT_EQ(texts("\xEF\xBB\xBF"
                  "data: {}\n\n"),
            Texts{"{}"});
  EXPECT_EQ(texts("\xEF\xBB"), Texts{"\xEF\xBB"});
}

TEST(Units, OneArray) {
  EXPECT_EQ(texts("[]"), Texts{});
  EXPECT_EQ(texts(" \n[ \n ] \n"), Texts{});
  EXPECT_EQ(texts("[{\"a\":[1,\"]\\\"}\"]} ,\n5, \"x\",[],null]\n"),
            (Texts{"{\"a\":[1,\"]\\\"}\"]}", "5", "\"x\"", "[]", "null"}));
}

TEST(Units, WhatOnlyStartsWithABracketIsJsonLines) {
  EXPECT_EQ(texts("[1]\n{}"), (Texts{"[1]", "{}"}));
  EXPECT_EQ(texts("[]\n{}"), (Texts{"[]", "{}"}));
  EXPECT_EQ(texts("[\"x\"]"), Texts{"[\"x\"]"});
}

TEST(Units, ABrokenArrayGivesOneLastUnit) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[{},", ""},        {"[{}", ""},    {"[{},{\"a\":\"x", "{\"a\":\"x"},
      {"[{} {},{}]", ""},  {"[{},]", ""},  {"[{},,{}]", ""},
      {"[{}] {}\n{}", ""}, {"[{},12", ""}, {"[", ""},
      {"[{}]]", ""}};
  for (const auto& [input, text] : cases) {
    const auto got = split(input);
    ASSERT_FALSE(got.empty()) << input;
    EXPECT_EQ(got.back().state, Unit::State::fault) << input;
    EXPECT_EQ(got.back().text, text) << input;
    EXPECT_FALSE(got.back().fault.empty()) << input;
    EXPECT_FALSE(json::parse(got.back().text)) << input;
    for (std::size_t i = 0; i + 1 < got.size(); ++i) EXPECT_EQ(got[i].state, Unit::State::whole);
  }
}

TEST(Units, Sse) {
  EXPECT_EQ(texts(": hello\n\nevent: x\nid: 1\ndata: {\"a\":\ndata:1}\n\nretry: 5\n\ndata: {}"),
            (Texts{"{\"a\":\n1}", "{}"}));
  EXPECT_EQ(texts("data:  x\r\rdata\r\n\r\ndata:\n\ndatas: no\n\n"), (Texts{" x", "", ""}));
  EXPECT_EQ(texts("\n\nid: 1\n\ndata: {}\n\n"), Texts{"{}"});
  EXPECT_EQ(texts("data"), Texts{""});
  EXPECT_EQ(split(":\r\n\r\ndata: 1\r\ndata: 2\r\n\r\ndata: 3\n\n")[1].line, 6U);
}

TEST(Units, WordsThatAreNoFieldsAreJsonLines) {
  EXPECT_EQ(texts("dat\n{}"), (Texts{"dat", "{}"}));
  EXPECT_EQ(texts("date: 1"), Texts{"date: 1"});
  EXPECT_EQ(texts(" data: 1"), Texts{" data: 1"});
}

TEST(Units, WhatIsTooLargeIsRefusedAndTheNextIsWhole) {
  const std::string fits = '"' + std::string(limits::event_bytes_max - 2, 'x') + '"';
  const std::string large = '"' + std::string(limits::event_bytes_max - 1, 'x') + '"';
  const auto check = [](const std::vector<Got>& got, std::size_t large_at) {
    ASSERT_EQ(got.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(got[i].state == Unit::State::too_large, i == large_at);
      EXPECT_EQ(got[i].text.empty(), i == large_at);
    }
  };
  check(split("{}\n" + fits + "\r\n{}"), 3);
  check(split("{}\n" + large + "\r\n{}"), 1);
  check(split("{}\n" + fits + " \r\n{}"), 1);
  check(split("[{}," + large + ",{}]", {777}), 1);
  check(split("[{}," + fits + ",{}]", {777}), 3);
  check(split("data: {}\n\ndata: " + large + "\n\ndata: {}\n\n", {777}), 1);
  check(split("data: {}\n\ndata: " + fits + "\n\ndata: {}\n\n", {777}), 3);
}

TEST(Units, BlanksAreNotHeldForEver) {
  const std::string blanks(UnitSplitter::detection_bytes_max, ' ');
  EXPECT_EQ(texts(blanks + "[{},\n{}]").size(), 2U);
  EXPECT_EQ(texts(blanks.substr(1) + "[{},\n{}]").size(), 2U);
  EXPECT_EQ(texts(std::string(3U << 20, ' ') + "\n{}"), Texts{"{}"});
}

/// Inputs from the pieces that matter to some format.
rc::Gen<std::string> any_input() {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{"{\"a\":1}",
                                                                 "{",
                                                                 "}",
                                                                 "[",
                                                                 "]",
                                                                 ",",
                                                                 "\"",
                                                                 "\\",
                                                                 "\n",
                                                                 "\r",
                                                                 "\r\n",
                                                                 "\n\n",
                                                                 " ",
                                                                 "data",
                                                                 "data:",
                                                                 "data: ",
                                                                 ":",
                                                                 "id: 1",
                                                                 "event",
                                                                 "5",
                                                                 "x",
                                                                 "\xEF\xBB\xBF",
                                                                 "\xEF",
                                                                 "\xBB",
                                                                 std::string(1, '\0')});
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string out;
                        for (const std::string& one : pieces) out += one;
                        return out;
                      });
}

RC_GTEST_PROP(Units, AreTheSameHoweverTheBytesAreCut, ()) {
  const std::string input = *any_input();
  const auto sizes = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 9)));
  RC_ASSERT(split(input, sizes) == split(input));
}

/// Events written in each format come back, whatever is between them.
RC_GTEST_PROP(Units, ComeBackFromEveryFormat, ()) {
  const auto events = *rc::gen::container<Texts>(
      rc::gen::elementOf(Texts{"{}", "{\"type\":\"CUSTOM\",\"name\":\"a\"}",
                               "{\"a\":[1,{\"b\":\"]},\\\"\"}]}", "{\"a\" :1 }"}));
  const auto gap = *rc::gen::elementOf(Texts{"", " ", "\t"});
  const auto end = *rc::gen::elementOf(Texts{"\n", "\r\n"});
  std::string lines, array = "[" + gap, sse = ": start" + end + end;
  for (const std::string& event : events) {
    lines += event + end + gap + end;
    array += (array.size() > 1 + gap.size() ? "," + end : "") + event + gap;
    sse += "id: 7" + end + "data: " + event + end + end;
  }
  RC_ASSERT(texts(lines) == events);
  RC_ASSERT(texts(array + "]" + end) == events);
  RC_ASSERT(texts(sse) == events);
}

}  // namespace
}  // namespace vouch::validator::units_test
