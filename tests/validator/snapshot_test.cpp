// A validator that is written down and read again before every unit goes on as one that never was;
// bytes that nobody wrote are refused or harmless.
// SPDX-License-Identifier: MIT
#include "tests/validator/corpus.hpp"
#include <rapidcheck/gtest.h>

#include "vouch/transport/crypto.hpp"
#include "vouch/validator/stream_validator.hpp"
#include "vouch/validator/units.hpp"

namespace vouch::validator::snapshot_test {
namespace {

Options watched() {
  Options options;
  options.overlays.hygiene = true;
  options.overlays.timing = TimingLimits{};
  return options;
}

StreamValidator reborn(const StreamValidator& validator, const Options& options) {
  auto out = StreamValidator::restore(validator.snapshot(), options);
  EXPECT_TRUE(out.has_value()) << out.error().text();
  return out ? std::move(*out) : StreamValidator(options);
}

/// `units` to a validator that is restored before each of them, and to one that is not.
void expect_same(const std::vector<std::string>& units, const Options& options) {
  StreamValidator usual(options), restored(options);
  for (const std::string& unit : units) {
    SCOPED_TRACE(unit.substr(0, 300));
    restored = reborn(restored, options);
    ASSERT_EQ(restored.feed(unit), usual.feed(unit));
    ASSERT_EQ(restored.chain().head(), usual.chain().head());
  }
  restored = reborn(restored, options);
  ASSERT_EQ(restored.snapshot(), usual.snapshot());
  ASSERT_EQ(restored.first_findings(), usual.first_findings());
  ASSERT_EQ(restored.counts(), usual.counts());
  ASSERT_EQ(restored.stream(), usual.stream());
  ASSERT_EQ(restored.close(), usual.close());
  ASSERT_EQ(reborn(restored, options).chain().head(), usual.chain().head());
}

TEST(Snapshot, GoesOnTheSameAtEveryCutOfTheCorpora) {
  for (const auto& units : all_streams()) {
    for (const Protocol protocol : {Protocol::agui_1_1, Protocol::agui_0_0_58}) {
      Options options;
      options.rules.protocol = protocol;
      expect_same(units, options);
      if (HasFatalFailure()) return;
    }
    expect_same(units, watched());
    if (HasFatalFailure()) return;
  }
}

/// A bit of everything: open items, chunks, documents with unusual values, warnings.
StreamValidator busy() {
  StreamValidator out{Options{}};
  for (const char* unit : {
           R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})",
           R"({"type":"STATE_SNAPSHOT","snapshot":{"a":[1,-2,0.5,null,true,"x"],"b":{"b":1,"b":2},
               "c":123456789012345678901234567890,"d":18446744073709551615,"e":"\ud800"}})",
           R"({"type":"STEP_STARTED","stepName":"s"})",
           R"({"type":"TEXT_MESSAGE_START","messageId":"m","subagentRunId":"g"})",
           R"({"type":"TOOL_CALL_START","toolCallId":"c","toolCallName":"n"})",
           R"({"type":"THINKING_START"})",
           R"({"type":"REASONING_START","messageId":"q"})",
           R"({"type":"ACTIVITY_SNAPSHOT","messageId":"a","activityType":"x","content":{"n":1}})",
           R"({"type":"TEXT_MESSAGE_CHUNK","messageId":"k","delta":"x"})",
           R"({"type":"NOBODY_KNOWS"})",
       }) {
    out.feed(unit);
  }
  return out;
}

/// The digest at the end made to fit, as somebody would who means harm.
void seal(Bytes& bytes) {
  const std::size_t body = bytes.size() - Hash::size;
  const Hash digest = crypto::blake2b(ByteView(bytes).first(body));
  std::ranges::copy(digest.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(body));
}

