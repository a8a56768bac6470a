// Round trips of everything that travels, and refusal of everything that no encoder makes.
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/messages.hpp"

namespace vouch {
namespace {

Attestation attestation(std::string stream, std::uint64_t upto) {
  Attestation a;
  a.stream = std::move(stream);
  a.upto = upto;
  a.head.bytes.fill(static_cast<std::uint8_t>(upto));
  a.summary = {upto, 1, 0, 2, true, false, {{3, 2001, 2}, {-1, 2010, 2}}};
  return a;
}

Records some_records() {
  Records r;
  r.sessions = {{7, 0x1234567890abcdefULL}};
  r.members = {{7, MemberStatus::left, "alpha", "tcp://a:1", "tcp://a:2", "0.1.0", "agui-1.1"}};
  r.attestations = {attestation("thread-1", 63), attestation("thread-12", 5),
                    attestation("u", 900)};
  return r;
}

template <class Body>
void check_round_trip(Body body) {
  const Message message{42, std::move(body)};
  const auto back = decode_message(encode_message(message));
  ASSERT_TRUE(back.has_value()) << back.error().text();
  EXPECT_EQ(*back, message);
}

TEST(ByteIo, ReadsWhatItWrote) {
  ByteWriter out;
  out.leb(UINT64_MAX);
  out.zigzag(INT64_MIN);
  out.u64_ordered(258);
  out.text("x");
  ByteReader in(out.bytes());
  EXPECT_EQ(in.leb(), UINT64_MAX);
  EXPECT_EQ(in.zigzag(), INT64_MIN);
  EXPECT_EQ(in.u64_ordered(), 258U);
  EXPECT_EQ(in.text(), "x");
  EXPECT_TRUE(in.done());
}

TEST(ByteIo, OverlongNumbersAndShortInputTurnTheReaderBad) {
  const Bytes overlong(11, 0x80);
  ByteReader in(overlong);
  EXPECT_EQ(in.leb(), 0U);
  EXPECT_FALSE(in.ok());
  const Bytes lying{0xff, 0xff, 0x03};
  ByteReader count(lying);
  EXPECT_EQ(count.count(1), 0U);
  EXPECT_FALSE(count.ok());
}

TEST(BatchCodec, RoundTrip) {
  const auto back = decode_records(encode_records(some_records()));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, some_records());
  EXPECT_EQ(decode_records(encode_records(Records{})).value(), Records{});
}

TEST(BatchCodec, AnAttestationOfAPlainStreamIsSmall) {
  Records many;
  for (int i = 10; i < 74; ++i) {
    Attestation a = attestation("stream-" + std::to_string(i), 6400);
    a.summary = {6400, 0, 0, 0, false, false, {}};
    many.attestations.push_back(a);
  }
  EXPECT_LE(encode_records(many).size(), many.attestations.size() * 44);
}

RC_GTEST_PROP(BatchCodec, DamagedBytesNeverCrash,
              (std::vector<std::pair<std::uint16_t, std::uint8_t>> edits)) {
  Bytes bytes = encode_records(some_records());
  for (const auto& [at, value] : edits) bytes[at % bytes.size()] = value;
  const auto back = decode_records(bytes);
  if (back) RC_ASSERT(decode_records(encode_records(*back)).has_value());
}

TEST(Messages, RoundTrips) {
  FrontierMap frontier;
  frontier[Writer{PeerId{}, 1}] = {9, Hash{}};
  frontier[Writer{PeerId{}, 2}] = {1, Hash{}};
  check_round_trip(Pull{frontier, true});
  check_round_trip(Pulled{{Bytes{1, 2}, Bytes{}}, frontier, true});
  check_round_trip(Push{"s", 5, {"{}", ""}, true, Signature{}, true});
  check_round_trip(Pushed{"s", 7, true});
  check_round_trip(Open{"s"});
  check_round_trip(Opened{3, true});
  check_round_trip(Submit{"s", 0, {"a"}, false});
  check_round_trip(Submit{"s", std::nullopt, {}, true});
  check_round_trip(Verdicts{{Bytes{4}}, 1});
  check_round_trip(Dump{});
  check_round_trip(Dumped{"{}"});
  check_round_trip(Refused{Errc::busy, "later"});
}

RC_GTEST_PROP(Messages, DamagedBytesNeverCrash,
              (std::vector<std::pair<std::uint16_t, std::uint8_t>> edits)) {
  Bytes bytes = encode_message({1, Push{"stream", 5, {"{}", "{\"type\":1}"}, true, Signature{}}});
  for (const auto& [at, value] : edits) bytes[at % bytes.size()] = value;
  const auto back = decode_message(bytes);
  if (back) RC_ASSERT(decode_message(encode_message(*back)).has_value());
}

TEST(Envelope, BatchFrameRoundTrip) {
  BatchHeader header;
  header.writer.incarnation = 3;
  header.first = 10;
  header.count = 5;
  const Bytes body{1, 2, 3};
  const Bytes frame = join_frame(encode_header(header, body.size()), Signature{}, body);
  const auto view = split_frame(frame);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(decode_batch_header(*view).value(), header);
  EXPECT_EQ(to_bytes(view->body), body);
}

TEST(Envelope, EveryShorterFrameIsRefused) {
  Heartbeat heartbeat;
  heartbeat.number = 300;
  const auto parts = encode_heartbeat(heartbeat);
  const Bytes frame = join_frame(parts.header, Signature{}, parts.body);
  EXPECT_EQ(decode_heartbeat(split_frame(frame).value()).value(), heartbeat);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_FALSE(split_frame(ByteView(frame).first(size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace vouch
