// How events reach the validators of their stream when those are slow, silent or asked twice.
// SPDX-License-Identifier: MIT
#include "vouch/sync/pusher.hpp"

#include "tests/peer_named.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sync::pusher_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class NoSigner final : public Signer {
 public:
  const PeerId& id() const override { return id_; }
  Signature sign(ByteView message) const override {
    ++signed_;
    said_.insert(to_bytes(message));
    return {};
  }
  bool verify(const PeerId&, ByteView, const Signature&) const override { return true; }

  std::size_t signatures() const { return signed_; }
  bool has_signed(const Bytes& message) const { return said_.contains(message); }

 private:
  PeerId id_;
  mutable std::size_t signed_ = 0;
  mutable std::set<Bytes> said_;
};

/// A pusher and its validators, stepped by hand.
struct Story {
  explicit Story(PushLimits limits = {}) : pusher({}, signer, limits) {}

  NoSigner signer;
  Pusher pusher;
  PeerId one = peer_named(1), two = peer_named(2);
  std::vector<PeerId> validators{one, two};
  Instant now{};
  std::map<std::string, std::uint64_t> sizes;

  void submit(const std::string& stream, std::size_t events, bool closes = false) {
    ingest::Progress progress;
    progress.stream = stream;
    progress.first = sizes[stream];
    progress.items.assign(events, item());
    sizes[stream] += events;
    progress.size = sizes[stream] + (closes ? 1 : 0);
    progress.closed = closes;
    progress.urgent = true;
    pusher.on_progress(now, progress, validators);
  }
  /// What leaves in this moment; the store has every event.
  std::vector<Send> tick() {
    Outbox out;
    pusher.on_tick(now, out);
    for (const LoadPayload& load : out.loads) {
      const std::vector<ingest::Item> items(sizes[load.stream] - load.first, item());
      pusher.on_payload(load.stream, load.target, load.first, items, out);
    }
    return std::move(out.sends);
  }
  static ingest::Item item() { return {{}, std::make_shared<const std::string>("{}")}; }
  /// The answer of whoever got `send`, who now has the events below `next`.
  void answer(const Send& send, std::uint64_t next) {
    const auto& push = std::get<Push>(send.message.body);
    pusher.on_pushed(now, send.to, send.message.id, {push.stream, next, false});
  }
};

const Push& push_of(const Send& send) {
  return std::get<Push>(send.message.body);
}

TEST(Pusher, SignsOnceWhatItTellsEverybody) {
  Story story;
  story.submit("s", 3);
  const auto sent = story.tick();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(story.signer.signatures(), 1U);
  story.answer(sent[0], 3);
  story.answer(sent[1], 1);
  story.submit("s", 1);
  // Now they are not equally far: each is told something else, and by the same signature.
  EXPECT_EQ(story.tick().size(), 2U);
  EXPECT_EQ(story.signer.signatures(), 2U);
}

TEST(Pusher, SignsOnceWhatLeavesTogether) {
  // With more streams than one bundle holds: every push leads to a root that was signed.
  const std::size_t streams = bundle_statements_max / 2 + 20;
  PushLimits limits;
  limits.in_flight_max = streams;
  Story story(limits);
  for (std::size_t i = 0; i < streams; ++i) story.submit(fmt::format("s{}", i), 1 + i % 3);
  const auto sent = story.tick();
  EXPECT_EQ(sent.size(), 2 * streams);
  EXPECT_EQ(story.signer.signatures(), 2U);
  for (const Send& send : sent) {
    const Push& push = push_of(send);
    const std::vector<Hash> digests(push.events.size(), Story::item().digest);
    const Hash leaf = push_leaf({}, push.stream, push.first, digests, push.closes);
    EXPECT_TRUE(story.signer.has_signed(bundle_statement(tree_root(leaf, push.path))));
  }
}

