// The short way of an event and the general one must not be told apart: same verdict, findings,
// digest, event and head, for all corpora and for what chance makes of them.
// SPDX-License-Identifier: MIT
#include <random>

#include "tests/validator/corpus.hpp"

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/validator/decoder.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::flat_judge_test {
namespace {

constexpr Protocol protocols[] = {Protocol::agui_1_1, Protocol::agui_1_0, Protocol::agui_0_0_58};
constexpr Mode general{.trees_only = true};

std::vector<Text> texts_of(const Event& e) {
  return {e.subagent_run_id,
          e.thread_id,
          e.run_id,
          e.parent_run_id,
          e.message_id,
          e.protocol_version,
          e.tool_call_id,
          e.name,
          e.tool_call_name,
          e.role,
          e.delta,
          e.parent_message_id,
          e.message,
          e.error_code,
          e.subtype,
          e.entity_id,
          e.source,
          e.encrypted_value,
          e.description,
          e.encrypted_value_type,
          e.activity_type,
          e.parent_tool_call_id,
          e.parent_subagent_run_id};
}

std::vector<std::string> values_of(const Event& e) {
  std::vector<std::string> out;
  for (const json::Value* value : {e.metadata, e.raw_event, e.input, e.result, e.outcome, e.usage,
                                   e.content, e.value, e.patch, e.messages}) {
    out.push_back(value == nullptr ? "absent" : json::to_text(*value));
  }
  return out;
}

/// Two decoders and two validators of one stream, one of each told to take the general way.
class Pair {
 public:
  explicit Pair(const RuleSet& rules)
      : short_(rules), long_(rules, general), short_stream_({rules}), long_stream_(with(rules)) {}

  void feed(const std::string& unit) {
    SCOPED_TRACE(unit.substr(0, 300));
    const Decoded& got = short_.decode(unit);
    const Decoded& wanted = long_.decode(unit);
    ASSERT_EQ(got.state, wanted.state);
    ASSERT_EQ(got.digest, wanted.digest);
    ASSERT_EQ(got.findings, wanted.findings);
    if (got.state == Decoded::State::passed) {
      ASSERT_EQ(got.event.kind, wanted.event.kind);
      ASSERT_EQ(got.event.timestamp, wanted.event.timestamp);
      ASSERT_EQ(got.event.replace, wanted.event.replace);
      ASSERT_EQ(texts_of(got.event), texts_of(wanted.event));
      ASSERT_EQ(values_of(got.event), values_of(wanted.event));
    }
    ASSERT_EQ(short_stream_.feed(unit), long_stream_.feed(unit));
    ASSERT_EQ(short_stream_.chain().head(), long_stream_.chain().head());
  }

 private:
  static Options with(const RuleSet& rules) {
    Options options{rules};
    options.mode = general;
    return options;
  }

  Decoder short_, long_;
  StreamValidator short_stream_, long_stream_;
};

void feed_all(const std::vector<std::string>& units, const RuleSet& rules) {
  Pair pair(rules);
  for (const std::string& unit : units) {
    pair.feed(unit);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(FlatJudge, AgreesWithTheTreeOnEveryCorpus) {
  for (const auto& units : all_streams()) {
    for (const Protocol protocol : protocols) {
      feed_all(units, {protocol});
      if (HasFatalFailure()) return;
    }
  }
}

TEST(FlatJudge, TakesAgainWhatTheLastEventHeldAsATree) {
  const std::string text(100, 'x');
  for (const std::string_view value :
       {"\"" + text + "\"", std::string("1.5"), std::string("null")}) {
    Pair pair{RuleSet{}};
    for (const std::string_view rest :
         {"1", "2", "3,\"rawEvent\":\"raw\"", "4,\"rawEvent\":\"raw\""}) {
      pair.feed("{\"type\":\"CUSTOM\",\"name\":\"acme.n\",\"value\":" + std::string(value) +
                ",\"timestamp\":" + std::string(rest) + "}");
    }
    pair.feed(R"({"type":"TOOL_CALL_RESULT","messageId":"m","toolCallId":"c","content":")" + text +
              R"(","timestamp":1})");
    pair.feed(R"({"type":"TOOL_CALL_RESULT","messageId":"m","toolCallId":"c","content":")" + text +
              R"(","timestamp":2})");
  }
}

