// Our reader against simdjson: texts that chance makes, spelled in many ways, and what is left of
// them when bytes are changed. And what simdjson does not know.
// SPDX-License-Identifier: MIT
#include <random>

#include "tests/schemas/other_reader.hpp"
#include <gtest/gtest.h>

namespace vouch::json::reader_test {
namespace {

using namespace std::string_view_literals;
using Dice = std::mt19937_64;

std::size_t below(std::size_t n, Dice& dice) {
  return dice() % n;
}

/// A JSON text, most often valid; blanks and escapes wherever they may stand.
class Writer {
 public:
  explicit Writer(Dice& dice) : dice_(dice) {}

  std::string object() {
    std::string out = blank() + "{" + blank();
    for (std::size_t i = 0, n = below(40, dice_) / (1 + below(8, dice_)); i < n; ++i) {
      if (i > 0) out += "," + blank();
      out += string() + blank() + ":" + blank() + value(0) + blank();
    }
    return out + "}" + blank();
  }

 private:
  std::string blank() {
    static const char* some[] = {" ", "\t", "\r\n", "  \n"};
    return below(12, dice_) == 0 ? some[below(4, dice_)] : "";
  }

  std::string value(int depth) {
    const std::size_t kind = below(depth > 4 ? 8 : 11, dice_);
    if (kind < 4) return string();
    if (kind < 7) return number();
    if (kind == 7) return one_of({"true", "false", "null"});
    std::string out = kind == 8 ? "[" : "{";
    for (std::size_t i = 0, n = below(5, dice_); i < n; ++i) {
      if (i > 0) out += "," + blank();
      if (kind > 8) out += string() + blank() + ":" + blank();
      out += value(depth + 1) + blank();
    }
    return out + (kind == 8 ? "]" : "}");
  }

  std::string one_of(std::initializer_list<const char*> texts) {
    return texts.begin()[below(texts.size(), dice_)];
  }

  std::string number() {
    if (below(3, dice_) > 0) {
      return one_of({"", "-"}) + std::to_string(dice_() >> below(64, dice_));
    }
    return one_of({"0",
                   "-0",
                   "1.0",
                   "1e3",
                   "-1E+2",
                   "0.1",
                   "1e400",
                   "1e-400",
                   "9007199254740993",
                   "123456789012345678",
                   "1234567890123456789",
                   "9223372036854775808",
                   "18446744073709551616",
                   "-9223372036854775809",
                   "00",
                   "1.",
                   "-",
                   "1e",
                   "+1",
                   "100000000000000000000000000000.5"});
  }

  std::string string() {
    static const char* parts[] = {"type",
                                  "a",
                                  "delta",
                                  "value of many words ",
                                  "é",
                                  "価格",
                                  "😀",
                                  "\\n",
                                  "\\\"",
                                  "\\\\",
                                  "\\/",
                                  "\\u0041",
                                  "\\u000a",
                                  "\\ud83d\\ude00",
                                  "\\b\\f\\r\\t",
                                  "\x7F",
                                  "\\uD800",
                                  "\\udc00",
                                  "\\u001F",
                                  "{[,:]}"};
    std::string out = "\"";
    for (std::size_t i = 0, n = below(9, dice_) / (1 + below(3, dice_)); i < n; ++i) {
      const std::size_t rare = below(12, dice_) == 0 ? std::size(parts) : 10;
      out += parts[below(rare, dice_)];
    }
    return out + "\"";
  }

