// What is hashed of the state behind the verdicts: where, of what, and that nothing which a peer
// adds of its own is in it.
// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vouch/transport/crypto.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::state_test {
namespace {

/// One run of five entries.
void run(StreamValidator& out, std::uint64_t number, const std::string& said = "hello") {
  for (const std::string& unit :
       {fmt::format(R"({{"type":"RUN_STARTED","threadId":"t","runId":"r{}"}})", number),
        fmt::format(R"({{"type":"TEXT_MESSAGE_START","role":"assistant","messageId":"m{}"}})",
                    number),
        fmt::format(R"({{"type":"TEXT_MESSAGE_CONTENT","messageId":"m{}","delta":"{}"}})", number,
                    said),
        fmt::format(R"({{"type":"TEXT_MESSAGE_END","messageId":"m{}"}})", number),
        fmt::format(R"({{"type":"RUN_FINISHED","threadId":"t","runId":"r{}"}})", number)}) {
    ASSERT_LE(out.feed(unit, 1'000'000).outcome, Outcome::warned) << unit;
  }
}

StreamValidator after_runs(std::uint64_t count, Options options = {}) {
  options.stream = "t";
  StreamValidator out(std::move(options));
  for (std::uint64_t i = 0; i < count; ++i) run(out, i);
  return out;
}

std::vector<std::uint64_t> sizes_with_state(const StreamValidator& validator) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t size = 0; size <= validator.size() + 1; ++size) {
    if (validator.state_at(size)) out.push_back(size);
  }
  return out;
}

constexpr std::uint64_t first = 1025;  ///< the first run of five that ends beyond 1,024 entries

TEST(State, IsHashedAtEndsOfRunsThatAreFarEnoughApart) {
  EXPECT_TRUE(sizes_with_state(after_runs(204)).empty());
  EXPECT_EQ(sizes_with_state(after_runs(205)), std::vector<std::uint64_t>{first});
  EXPECT_EQ(sizes_with_state(after_runs(600)), (std::vector<std::uint64_t>{first, 2 * first}));
}

TEST(State, IsHashedSeldomWhereThereIsMuchOfIt) {
  // A run and a message each: 2 ids in five entries, so more than 1,024 behind 2,560 entries. Then
  // as many entries as ids: each distance is two thirds of the size before it.
  const auto sizes = sizes_with_state(after_runs(6000));
  ASSERT_GE(sizes.size(), 5u);
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    const std::uint64_t ids = 2 * sizes[i] / 5;
    EXPECT_GE(sizes[i] - sizes[i - 1], std::max<std::uint64_t>(1024, ids));
    EXPECT_LE(sizes[i] - sizes[i - 1], std::max<std::uint64_t>(1024, ids) + 5);
  }
}

TEST(State, OfLargeDocumentsIsHashedSeldom) {
  const std::string large =
      R"({"type":"STATE_SNAPSHOT","snapshot":{"x":")" + std::string(1 << 19, 'x') + "\"}}";
  StreamValidator validator({.stream = "t"});
  validator.feed(R"({"type":"RUN_STARTED","threadId":"t","runId":"big"})");
  ASSERT_EQ(validator.feed(large).outcome, Outcome::accepted);
  validator.feed(R"({"type":"RUN_FINISHED","threadId":"t","runId":"big"})");
  for (std::uint64_t i = 0; i < 450; ++i) run(validator, i);
  const auto sizes = sizes_with_state(validator);
  ASSERT_EQ(sizes.size(), 1u);
  EXPECT_GE(sizes[0], (1u << 19) / 256);
}

TEST(State, IsAFunctionOfThePrefix) {
  const Hash state = after_runs(205).state_at(first).value();
  EXPECT_EQ(after_runs(205).state_at(first), state);
  EXPECT_EQ(after_runs(300).state_at(first), state) << "whatever comes behind it";
  EXPECT_NE(after_runs(410).state_at(2 * first), state);
  StreamValidator other({.stream = "t"});
  for (std::uint64_t i = 0; i < 204; ++i) run(other, i);
  run(other, 204, "other");
  EXPECT_NE(other.state_at(first), state);
}