TEST(FlatJudge, LeavesDeltasAsTheyAreWhenNobodyReadsThem) {
  const std::string unit =
      R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m\n","delta":"a\tb","timestamp":1})";
  Decoder reads{RuleSet{}}, leaves{RuleSet{}};
  leaves.leave_deltas();
  const Hash digest = reads.decode(unit).digest;
  EXPECT_EQ(reads.decode(unit).event.delta, "a\tb");
  EXPECT_EQ(leaves.decode(unit).event.delta, R"(a\tb)");
  EXPECT_EQ(leaves.decode(unit).event.message_id, "m\n");
  EXPECT_EQ(leaves.decode(unit).digest, digest);
}

using Dice = std::mt19937_64;

std::size_t below(std::size_t n, Dice& dice) {
  return dice() % n;
}

/// Another member, taken away, said twice, moved, or with another value.
void disturb(json::Object& members, Dice& dice) {
  static const json::Value values[] = {{},
                                       true,
                                       std::int64_t{-1},
                                       std::uint64_t{1} << 63,
                                       0.5,
                                       3.0,
                                       1e300,
                                       std::string("assistant"),
                                       std::string("caf\u00e9 \"\n\x01"),
                                       json::Array{},
                                       json::Object{},
                                       json::BigInteger{"123456789012345678901234567890"},
                                       std::string("\xED\xA0\x80")};
  static const char* names[] = {"rawEvent", "metadata", "timestamp", "subagentRunId",
                                "role",     "name",     "delta",     "type",
                                "x",        ""};
  const json::Value value = values[below(std::size(values), dice)];
  const std::size_t at = members.empty() ? 0 : below(members.size(), dice);
  switch (below(5, dice)) {
    case 0:
      members.emplace_back(names[below(std::size(names), dice)], value);
      break;
    case 1:
      if (!members.empty()) members.erase(members.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 2:
      if (!members.empty()) members.push_back(json::Member(members[at]));
      break;
    case 3:
      if (!members.empty()) std::swap(members[at], members[below(members.size(), dice)]);
      break;
    default:
      if (!members.empty()) members[at].second = value;
  }
}

/// An object somewhere in `value`.
json::Object* some_object(json::Value& value, Dice& dice) {
  if (auto* array = value.get<json::Array>()) {
    return array->empty() ? nullptr : some_object((*array)[below(array->size(), dice)], dice);
  }
  auto* object = value.get<json::Object>();
  if (object == nullptr || object->empty() || below(3, dice) > 0) return object;
  json::Object* inside = some_object((*object)[below(object->size(), dice)].second, dice);
  return inside == nullptr ? object : inside;
}

std::string mutant(const std::string& unit, Dice& dice) {
  auto value = json::parse(unit);
  if (!value || below(4, dice) == 0) {
    std::string bytes = unit;
    const char set[] = "{}[]\",:\\u0d8-e. ntrue\xC3";
    if (!bytes.empty()) bytes[below(bytes.size(), dice)] = set[below(sizeof set - 1, dice)];
    return bytes;
  }
  for (std::size_t i = 0, n = 1 + below(2, dice); i < n; ++i) {
    if (json::Object* object = some_object(*value, dice)) disturb(*object, dice);
  }
  return json::to_text(*value);
}

TEST(FlatJudge, AgreesWithTheTreeOnWhatChanceMakesOfThem) {
  const auto streams = all_streams();
  for (std::uint64_t seed = 0; seed < 1'500; ++seed) {
    Dice dice(seed);
    auto units = streams[below(streams.size(), dice)];
    if (units.size() > 60) units.resize(60);
    for (std::string& unit : units) {
      if (below(4, dice) == 0) unit = mutant(unit, dice);
    }
    SCOPED_TRACE(seed);
    feed_all(units, {protocols[below(3, dice)], Profile::strict, below(2, dice) == 0});
    if (HasFatalFailure()) return;
  }
}

TEST(FlatJudge, UnhashedVerdictsAreTheSame) {
  for (const auto& units : all_streams()) {
    Options options;
    options.mode.unhashed = true;
    StreamValidator bare(options), usual({});
    for (const std::string& unit : units) {
      ASSERT_EQ(bare.feed(unit), usual.feed(unit)) << unit.substr(0, 300);
      ASSERT_EQ(bare.chain().head(), Hash{});
    }
    ASSERT_EQ(bare.chain().size(), usual.chain().size());
  }
}

}  // namespace
}  // namespace vouch::validator::flat_judge_test
