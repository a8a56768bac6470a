// What a validator makes of the signature over pushes that left together.
// SPDX-License-Identifier: MIT
#include "tests/sim/pair.hpp"

namespace vouch::sim::pushes_test {
namespace {

using std::chrono::milliseconds;

/// Runs in three streams that the second peer pushes at once; the first one gets what the test
/// gives it.
struct Story : Pair {
  Story() {
    pass(milliseconds(100));
    for (const std::string& stream : streams) {
      for (const std::string& event : short_run) {
        EXPECT_TRUE(other.lanes.submit(stream, event, std::nullopt, false));
      }
    }
    other.carrier.turn(other.now);
    transport::PartAssembler assembler;
    for (Host::Letter& letter : mail) {
      const auto whole = assembler.add("", std::move(letter.incoming.bytes));
      if (!whole || !*whole) continue;
      const auto message = decode_message(**whole);
      const auto* push = message ? std::get_if<Push>(&message->body) : nullptr;
      if (push != nullptr) pushes.push_back(*push);
    }
    mail.clear();
    EXPECT_EQ(pushes.size(), streams.size());
  }

  void hand_over() {
    for (const Push& push : pushes) other.tell(one.signer->id(), {1, push});
    deliver();
  }
  bool attests(std::size_t which) { return one.lanes.tip(pushes[which].stream).has_value(); }
  std::uint64_t bad() const { return one.machine.counters().bad_pushes; }

  const Texts streams{"t", "u", "v"};
  std::vector<Push> pushes;
};

TEST(Pushes, ThatLeftTogetherAreBelievedByOneSignature) {
  Story story;
  for (const Push& push : story.pushes) {
    EXPECT_EQ(push.signature, story.pushes[0].signature);
    EXPECT_FALSE(push.path.hashes.empty());
  }
  story.hand_over();
  EXPECT_EQ(story.bad(), 0U);
  for (const std::size_t which : {0U, 1U, 2U}) EXPECT_TRUE(story.attests(which));
}

TEST(Pushes, OfOtherEventsThanWereSignedAreNotAttested) {
  Story story;
  story.pushes[0].events.back() = R"({"type":"RUN_FINISHED","threadId":"t","runId":"x"})";
  story.hand_over();
  EXPECT_EQ(story.bad(), 1U);
  EXPECT_FALSE(story.attests(0));
  EXPECT_TRUE(story.attests(1));
}

TEST(Pushes, InThePlaceOfOthersAreNotAttested) {
  Story story;
  std::swap(story.pushes[0].path, story.pushes[1].path);
  story.hand_over();
  EXPECT_EQ(story.bad(), 2U);
  EXPECT_FALSE(story.attests(0));
  EXPECT_FALSE(story.attests(1));
  EXPECT_TRUE(story.attests(2));
}

}  // namespace
}  // namespace vouch::sim::pushes_test
