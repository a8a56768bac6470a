// The published vectors (docs/VECTORS.md), which a second implementation wrote: canonical forms,
// digests, codes, segments and heads.
// SPDX-License-Identifier: MIT
#include "tests/validator/corpus.hpp"

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/json_canonical.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::vectors_test {
namespace {

std::string text_at(const json::Value& one, std::string_view name) {
  const std::string* text = one.find_text(name);
  EXPECT_NE(text, nullptr) << name;
  return text == nullptr ? "" : *text;
}

std::int64_t integer_at(const json::Value& one, std::string_view name, std::int64_t otherwise) {
  const json::Value* value = one.find(name);
  return value == nullptr ? otherwise : *value->get<std::int64_t>();
}

const json::Array& list_at(const json::Value& one, std::string_view name) {
  return *one.find(name)->get<json::Array>();
}

std::string unit_of(const json::Value& one) {
  if (const std::string* unit = one.find_text("unit")) return *unit;
  const auto bytes = from_hex(text_at(one, "unit_hex"));
  EXPECT_TRUE(bytes);
  return {bytes->begin(), bytes->end()};
}

TEST(Vectors, Units) {
  for (const json::Value& one : json_lines("vectors/units.jsonl")) {
    SCOPED_TRACE(text_at(one, "name"));
    const std::string unit = unit_of(one);
    EXPECT_EQ(to_hex(digest_of(unit).view()), text_at(one, "digest"));
    const auto value = json::parse(unit);
    const bool object = value && value->get<json::Object>() != nullptr;
    EXPECT_EQ(object, !one.find("canonical")->is_null());
    if (object) {
      EXPECT_EQ(json::canonical(*value), text_at(one, "canonical"));
    }
  }
}

struct Point {
  Hash head;
  std::uint64_t segment_first = 0;
};

/// Feeds the events of a vector; what holds after each of them.
std::vector<Point> fed(StreamValidator& v, const json::Value& one) {
  std::vector<Point> points;
  for (const json::Value& event : list_at(one, "events")) {
    const std::string unit = unit_of(event);
    for (std::int64_t n = integer_at(event, "times", 1); n > 0; --n) {
      EXPECT_EQ(v.feed(unit).code, integer_at(event, "code", -1)) << unit;
      EXPECT_EQ(to_hex(v.last_digest().view()), text_at(event, "digest")) << unit;
      points.push_back({v.chain().head(), v.chain().segment_first()});
    }
  }
  return points;
}

TEST(Vectors, Streams) {
  for (const json::Value& one : json_lines("vectors/streams.jsonl")) {
    SCOPED_TRACE(text_at(one, "name"));
    const auto rules = RuleSet::parse(text_at(one, "rule_set"));
    ASSERT_TRUE(rules);
    EXPECT_EQ(rules->id(), text_at(one, "rule_set"));
    StreamValidator v({.rules = *rules, .stream = text_at(one, "stream")});
    const std::vector<Point> points = fed(v, one);
    for (const json::Value& head : list_at(one, "heads")) {
      const std::int64_t size = integer_at(head, "size", 0);
      const Point& point = points.at(static_cast<std::size_t>(size) - 1);
      EXPECT_EQ(to_hex(point.head.view()), text_at(head, "head")) << size;
      EXPECT_EQ(point.segment_first, integer_at(head, "segment_first", -1)) << size;
    }
    EXPECT_EQ(v.stream(), text_at(one, "named"));
    const json::Value* close = one.find("close");
    if (close == nullptr) continue;
    EXPECT_EQ(v.close().code, integer_at(*close, "code", -1));
    EXPECT_EQ(to_hex(v.last_digest().view()), text_at(*close, "digest"));
    EXPECT_EQ(to_hex(v.chain().head().view()), text_at(*close, "head"));
  }
}

}  // namespace
}  // namespace vouch::validator::vectors_test
