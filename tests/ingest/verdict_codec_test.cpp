// Answers travel unchanged, and any bytes are legal input.
// SPDX-License-Identifier: MIT
#include "vouch/ingest/verdict_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vouch::ingest::verdict_codec_test {
namespace {

bool equal(const Submitted& a, const Submitted& b) {
  return a.answer == b.answer && a.index == b.index && a.verdicts == b.verdicts;
}

Submitted example() {
  Submitted out{Answer::verdict, 7, {}};
  validator::Verdict verdict{7, validator::Outcome::rejected, 3002, {}};
  verdict.findings.push_back(
      {7, 3002, validator::Severity::fatal, "no open message \xc3\xa4", "/messageId", 3});
  verdict.findings.push_back({-1, 2010, validator::Severity::warning, "", "", std::nullopt});
  out.verdicts = {verdict, {8, validator::Outcome::unjudged, validator::code_unjudged, {}}};
  return out;
}

TEST(VerdictCodec, KeepsEverythingThatASubmitterSees) {
  const auto back = decode_submitted(encode_submitted(example()));
  ASSERT_TRUE(back);
  EXPECT_TRUE(equal(*back, example()));
}

TEST(VerdictCodec, ACutAnswerIsAnErrorAtEveryLength) {
  const Bytes whole = encode_submitted(example());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_submitted(ByteView(whole).first(length))) << length;
  }
}

RC_GTEST_PROP(VerdictCodec, AnyBytesAreSafe, (const Bytes& bytes)) {
  const auto decoded = decode_submitted(bytes);
  if (decoded) RC_ASSERT(equal(*decode_submitted(encode_submitted(*decoded)), *decoded));
}

RC_GTEST_PROP(VerdictCodec, FlippedBytesAreAnErrorOrAnAnswer, ()) {
  Bytes bytes = encode_submitted(example());
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<std::uint8_t>();
  const auto decoded = decode_submitted(bytes);
  if (decoded) RC_ASSERT(equal(*decode_submitted(encode_submitted(*decoded)), *decoded));
}

}  // namespace
}  // namespace vouch::ingest::verdict_codec_test