/// Whatever was accepted has to take any event.
void try_out(StreamValidator validator) {
  if (validator.closed()) return;
  for (const char* unit : {
           R"({"type":"STEP_FINISHED","stepName":"s"})",
           R"({"type":"STATE_DELTA","delta":[{"op":"remove","path":"/a/0"}]})",
           R"({"type":"ACTIVITY_DELTA","messageId":"a","activityType":"x","patch":[]})",
           R"({"type":"TEXT_MESSAGE_CHUNK","delta":"x"})",
           R"({"type":"TEXT_MESSAGE_END","messageId":"m"})",
           R"({"type":"MESSAGES_SNAPSHOT","messages":[]})",
           R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})",
           R"({"type":"RUN_STARTED","threadId":"t","runId":"r2"})",
       }) {
    validator.feed(unit);
  }
  validator.close();
}

TEST(Snapshot, RefusesWhatWasCutOrChanged) {
  const Bytes good = busy().snapshot();
  ASSERT_TRUE(StreamValidator::restore(good, {}).has_value());
  for (std::size_t size = 0; size < good.size(); ++size) {
    ASSERT_FALSE(StreamValidator::restore(ByteView(good).first(size), {}).has_value()) << size;
    Bytes changed = good;
    changed[size] ^= 0x10;
    ASSERT_FALSE(StreamValidator::restore(changed, {}).has_value()) << size;
  }
}

TEST(Snapshot, SurvivesBytesThatSomebodyMade) {
  const Bytes good = busy().snapshot();
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < good.size() - Hash::size; ++at) {
    for (const std::uint8_t byte : {0x00, 0x01, 0x02, 0x07, 0x08, 0x7F, 0x80, 0xFF}) {
      Bytes changed = good;
      changed[at] = byte;
      seal(changed);
      auto restored = StreamValidator::restore(changed, {});
      if (!restored) continue;
      ASSERT_EQ(restored->snapshot(), changed);
      try_out(std::move(*restored));
      ++accepted;
    }
    Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(at));
    cut.resize(cut.size() + Hash::size);
    seal(cut);
    ASSERT_FALSE(StreamValidator::restore(cut, {}).has_value()) << at;
  }
  EXPECT_GT(accepted, 100U);
}

TEST(Snapshot, IsRefusedUnderOtherRulesAndForOtherStreams) {
  const Bytes bytes = busy().snapshot();
  Options other;
  other.rules.profile = Profile::consumer;
  EXPECT_EQ(StreamValidator::restore(bytes, other).error().code, Errc::invalid_config);
  EXPECT_EQ(StreamValidator::restore(bytes, {RuleSet{}, "u"}).error().code, Errc::invalid_config);
  EXPECT_TRUE(StreamValidator::restore(bytes, {RuleSet{}, "t"}).has_value());
}

/// Feeds all units that are complete.
void feed_units(StreamValidator& validator, UnitSplitter& splitter, std::string_view piece) {
  while (const auto unit = splitter.next(piece)) validator.feed(unit->text);
}

/// The same prefix gives the same head, whatever pieces its bytes come in.
RC_GTEST_PROP(Snapshot, AndSplittersGiveTheSameHeadHoweverTheBytesAreCut, ()) {
  static const auto streams = all_streams();
  const auto& units = streams[*rc::gen::inRange<std::size_t>(0, streams.size())];
  std::string text;
  for (const std::string& unit : units) text += unit + "\n";
  StreamValidator whole{Options{}}, pieces{Options{}};
  UnitSplitter in_one, in_pieces;
  feed_units(whole, in_one, text);
  RC_ASSERT(whole.chain().size() > 0U);
  while (!text.empty()) {
    const std::size_t size = *rc::gen::inRange<std::size_t>(1, text.size() / 3 + 40);
    feed_units(pieces, in_pieces, std::string_view(text).substr(0, size));
    text.erase(0, size);
    pieces = reborn(pieces, {});
  }
  RC_ASSERT(pieces.chain().head() == whole.chain().head());
}

}  // namespace
}  // namespace vouch::validator::snapshot_test