TEST(State, HasNothingOfWhatAPeerAdds) {
  const Hash state = after_runs(205).state_at(first).value();
  Options watched;
  watched.overlays.hygiene = true;
  watched.overlays.timing = TimingLimits{};
  watched.overlays.local = LocalLimits{};
  watched.levels = {{6010, Level::info}};
  EXPECT_EQ(after_runs(205, std::move(watched)).state_at(first), state);
}

TEST(State, OfRulesThatVoteByOverlaysIsNone) {
  Options options;
  options.rules.overrides = {{8001, Level::fatal}};
  EXPECT_TRUE(sizes_with_state(after_runs(205, std::move(options))).empty());
}

TEST(State, IsTheSameForWhoGoesOnFromASnapshot) {
  for (const std::uint64_t cut : {100u, 205u, 206u}) {
    StreamValidator usual = after_runs(cut);
    auto restored = StreamValidator::restore(usual.snapshot(), {.stream = "t"});
    ASSERT_TRUE(restored.has_value());
    for (std::uint64_t i = cut; i < 410; ++i) {
      run(usual, i);
      run(*restored, i);
    }
    EXPECT_EQ(restored->state_at(2 * first), usual.state_at(2 * first)) << cut;
    EXPECT_TRUE(usual.state_at(2 * first)) << cut;
  }
}

Options keeping() {
  Options options{.stream = "t"};
  options.keeps_states = true;
  return options;
}

TEST(State, IsEnoughToGoOnFrom) {
  StreamValidator usual = after_runs(205, keeping());
  const auto state = usual.take_state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->size, first);
  EXPECT_EQ(crypto::blake2b(state->bytes), usual.state_at(first));
  EXPECT_FALSE(usual.take_state()) << "once";
  Options watched{.stream = "t"};
  watched.overlays.hygiene = true;
  for (const Options& options : {keeping(), watched}) {
    auto resumed = StreamValidator::resume(state->bytes, options);
    ASSERT_TRUE(resumed.has_value()) << resumed.error().text();
    EXPECT_EQ(resumed->state_at(first), usual.state_at(first));
    EXPECT_EQ(resumed->counts(), usual.counts());
    StreamValidator whole = after_runs(205);
    for (std::uint64_t i = 205; i < 410; ++i) {
      run(whole, i);
      run(*resumed, i);
    }
    EXPECT_EQ(resumed->state_at(2 * first), whole.state_at(2 * first));
    EXPECT_EQ(resumed->chain().head(), whole.chain().head());
  }
}

TEST(State, ThatNobodyHashedIsRefused) {
  StreamValidator usual = after_runs(205, keeping());
  const Bytes state = usual.take_state()->bytes;
  Options other = keeping();
  other.rules.profile = Profile::consumer;
  EXPECT_EQ(StreamValidator::resume(state, other).error().code, Errc::invalid_config);
  other = keeping();
  other.stream = "u";
  EXPECT_EQ(StreamValidator::resume(state, other).error().code, Errc::invalid_config);
  for (std::size_t size = 0; size < state.size(); size += 97) {
    EXPECT_FALSE(StreamValidator::resume(ByteView(state).first(size), keeping())) << size;
  }
  EXPECT_FALSE(StreamValidator::resume(usual.snapshot(), keeping())) << "another form";
}

/// One is made where a run ends, and never behind the mark that closes a stream: that takes no
/// event. Which byte says so does not matter here.
TEST(State, OfAClosedStreamIsRefused) {
  Options options = keeping();
  options.state_interval = 1;
  StreamValidator usual = after_runs(1, options);
  const Bytes state = usual.take_state()->bytes;
  for (std::size_t i = 0; i < state.size(); ++i) {
    Bytes other = state;
    other[i] ^= 1;
    const auto resumed = StreamValidator::resume(other, options);
    EXPECT_FALSE(resumed && resumed->closed()) << i;
  }
}

TEST(State, WhatIsCertifiedIsForgotten) {
  StreamValidator validator = after_runs(410);
  validator.certified(first);
  EXPECT_EQ(sizes_with_state(validator), (std::vector<std::uint64_t>{first, 2 * first}));
  validator.certified(first + 1);
  EXPECT_EQ(sizes_with_state(validator), (std::vector<std::uint64_t>{2 * first}));
}

}  // namespace
}  // namespace vouch::validator::state_test
