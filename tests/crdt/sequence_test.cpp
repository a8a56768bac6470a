// The replicated sequence: laws, its order against a plain vector, and what concurrent writers see.
// SPDX-License-Identifier: MIT
#include "vouch/crdt/sequence.hpp"

#include "tests/crdt/laws.hpp"
#include <gtest/gtest.h>

namespace vouch::crdt::sequence_test {
namespace {

using Text = Causal<Sequence<char>>;
const auto write_text = [](const Text& text, std::uint64_t replica, const Step& s) {
  const auto at = static_cast<std::size_t>(s.arg);
  if (s.what > 8) return text->remove(at);
  return text->insert(text.next(replica), at, static_cast<char>('a' + s.what));
};

VOUCH_LAWS(CausalLaws, sequence, Text, write_text)

std::string shown(const Text& text) {
  const std::vector<char> letters = text->values();
  return {letters.begin(), letters.end()};
}
void type(Text& text, ReplicaId replica, std::size_t at, std::string_view letters) {
  for (const char letter : letters) text.join(text->insert(text.next(replica), at++, letter));
}
std::size_t depth(const Text& text) {
  std::size_t most = 0;
  for (const auto& entry : text->body().entries()) most = std::max(most, entry.first.depth());
  return most;
}

/// Whatever two writers do at whatever index, each sees what a vector would give.
VOUCH_PROPERTY(SequenceProperty, insertsWhereItWasTold) {
  std::uint32_t random = draw_number();
  Text text;
  std::string twin;
  for (int i = 0; i < 300; ++i) {
    random = random * 1664525u + 1013904223u;
    const std::size_t at = (random >> 16) % (twin.size() + 1);
    if ((random >> 12 & 3) == 0 && at < twin.size()) {
      text.join(text->remove(at));
      twin.erase(at, 1);
    } else {
      const char letter = static_cast<char>('a' + random % 26);
      text.join(text->insert(text.next(1 + (random >> 31)), at, letter));
      twin.insert(at, 1, letter);
    }
  }
  VOUCH_HOLDS(shown(text) == twin);
  VOUCH_HOLDS(decode<Text>(encode(text)) == text);
}

TEST(Sequence, WordsTypedAtOneSpotDoNotMix) {
  Text a, b;
  type(a, 1, 0, "[]");
  b.join(a);
  type(a, 1, 1, "left");
  type(b, 2, 1, "right");
  a.join(b);
  b.join(a);
  EXPECT_EQ(shown(a), shown(b));
  EXPECT_TRUE(shown(a) == "[leftright]" || shown(a) == "[rightleft]") << shown(a);
}

TEST(Sequence, WordsTypedBackwardDoNotMixEither) {
  Text a, b;
  for (const char letter : std::string("tfel")) a.join(a->insert(a.next(1), 0, letter));
  for (const char letter : std::string("thgir")) b.join(b->insert(b.next(2), 0, letter));
  a.join(b);
  EXPECT_TRUE(shown(a) == "leftright" || shown(a) == "rightleft") << shown(a);
}

TEST(Sequence, TypingEitherWayMakesNoDeeperPaths) {
  Text forward, backward;
  for (std::size_t i = 0; i < 1000; ++i) {
    forward.join(forward->insert(forward.next(1), i, 'x'));
    backward.join(backward->insert(backward.next(1), 0, 'x'));
  }
  EXPECT_EQ(depth(forward), 1u);
  EXPECT_EQ(depth(backward), 1u);
}

TEST(Sequence, RemovedElementsLeaveNothing) {
  Text text;
  type(text, 1, 0, "word");
  while (text->size() > 0) text.join(text->remove(0));
  EXPECT_TRUE(text->empty());
  EXPECT_LE(encode(text).size(), 8u);
}

}  // namespace
}  // namespace vouch::crdt::sequence_test