  Dice& dice_;
};

TEST(Reader, AgreesWithSimdjson) {
  Parser parser;
  std::size_t flat = 0, refused = 0;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    Dice dice(seed);
    std::string text = Writer(dice).object();
    ASSERT_EQ(misread(text, parser), "") << text;
    flat += parser.read(text) ? 0 : parser.flat() ? 1 : 0;
    static constexpr std::string_view bytes = "{}[]\",:\\u0d8-+e. ntrue\xC3\xED\xA0\0\x01\x1F"sv;
    for (int i = 0; i < 4; ++i) {
      text[below(text.size(), dice)] = bytes[below(bytes.size(), dice)];
      if (i == 3) text.resize(below(text.size(), dice));
      ASSERT_EQ(misread(text, parser), "") << text;
      refused += parser.read(text) ? 1 : 0;
    }
  }
  EXPECT_GT(flat, 10'000);
  EXPECT_GT(refused, 10'000);
}

TEST(Reader, ReadsWhateverStandsWhereverInALongText) {
  static constexpr std::string_view parts[] = {
      R"(\n)",     R"(\")",    R"(\\)",  R"(\/)",        R"(\u0041)", R"(\ud83d\ude00)",
      R"(\ud800)", "\xC3\xA9", "\xC3",   "\xED\xA0\x80", R"(\x)",     R"(\)",
      R"(")",      "\x1F",     "\\\0"sv, R"(\\\n\"\\)"};
  Parser parser;
  std::size_t read = 0;
  for (std::size_t at = 0; at < 200; ++at) {
    for (const std::string_view part : parts) {
      for (const std::size_t rest : {std::size_t{0}, std::size_t{70}}) {
        const std::string text = "{\"delta\":\"" + std::string(at, 'x') + std::string(part) +
                                 std::string(rest, 'y') + "\",\"m\":1}";
        ASSERT_EQ(misread(text, parser), "") << text;
        read += parser.read(text) ? 0 : 1;
      }
    }
  }
  EXPECT_EQ(read, 200 * 9 * 2);
}

TEST(Reader, ReadsDecimalsAsSimdjsonDoes) {
  Parser parser;
  Dice dice(2);
  for (int round = 0; round < 100'000; ++round) {
    std::string number = std::to_string(dice() >> below(64, dice));
    if (below(4, dice) == 0) number.insert(0, below(20, dice), '0');
    if (below(4, dice) == 0) number.append(below(20, dice), '0');
    number.insert(below(number.size() + 1, dice), ".");
    if (below(20, dice) == 0) number += "e-3";
    if (below(2, dice) == 0) number.insert(0, "-");
    const std::string text = "{\"a\":" + number + ",\"b\":[" + number + "]}";
    ASSERT_EQ(misread(text, parser), "") << text;
  }
}

/// Members as a stream has them: most of a unit is as in the last one, some of it nearly.
TEST(Reader, IsNotMisledByWhatTheLastUnitsWere) {
  static constexpr std::string_view names[] = {
      R"("type":)",  R"("typ\u0065":)", R"("type" :)", R"("typf":)", R"("t\"pe":)",
      R"("delta":)", "\"t\xC3\xA9\":",  "\"t\xC3:\":", R"("type")",  R"("a:":)"};
  static constexpr std::string_view values[] = {
      R"("RUN")",
      R"("RUN1")",
      R"(" RUN")",
      R"("R\nN")",
      R"("R\u004e")",
      "\"R\xC3\xA9\"",
      "\"R\xC3\"",
      R"("RUN)",
      "12",
      "1.50",
      "null",
      "true",
      R"([1,{"a":"b"}])",
      R"("")",
      R"("a text that is longer than what is remembered of a member that was read before")"};
  Parser warm;
  Dice dice(1);
  std::size_t name = 0, value = 0, read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = "{";
    for (std::size_t i = 0, n = below(10, dice); i < n; ++i) {
      if (below(4, dice) == 0) name = below(std::size(names), dice);
      if (below(4, dice) == 0) value = below(std::size(values), dice);
      text += i > 0 ? "," : "";
      text += names[name];
      text += values[value];
    }
    text += "}";
    ASSERT_EQ(misread(text, warm), "") << text;
    read += warm.read(text) ? 0 : 1;
  }
  EXPECT_GT(read, 5'000);
  EXPECT_LT(read, 15'000);
}

TEST(Reader, KeepsTheMembersThatUnitsBeginWithInCommon) {
  Parser parser;
  const auto kept = [&](std::string_view text) {
    EXPECT_EQ(misread(text, parser), "") << text;  // reads it
    return parser.read(text) ? 100 : parser.kept();
  };
  const auto kept_behind = [&](std::string_view before, std::string_view text) {
    EXPECT_FALSE(parser.read(before));
    return parser.read(text) ? 100 : parser.kept();
  };
  const std::string_view unit = R"({"a":"x", "b":12,"c":"some text"})";
  EXPECT_EQ(kept_behind(unit, R"({"a":"x", "b":12,"c":"some other, longer text"})"), 2);
  EXPECT_EQ(kept_behind(unit, R"({"a":"x", "b":12,"d":true,"e":null})"), 2);
  EXPECT_EQ(kept_behind(unit, R"({"a":"x", "b":12 ,"c":"some text"})"), 1) << "nearly two";
  EXPECT_EQ(kept_behind(unit, R"({"a":"x", "b":1,"c":"some text"})"), 1);
  EXPECT_EQ(kept_behind(unit, R"({"a":"x", "b":12})"), 1);
  EXPECT_EQ(kept_behind(unit, R"({"a":"x"})"), 0);
  EXPECT_EQ(kept_behind(unit, R"({"a":"x", })"), 100) << "refused";
  EXPECT_EQ(kept(unit), 2) << "read twice";
  EXPECT_EQ(kept_behind("[1]", unit), 0);
  for (const std::string_view first : {R"("x\n")", R"("\u0041")", "[1]", "{}"}) {
    const std::string begin = R"({"a":)" + std::string(first) + R"(,"b":)";
    EXPECT_EQ(kept_behind(begin + "1}", begin + "2}"), 0) << "not all of it is in the unit";
  }
  const std::string long_unit = R"({"a":1,"b":")" + std::string(5'000, 'x') + R"("})";
  EXPECT_EQ(kept_behind(R"({"a":1,"b":2})", long_unit), 0) << "other buffers";
  EXPECT_EQ(kept_behind(long_unit, R"({"a":1,"b":2})"), 1);
}

TEST(Reader, TakesEscapesOutWhenAskedAndOnce) {
  Parser parser;
  ASSERT_FALSE(parser.read(R"({"a":"x\\y\"\/z","b":"\n"})"));
  const FlatMember& a = parser.flat()->front();
  EXPECT_TRUE(a.escaped);
  EXPECT_EQ(a.text, R"(x\\y\"\/z)");
  EXPECT_EQ(parser.text(a), R"(x\y"/z)");
  EXPECT_EQ(parser.text(parser.flat()->back()), "\n");
  EXPECT_EQ(parser.text(a), R"(x\y"/z)");
  EXPECT_EQ(to_text(parser.tree(a)), R"("x\\y\"/z")");
}

TEST(Reader, TakesTextsFromTheUnitItself) {
  Parser parser;
  ASSERT_FALSE(parser.read(R"({"b":"x\ny","a":1, "c" : "plain","d":"\u0041",)"
                           R"("e":[{"x":1,"y":2}]})"));
  const auto members = parser.flat();
  ASSERT_TRUE(members);
  EXPECT_EQ((*members)[0].as_sent, R"("b":"x\ny")");
  EXPECT_EQ(parser.text((*members)[0]), "x\ny");
  EXPECT_EQ((*members)[1].as_sent, R"("a":1)");
  EXPECT_EQ((*members)[2].as_sent, "") << "blanks are not canonical";
  EXPECT_EQ(parser.text((*members)[2]), "plain");
  EXPECT_EQ((*members)[3].as_sent, "") << "an escape that is not needed";
  EXPECT_EQ(parser.text((*members)[3]), "A");
  EXPECT_EQ((*members)[4].as_sent, R"("e":[{"x":1,"y":2}])");
}

TEST(Reader, NestedMembersAreCanonicalWhenSortedAndSaidOnce) {
  for (const auto& [nested, canonical] : {std::pair{R"({"a":1,"b":2})", true},
                                          {R"({"b":1,"a":2})", false},
                                          {R"({"a":1,"a":2})", false},
                                          {R"([1, 2])", false},
                                          {R"([-0])", false},
                                          {R"([1.5,1e+21,-0.001])", true},
                                          {R"([1.50])", false},
                                          {R"([1.0])", false},
                                          {R"([1e3])", false},
                                          {R"([123456789012345678901234567890])", true},
                                          {"{\"\uFB33\":1,\"\U0001F600\":2}", false},
                                          {"{\"\U0001F600\":1,\"\uFB33\":2}", true}}) {
    Parser parser;
    ASSERT_FALSE(parser.read(std::string("{\"m\":") + nested + "}"));
    ASSERT_TRUE(parser.flat());
    EXPECT_EQ(!parser.flat()->front().as_sent.empty(), canonical) << nested;
  }
}

TEST(Reader, DepthIsBounded) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  Parser parser;
  EXPECT_FALSE(parser.read(nested(depth_max)));
  EXPECT_EQ(parser.read(nested(depth_max + 1)), ParseFault::depth);
  EXPECT_FALSE(parser.read("{\"m\":" + nested(depth_max - 1) + "}"));
  EXPECT_EQ(parser.read("{\"m\":" + nested(depth_max) + "}"), ParseFault::depth);
  EXPECT_EQ(parser.read(nested(5).substr(0, 7)), ParseFault::syntax);
}

}  // namespace
}  // namespace vouch::json::reader_test