TEST(Pusher, GetsUsedToAValidatorThatAnswersLate) {
  // A validator that is only busy gets every event once: what is given up too early is sent again
  // and makes it busier.
  Story story;
  story.validators = {story.one};
  const Duration late = seconds(3);
  std::multimap<Instant, Send> answers;
  std::uint64_t taken = 0;
  std::size_t sent_events = 0;
  std::uint64_t retried_when_warm = 0;
  const Instant end = story.now + seconds(300);
  for (; story.now < end; story.now += milliseconds(100)) {
    story.submit("a", 1);
    while (!answers.empty() && answers.begin()->first <= story.now) {
      const Send& send = answers.begin()->second;
      taken = std::max(taken, push_of(send).first + push_of(send).events.size());
      story.answer(send, taken);
      answers.erase(answers.begin());
    }
    for (const Send& send : story.tick()) {
      sent_events += push_of(send).events.size();
      answers.emplace(story.now + late, send);
    }
    if (story.now == Instant{} + seconds(30)) retried_when_warm = story.pusher.counters().retried;
  }
  EXPECT_EQ(story.pusher.counters().retried, retried_when_warm);
  EXPECT_LE(retried_when_warm, 4U);
  EXPECT_LT(sent_events, story.sizes["a"] * 11 / 10);
  EXPECT_GT(taken, story.sizes["a"] * 9 / 10);
}

TEST(Pusher, ASilentValidatorIsProbedWithBackOff) {
  Story story;
  story.submit("a", 1);
  std::size_t sent = 0;
  Send last;
  const Instant end = story.now + seconds(60);
  for (; story.now < end; story.now += milliseconds(50)) {
    for (const Send& send : story.tick()) {
      if (send.to == story.one) story.answer(send, 1);
      if (send.to != story.two) continue;
      ++sent;
      last = send;
    }
  }
  EXPECT_GE(sent, 6U);
  EXPECT_LE(sent, 12U);
  EXPECT_EQ(story.pusher.backlog_bytes(), 0U) << "who is silent does not hold up submitters";
  story.answer(last, 0);
  Outbox out;
  story.pusher.on_tick(story.now, out);
  ASSERT_EQ(out.loads.size(), 1U) << "it gets from the store what has left memory";
  EXPECT_EQ(out.loads[0].target, story.two);
}

TEST(Pusher, AStreamEndsWhileAValidatorIsStillAskedToAttest) {
  Story story;
  story.submit("a", 1, true);
  const auto sent = story.tick();
  ASSERT_EQ(sent.size(), 2U);
  story.answer(sent[0], 2);
  story.pusher.on_awaited(story.now, "a");
  EXPECT_EQ(story.tick().size(), 1U) << "the one that has everything is told that somebody waits";
  story.answer(sent[1], 2);
  EXPECT_TRUE(story.pusher.delivered("a"));
  EXPECT_FALSE(story.pusher.next_deadline()) << "nothing is left to wait for";
  story.now += seconds(10);
  EXPECT_TRUE(story.tick().empty());
  story.submit("b", 1);
  EXPECT_EQ(story.tick().size(), 2U);
}

TEST(Pusher, SomebodyWaitsIsSaidAgainWhenItWasLost) {
  Story story;
  story.validators = {story.one};
  story.submit("a", 1);
  auto sent = story.tick();
  story.answer(sent.at(0), 1);
  story.pusher.on_awaited(story.now, "a");
  sent = story.tick();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(push_of(sent[0]).attest);
  story.now += seconds(1);  // lost
  sent = story.tick();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_FALSE(push_of(sent[0]).attest) << "a probe first";
  story.answer(sent[0], 1);
  sent = story.tick();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(push_of(sent[0]).attest);
}

TEST(Pusher, NothingIsHeldForWhoIsOnAnotherChain) {
  Story story;
  story.submit("s", 3);
  const auto sent = story.tick();
  ASSERT_EQ(sent.size(), 2U);
  const PeerId& slow = sent[1].to;
  story.answer(sent[0], 3);
  EXPECT_GT(story.pusher.backlog_bytes(), 0U);
  story.pusher.on_other(story.now, "s", slow, 3, false, story.validators);
  EXPECT_EQ(story.pusher.backlog_bytes(), 0U);
  story.submit("s", 1);
  for (const Send& send : story.tick()) story.answer(send, 4);
  story.pusher.on_same("s", slow, 1, 4);
  EXPECT_EQ(story.pusher.backlog_bytes(), 0U);
}

}  // namespace
}  // namespace vouch::sync::pusher_test
