// A state that is offered instead of events: a machine takes it if its certificate convinces, once
// it has all certificates up to there.
// SPDX-License-Identifier: MIT
#include "tests/sim/pair.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/messages.hpp"
#include "vouch/membership/certificate.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::sim::offers_test {
namespace {

/// Behind five runs; `word` is in their names.
validator::StreamValidator judged(std::string_view word) {
  validator::Options options{.stream = "t"};
  options.keeps_states = true;
  options.state_interval = 10;
  validator::StreamValidator stream(options);
  for (int i = 0; i < 5; ++i) {
    for (const char* type : {"RUN_STARTED", "RUN_FINISHED"}) {
      stream.feed(fmt::format(R"({{"type":"{}","threadId":"t","runId":"{}{}"}})", type, word, i));
    }
  }
  return stream;
}

/// One machine of four voters, which holds nothing of the stream; the test speaks for the others.
struct Offers : testing::Test {
  std::vector<std::unique_ptr<Signer>> signers;
  std::deque<Host::Letter> mail;
  std::unique_ptr<Host> host;
  ClusterId cluster = sync::cluster_id("two");
  validator::StreamValidator theirs = judged("r");
  const validator::FoldState state = theirs.take_state().value();
  Outbox out;

  void SetUp() override {
    std::vector<PeerId> ids;
    for (std::size_t i = 0; i < 4; ++i) {
      ids.push_back(signers.emplace_back(make_signer(1, i, false))->id());
    }
    host = std::make_unique<Host>(0, membership::Roster(ids, 0), mail);
  }
  Value value() const { return {10, theirs.chain().head(), 0, theirs.state_at(10)}; }
  Certificate certify(const Value& value, std::size_t count, std::string_view stream = "t") const {
    Statement commit;
    commit.phase = Phase::commit;
    commit.subject = stream_subject(cluster, stream);
    commit.height = 1;
    commit.incarnation = 1;
    commit.value = value;
    std::map<PeerId, SignedStatement> commits;
    for (std::size_t i = 1; i <= count; ++i) {
      commits[signers[i]->id()] = sign_bundle(cluster, *signers[i], {commit}).front();
    }
    return membership::certificate_from(commits);
  }
  void offer(const Bytes& bytes, const Certificate& certificate) {
    Events events{"t", 0, {}, EventsState{10, bytes, encode_certificate(certificate)}};
    host->machine.on_request(host->now, signers[1]->id(), "route", {0, std::move(events)}, out);
  }
  void hear(const Certificate& certificate) {
    const Bytes words =
        consensus::encode_words({{consensus::SubjectKind::stream, "t", certificate}});
    host->machine.on_request(host->now, signers[1]->id(), "route", {1, Agree{words}}, out);
    host->machine.on_tick(host->now, out);
  }
  bool taken() { return host->lanes.tip("t").has_value(); }
  std::uint64_t resumed() const { return host->machine.refolder().counters().resumed; }
};

TEST_F(Offers, OneIsTakenOnceItsCertificatesAreHere) {
  const Certificate certificate = certify(value(), 3);
  offer(state.bytes, certificate);
  EXPECT_FALSE(taken()) << "what came before it is not known";
  hear(certificate);
  EXPECT_FALSE(taken()) << "a certificate alone puts no stream anywhere";
  offer(state.bytes, certificate);
  ASSERT_TRUE(taken());
  EXPECT_EQ(host->lanes.tip("t")->head, theirs.chain().head());
  EXPECT_EQ(host->lanes.tip("t")->upto + 1, 10u);
  EXPECT_EQ(resumed(), 1u);
  const auto row = std::ranges::find(out.rows, Table::states, &Row::table);
  ASSERT_NE(row, out.rows.end());
  EXPECT_EQ(sync::decode_state_row(*row->value)->height, 1u);
  offer(state.bytes, certificate);
  EXPECT_EQ(resumed(), 1u) << "it is there already";
}

TEST_F(Offers, OneThatWasNotCertifiedIsNotTaken) {
  validator::StreamValidator other = judged("s");
  hear(certify(value(), 3));
  offer(other.take_state()->bytes, certify(value(), 3));
  EXPECT_FALSE(taken()) << "other bytes";
  Bytes renamed = state.bytes;
  const auto place = std::ranges::search(renamed, as_bytes("r0")).begin();
  ASSERT_NE(place, renamed.end());
  *place = 'q';
  offer(renamed, certify(value(), 3));
  EXPECT_FALSE(taken()) << "other bytes that lead to the same head";
  Value another = value();
  another.state = other.state_at(10);
  offer(judged("s").take_state()->bytes, certify(another, 2));
  EXPECT_FALSE(taken()) << "two voters of four";
  offer(state.bytes, certify(value(), 3, "u"));
  EXPECT_FALSE(taken()) << "of another stream";
  another = value();
  another.state.reset();
  offer(state.bytes, certify(another, 3));
  EXPECT_FALSE(taken()) << "no state is certified";
  offer(state.bytes, certify(value(), 3));
  EXPECT_TRUE(taken());
}

TEST_F(Offers, OneThatLeadsToAnotherHeadIsNotTaken) {
  Value another = value();
  another.head = judged("s").chain().head();
  const Certificate certificate = certify(another, 3);
  hear(certificate);
  offer(state.bytes, certificate);
  EXPECT_FALSE(taken());
}

TEST_F(Offers, AStreamThatIsAsFarIsLeftAlone) {
  validator::StreamValidator other = judged("s");
  Texts events;
  for (int i = 0; i < 5; ++i) {
    for (const char* type : {"RUN_STARTED", "RUN_FINISHED"}) {
      events.push_back(fmt::format(R"({{"type":"{}","threadId":"t","runId":"s{}"}})", type, i));
    }
  }
  host->submit(events);
  hear(certify(value(), 3));
  offer(state.bytes, certify(value(), 3));
  EXPECT_EQ(resumed(), 0u);
  EXPECT_EQ(host->lanes.tip("t")->head, other.chain().head()) << "votes and events decide here";
}

}  // namespace
}  // namespace vouch::sim::offers_test
