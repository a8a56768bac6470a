// Round trips of everything that travels, and refusal of everything that no encoder makes.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <functional>
#include <numeric>

#include "tests/hash_of.hpp"
#include "tests/peer_named.hpp"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/certificate_columns.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/schemas/messages.hpp"

namespace vouch::codec_test {
namespace {

Attestation attestation(std::string stream, std::uint64_t upto) {
  Attestation a;
  a.stream = std::move(stream);
  a.upto = upto;
  a.head.bytes.fill(static_cast<std::uint8_t>(upto));
  a.summary = {upto, 1, 0, 2, true, false, {{3, 2001, 2}, {-1, 2010, 2}}};
  return a;
}

Hash numbered_hash(std::uint32_t number) {
  Hash hash;
  for (std::size_t i = 0; i < 4; ++i) hash.bytes[i] = static_cast<std::uint8_t>(number >> 8 * i);
  return hash;
}

Statement vote(Phase phase, std::uint8_t subject) {
  Statement s;
  s.phase = phase;
  s.subject.bytes.fill(subject);
  s.height = 3;
  s.epoch = 1;
  s.incarnation = 2;
  s.value = Value{1024, hash_of(7), 1};
  return s;
}

/// With all that a statement of the phase may have.
Statement full(Phase phase) {
  Statement s = vote(phase, 9);
  s.view = 4;
  s.value->state = hash_of(2);
  if (phase == Phase::view_change) s.lock = Lock{2, {64, hash_of(1), 1, hash_of(3)}};
  if (phase == Phase::new_view) s.basis = hash_of(5);
  return s;
}

Certificate certificate(std::size_t commits, std::size_t depth) {
  const Value value{UINT64_MAX, hash_of(8), UINT32_MAX, hash_of(4)};
  Certificate c{{}, UINT32_MAX, UINT32_MAX, UINT32_MAX, value, {}};
  for (std::size_t i = 0; i < commits; ++i) {
    Certificate::Commit commit{{}, UINT32_MAX, {{(1U << depth) - 1, {}}, {}}, {}};
    commit.voter.bytes.front() = static_cast<std::uint8_t>(i);
    commit.path.hashes.resize(depth, hash_of(6));
    c.commits.push_back(commit);
  }
  return c;
}

Records some_records() {
  Records r;
  r.sessions = {{7, 0x1234567890abcdefULL}};
  r.members = {{7, MemberStatus::left, "alpha", "tcp://a:1", "tcp://a:2", "0.1.0", "agui-1.1"}};
  r.attestations = {attestation("thread-1", 63), attestation("thread-12", 5),
                    attestation("u", 900)};
  r.ballot.statements = {vote(Phase::prepare, 1), vote(Phase::commit, 1), full(Phase::view_change),
                         full(Phase::new_view)};
  r.ballot.signature.bytes.fill(3);
  r.certificates = {certificate(3, 2), certificate(0, 0)};
  r.runs = {{"t", "r", "s", true}, {"t", "r", "u", false}};
  r.finished = {"run/6", "run/8"};
  r.puts = {{{1, 5}, 0, "k", "v", 1'700'000'000'000, 3, {{peer_named(1), {2, 9}}}},
            {{1, 6}, 9, "gone", std::nullopt, 0, 1, {}}};
  r.finished_proposals = {SubjectId{{1}}, SubjectId{{1, 1}}, SubjectId{{2}}};
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

TEST(BatchCodec, AFinishedStreamCostsWhatItsNameDoes) {
  Records many;
  for (int i = 1000; i < 2000; ++i) many.finished.push_back("stream-" + std::to_string(i));
  EXPECT_LE(encode_records(many).size(), many.finished.size() * 4);
}

TEST(BatchCodec, AllRecordsCountButNoSignatureAlone) {
  Records r = some_records();
  EXPECT_EQ(r.size(), 1U + 1 + 3 + 4 + 2 + 2 + 2 + 2 + 3);
  r = {};
  r.ballot.signature.bytes.fill(3);
  EXPECT_TRUE(r.empty());
}

TEST(BatchCodec, OnlyPutsThatAWriterMakesAreRead) {
  const auto reads = [](const std::function<void(Records&)>& change) {
    Records records;
    records.puts = some_records().puts;
    change(records);
    return decode_records(encode_records(records)).has_value();
  };
  const auto key = [](std::string text) { return [text](Records& r) { r.puts[0].key = text; }; };
  const auto value = [](std::size_t size) {
    return [size](Records& r) { r.puts[0].value = std::string(size, 'x'); };
  };
  EXPECT_TRUE(reads([](Records&) {}));
  EXPECT_TRUE(reads(key(std::string(limits::put_key_bytes_max, 'k'))));
  EXPECT_FALSE(reads(key(std::string(limits::put_key_bytes_max + 1, 'k'))));
  EXPECT_FALSE(reads(key("")));
  EXPECT_FALSE(reads(key("\xff")));
  EXPECT_TRUE(reads(value(limits::put_value_bytes_max)));
  EXPECT_FALSE(reads(value(limits::put_value_bytes_max + 1)));
  EXPECT_TRUE(reads([](Records& r) { r.puts[1].slot = limits::put_slots - 1; }));
  EXPECT_FALSE(reads([](Records& r) { r.puts[1].slot = limits::put_slots; }));
  EXPECT_FALSE(reads([](Records& r) { r.puts[1].slot = r.puts[0].slot; })) << "a slot twice";
  EXPECT_FALSE(reads([](Records& r) { r.puts[0].mark.number = 0; }));
  EXPECT_FALSE(reads([](Records& r) { r.puts[0].mark.incarnation = 0; }));
  EXPECT_FALSE(reads([](Records& r) { r.puts[0].over.push_back(r.puts[0].over[0]); }));
}

TEST(BatchCodec, OnlyRunsThatAWriterMakesAreRead) {
  const auto reads = [](std::vector<ThreadRun> runs) {
    Records records;
    records.runs = std::move(runs);
    return decode_records(encode_records(records)).has_value();
  };
  const std::string longest(limits::stream_name_bytes_max, 'x');
  EXPECT_TRUE(reads({{longest, longest, longest, true}}));
  EXPECT_FALSE(reads({{longest + "x", "r", "s", true}}));
  EXPECT_FALSE(reads({{"t", longest + "x", "s", true}}));
  EXPECT_FALSE(reads({{"t", "r", longest + "x", true}}));
  EXPECT_TRUE(reads({{"t", "r", "s", true}, {"t", "r", "t", false}}));
  EXPECT_FALSE(reads({{"t", "r", "s", true}, {"t", "r", "s", false}})) << "the same run twice";
  EXPECT_FALSE(reads({{"t", "r", "t", false}, {"t", "r", "s", true}})) << "not in their order";

  Records one;
  one.runs = {{"t", "run-id", "s", false}};
  Bytes body = encode_records(one);
  const std::string_view id = "run-id";
  const auto at = std::search(body.begin(), body.end(), id.begin(), id.end());
  ASSERT_NE(at, body.end());
  at[-4] = 2;  // the flags, before the thread and the length of the id
  EXPECT_FALSE(decode_records(body).has_value());
}

TEST(Values, HaveOneForm) {
  const auto reads = [](const Bytes& bytes) -> std::optional<Value> {
    ByteReader in(bytes);
    const Value value = read_value(in);
    return in.done() ? std::optional(value) : std::nullopt;
  };
  const auto bytes_of = [](const Value& value) {
    ByteWriter out;
    write_value(out, value);
    return out.take();
  };
  const Value plain{3, hash_of(7), UINT32_MAX}, stated{3, hash_of(7), UINT32_MAX, Hash{}};
  EXPECT_EQ(reads(bytes_of(plain)), plain);
  EXPECT_EQ(reads(bytes_of(stated)), stated);
  EXPECT_EQ(bytes_of({3, hash_of(7), 0}).size(), 1 + Hash::size + 1)
      << "as before there were states";
  Bytes cut = bytes_of(stated);
  cut.pop_back();
  EXPECT_FALSE(reads(cut));
  ByteWriter beyond;
  beyond.leb(3);
  beyond.raw(hash_of(7).view());
  beyond.leb(std::uint64_t{1} << 33);
  beyond.raw(hash_of(7).view());
  EXPECT_FALSE(reads(beyond.take()));
}

TEST(BatchCodec, ASignatureStandsExactlyWhereStatementsStand) {
  Records votes;
  votes.ballot.statements = {vote(Phase::prepare, 9)};
  const Bytes body = encode_records(votes);
  // Statements are counted in the byte before their first: a count of none leaves the rest over.
  const auto at =
      std::search(body.begin(), body.end(), votes.ballot.statements[0].subject.bytes.begin(),
                  votes.ballot.statements[0].subject.bytes.end());
  ASSERT_NE(at, body.end());
  Bytes bent = body;
  bent[static_cast<std::size_t>(at - body.begin()) - 3] = 0;
  EXPECT_FALSE(decode_records(bent).has_value());
  bent[static_cast<std::size_t>(at - body.begin()) - 3] = 2;
  EXPECT_FALSE(decode_records(bent).has_value());
}

TEST(BatchCodec, TheLargestBallotAndTheLargestCertificateFitIntoABatch) {
  Records votes;
  votes.ballot.statements.assign(bundle_statements_max, full(Phase::view_change));
  EXPECT_EQ(decode_records(encode_records(votes)).value(), votes);
  EXPECT_LT(encode_records(votes).size(), limits::part_bytes - 512);
  Records decided;
  decided.certificates = {certificate(limits::voters_max, bundle_depth_max)};
  std::uint32_t number = 0;
  for (Certificate::Commit& commit : decided.certificates[0].commits) {
    for (Hash& hash : commit.path.hashes) hash = numbered_hash(++number);
  }
  EXPECT_EQ(decode_records(encode_records(decided)).value(), decided);
  EXPECT_LT(encode_records(decided).size(), limits::part_bytes - 512);
}

/// Certificates of neighbours in one bundle of each of three voters.
Records decided_together(std::uint32_t count) {
  Records out;
  for (std::uint32_t i = 0; i < count; ++i) {
    Certificate one = certificate(3, 6);
    one.height = i + 1;
    for (std::uint32_t voter = 0; voter < 3; ++voter) {
      std::vector<Hash>& hashes = one.commits[voter].path.hashes;
      for (std::uint32_t level = 0; level < hashes.size(); ++level) {
        hashes[level] = numbered_hash(voter << 16U | level << 8U | (i >> level));
      }
    }
    out.certificates.push_back(std::move(one));
  }
  return out;
}

TEST(CertificateColumns, WhatIsSharedStandsOnce) {
  const Records together = decided_together(64);
  const Bytes body = encode_records(together);
  EXPECT_EQ(decode_records(body).value(), together);
  EXPECT_LT(body.size(), 64U * (350 + Hash::size));
  EXPECT_GT(encode_certificate(together.certificates[0]).size(), 800U);
}

TEST(CertificateColumns, OnlyWhatAWriterMakesIsRead) {
  const Bytes packed = pack_certificates({certificate(2, 1)});
  const auto reads = [](const Bytes& bytes) {
    ByteReader in(bytes);
    unpack_certificates(in);
    return in.done();
  };
  ASSERT_TRUE(reads(packed));
  const std::size_t hashes = 2 + 2 * (PeerId::size + Signature::size);
  ASSERT_EQ(packed[1], 2U);       // signatures
  ASSERT_EQ(packed[hashes], 1U);  // the same hash in both paths
  // A signature, or a hash, that stands twice, or that nobody uses.
  Bytes twice = packed;
  std::copy_n(twice.begin() + 2, PeerId::size + Signature::size,
              twice.begin() + 2 + PeerId::size + Signature::size);
  EXPECT_FALSE(reads(twice));
  Bytes unused = packed;
  unused[hashes] = 2;
  const Hash other = numbered_hash(9);
  unused.insert(unused.begin() + static_cast<std::ptrdiff_t>(hashes + 1 + Hash::size),
                other.bytes.begin(), other.bytes.end());
  EXPECT_FALSE(reads(unused));
  // No place in the lists is skipped, or lies beyond them; nothing is cut off.
  for (std::size_t at = 0; at < packed.size(); ++at) {
    EXPECT_FALSE(reads(Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(at))));
  }
  const std::size_t last = packed.size() - 1;
  ASSERT_EQ(packed[last], 0U);  // the hash of the second path
  for (const std::uint8_t place : {std::uint8_t{1}, std::uint8_t{7}}) {
    Bytes bent = packed;
    bent[last] = place;
    EXPECT_FALSE(reads(bent));
  }
  // A count that is not true makes no room.
  EXPECT_FALSE(reads(Bytes{0xff, 0xff, 0x03, 0, 0}));
}

TEST(Votes, OnlyWhatAWriterMakesIsRead) {
  const auto reads = [](const Statement& s) {
    const Bytes bytes = encode_statement(s);
    ByteReader in(bytes);
    const Statement back = read_statement(in);
    return in.done() && back == s;
  };
  for (const Phase phase : {Phase::prepare, Phase::commit, Phase::view_change, Phase::new_view}) {
    EXPECT_TRUE(reads(full(phase)));
    EXPECT_EQ(reads([&] {
                auto s = full(phase);
                s.value.reset();
                return s;
              }()),
              phase == Phase::view_change);
  }
  Statement odd = vote(Phase::prepare, 1);
  odd.height = 0;
  EXPECT_FALSE(reads(odd));
  odd = vote(Phase::commit, 1);
  odd.lock = Lock{};
  EXPECT_FALSE(reads(odd));
  odd = vote(Phase::commit, 1);
  odd.basis = hash_of(1);
  EXPECT_FALSE(reads(odd));
}

TEST(Votes, CertificatesOutOfOrderOrTooDeepAreRefused) {
  EXPECT_TRUE(decode_certificate(encode_certificate(certificate(3, 2))).has_value());
  Certificate twice = certificate(2, 0);
  twice.commits[1].voter = twice.commits[0].voter;
  EXPECT_FALSE(decode_certificate(encode_certificate(twice)).has_value());
  EXPECT_FALSE(decode_certificate(encode_certificate(certificate(1, 9))).has_value());
  Certificate sideless = certificate(1, 2);
  sideless.commits[0].path.sides = 4;
  EXPECT_FALSE(decode_certificate(encode_certificate(sideless)).has_value());
  Certificate first = certificate(1, 0);
  first.height = 0;
  EXPECT_FALSE(decode_certificate(encode_certificate(first)).has_value());
}

RC_GTEST_PROP(BatchCodec, DamagedBytesNeverCrash,
              (std::vector<std::pair<std::uint16_t, std::uint8_t>> edits)) {
  Bytes bytes = encode_records(some_records());
  for (const auto& [at, value] : edits) bytes[at % bytes.size()] = value;
  const auto back = decode_records(bytes);
  if (back) RC_ASSERT(decode_records(encode_records(*back)).has_value());
}

TEST(Messages, RoundTrips) {
  check_round_trip(Check{FrontierDigest{{1, 2, 3}}});
  check_round_trip(Pull{7, {{1, 9, 2}, {3, UINT64_MAX, UINT32_MAX}}});
  check_round_trip(Pulled{{Bytes{1, 2}, Bytes{}}, 4, true});
  const BundlePath path{{2, {Hash{{1}}, Hash{{2}}}}, {}};
  check_round_trip(Push{"s", 5, {"{}", ""}, true, path, Signature{}, true});
  check_round_trip(Pushed{"s", 7, true});
  check_round_trip(Open{"s"});
  check_round_trip(Opened{3, true});
  check_round_trip(Submit{"s", 0, {"a"}, false});
  check_round_trip(Submit{"s", std::nullopt, {}, true});
  check_round_trip(Verdicts{{Bytes{4}}, 1});
  check_round_trip(Dump{});
  check_round_trip(Dump{"s"});
  check_round_trip(Dump{"", {"counters", "health"}});
  check_round_trip(Dumped{"{}"});
  check_round_trip(Refused{Errc::busy, "later"});
  check_round_trip(AskEvents{"s", 3, 9, {}});
  check_round_trip(AskEvents{"s", 3, 5, {Hash{}, Hash{{1}}}});
  check_round_trip(Events{"s", 3, {"{}", ""}});
  check_round_trip(Events{"s", 3, {}, EventsState{4, {1, 2}, {3}}});
  const std::vector<LogEnd> read{{{PeerId{{1}}, 2}, 3}, {{PeerId{{1}}, 4}, UINT64_MAX}};
  check_round_trip(AskLeaves{});
  check_round_trip(AskLeaves{9, read});
  check_round_trip(Leaves{FrontierDigest{{1}}, std::vector<std::uint64_t>(1024, 7), {}});
  check_round_trip(Leaves{FrontierDigest{{1}}, std::vector<std::uint64_t>(1024, 7), {0, 4095}});
  check_round_trip(AskCells{{0, 3, 1023}, read});
  check_round_trip(
      Cells{FrontierDigest{{1}}, {3, 4}, {{Bytes{1}, Bytes{2, 3}}, {Bytes{}, Bytes{}}}, {7}});
  check_round_trip(AskEnds{});
  check_round_trip(AskEnds{Writer{PeerId{{7}}, 9}, 3});
  check_round_trip(Ends{{Bytes{1}}, {Bytes{2}, Bytes{}}, Writer{PeerId{{7}}, 9}});
  check_round_trip(Ends{});
  check_round_trip(AskReleased{});
  check_round_trip(AskReleased{SubjectId{{5}}, read});
  check_round_trip(ReleasedSubjects{{{"s", 4, Hash{{1}}}, {"t", 0, {}}}, true, {1, 2}, {}});
  check_round_trip(ReleasedSubjects{{}, false, {}, {{}, SubjectId{{5}}}});
  check_round_trip(AskValue{SubjectId{{5}}});
  check_round_trip(ProposalValue{{1, 2}, {3}});
  check_round_trip(ProposalValue{});
  check_round_trip(Pull{1, {}, true});
  check_round_trip(Pulled{{}, 1, true, true, true});
}

TEST(Messages, LeavesAreAllThereAndAskedForInOrder) {
  const auto reads = [](MessageBody body) {
    return decode_message(encode_message({1, std::move(body)})).has_value();
  };
  const std::vector<std::uint64_t> sums(1024);
  EXPECT_FALSE(reads(Leaves{{}, std::vector<std::uint64_t>(1023), {}}));
  EXPECT_FALSE(reads(Leaves{{}, sums, {1, 1}}));
  EXPECT_FALSE(reads(Leaves{{}, sums, {4096}}));
  EXPECT_FALSE(reads(AskCells{{3, 3}, {}}));
  EXPECT_FALSE(reads(AskCells{{4, 3}, {}}));
  EXPECT_FALSE(reads(AskCells{{1024}, {}}));
  EXPECT_FALSE(reads(AskLeaves{1, std::vector<LogEnd>(4097)}));
  EXPECT_FALSE(reads(ReleasedSubjects{{{"", 1, {}}}, false, {}, {}}));
  std::vector<std::uint16_t> many(65);
  std::iota(many.begin(), many.end(), std::uint16_t{0});
  EXPECT_FALSE(reads(AskCells{many, {}})) << "more than one answer is about";
}

TEST(Messages, ACheckGoesIntoSixtyFourBytes) {
  EXPECT_LE(encode_message({0, Check{FrontierDigest{{1}}}}).size(), 63U);  // and a trailer
}

TEST(Messages, AStateStandsForEventsThatAreNotThere) {
  const auto reads = [](Events events) {
    return decode_message(encode_message({1, std::move(events)})).has_value();
  };
  EXPECT_TRUE(reads({"s", 3, {}, EventsState{4, {1}, {2}}}));
  EXPECT_FALSE(reads({"s", 4, {}, EventsState{4, {1}, {2}}})) << "it is no further";
  EXPECT_FALSE(reads({"s", 3, {"{}"}, EventsState{5, {1}, {2}}})) << "events as well";
}

TEST(Messages, AQuestionForEventsNamesThem) {
  const auto reads = [](AskEvents ask) {
    return decode_message(encode_message({1, ask})).has_value();
  };
  EXPECT_TRUE(reads({"s", 0, 1024, std::vector<Hash>(1024)}));
  EXPECT_FALSE(reads({"s", 0, 1025, std::vector<Hash>(1025)})) << "more than a segment";
  EXPECT_FALSE(reads({"s", 0, 3, std::vector<Hash>(2)}));
  EXPECT_FALSE(reads({"s", 3, 3, {}}));
  EXPECT_FALSE(reads({"s", 3, 2, {}}));
}

RC_GTEST_PROP(Messages, DamagedBytesNeverCrash,
              (std::vector<std::pair<std::uint16_t, std::uint8_t>> edits)) {
  Bytes bytes =
      encode_message({1, Push{"stream", 5, {"{}", "{\"type\":1}"}, true, {}, Signature{}}});
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
}  // namespace vouch::codec_test
