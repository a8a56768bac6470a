// Messages in parts: whole again in any order, bounded whatever a sender does.
// SPDX-License-Identifier: MIT
#include "vouch/transport/parts.hpp"

#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vouch::transport::parts_test {
namespace {

Bytes message_of(std::size_t size, std::uint8_t salt = 0) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i)
    out[i] = static_cast<std::uint8_t>(i * 31 + i / 251 + salt);
  return out;
}

/// What came out of giving all parts in this order.
std::vector<Bytes> join(PartAssembler& assembler, const std::vector<Bytes>& parts) {
  std::vector<Bytes> out;
  for (const Bytes& part : parts) {
    auto whole = assembler.add("sender", part);
    EXPECT_TRUE(whole);
    if (whole && *whole) out.push_back(std::move(**whole));
  }
  return out;
}

TEST(Parts, AreWholeAgainAtEverySizeAroundTheBounds) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, limits::part_bytes - 1,
                                 limits::part_bytes, limits::part_bytes + 1, 2 * limits::part_bytes,
                                 std::size_t{1} << 20, limits::unfinished_bytes_max}) {
    PartAssembler assembler;
    const auto parts = PartSplitter().split(message_of(size));
    for (const Bytes& part : parts) EXPECT_LE(part.size(), limits::frame_bytes_max);
    EXPECT_EQ(join(assembler, parts), std::vector<Bytes>{message_of(size)}) << size;
    EXPECT_EQ(assembler.held_bytes(), 0U);
  }
}

TEST(Parts, OfAnotherWireVersionAreNone) {
  for (const std::size_t size : {std::size_t{10}, limits::part_bytes + 1}) {
    for (Bytes part : PartSplitter().split(message_of(size))) {
      PartAssembler assembler;
      ASSERT_TRUE(assembler.add("sender", part));
      part.back() = static_cast<std::uint8_t>(part.back() - 16);
      EXPECT_EQ(assembler.add("sender", part).error().code, Errc::malformed);
      part.back() = part.back() & 15U;  // what had no version said
      EXPECT_EQ(assembler.add("sender", part).error().code, Errc::malformed);
    }
  }
}

TEST(Parts, OneThatIsWholeCostsOneByteAndNoCopy) {
  Bytes message = message_of(1000);
  message.reserve(1001);
  const std::uint8_t* const at = message.data();
  auto parts = PartSplitter().split(std::move(message));
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].size(), 1001U);
  EXPECT_EQ(parts[0].data(), at);
  PartAssembler assembler;
  auto whole = assembler.add("sender", std::move(parts[0]));
  ASSERT_TRUE(whole && *whole);
  EXPECT_EQ((*whole)->data(), at);
}

RC_GTEST_PROP(Parts, AnyOrderWithRepetitionsGivesTheMessages, ()) {
  PartSplitter splitter(*rc::gen::arbitrary<std::uint32_t>());
  const auto size = rc::gen::inRange<std::size_t>(0, 5 * limits::part_bytes);
  const Bytes first = message_of(*size, 1);
  const Bytes second = message_of(*size, 2);
  std::vector<Bytes> all = splitter.split(first);
  for (Bytes& part : splitter.split(second)) all.push_back(std::move(part));
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
  }
  std::vector<Bytes> arriving;
  for (const std::size_t index : order) arriving.push_back(all[index]);
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    if (*rc::gen::inRange(0, 4) == 0)
      arriving.insert(arriving.begin() + static_cast<long>(i), all[order[i]]);
  }
  PartAssembler assembler;
  const std::vector<Bytes> got = join(assembler, arriving);
  RC_ASSERT(std::count(got.begin(), got.end(), first) >= 1);
  RC_ASSERT(std::count(got.begin(), got.end(), second) >= 1);
  for (const Bytes& message : got) RC_ASSERT(message == first || message == second);
}

RC_GTEST_PROP(Parts, StrangersBytesAreRefusedOrKeptInBounds, ()) {
  constexpr std::size_t bound = 4 * limits::part_bytes;
  const std::uint8_t part_kind = PartSplitter().split(Bytes(limits::part_bytes + 1))[0].back();
  PartAssembler assembler(bound);
  const int frames = *rc::gen::inRange(1, 60);
  for (int i = 0; i < frames; ++i) {
    const auto size = *rc::gen::element<std::size_t>(
        0, 1, 8, 9, 10, limits::part_bytes + 8, limits::part_bytes + 9, limits::part_bytes + 10);
    Bytes frame(size);
    // A plausible trailer: small numbers, so that messages meet.
    for (std::size_t at = size > 9 ? size - 9 : 0; at < size; ++at) {
      frame[at] = static_cast<std::uint8_t>(*rc::gen::element(0, 0, 0, 1, 2, 3));
    }
    if (size > 0 && *rc::gen::arbitrary<bool>()) frame.back() = part_kind;
    const auto whole = assembler.add(std::string(1, static_cast<char>('a' + i % 3)), frame);
    if (whole && *whole) RC_ASSERT((*whole)->size() <= bound);
    if (!whole) {
      RC_ASSERT(whole.error().code == Errc::malformed || whole.error().code == Errc::too_large);
    }
    RC_ASSERT(assembler.held_bytes() <= 3 * bound);
  }
}

TEST(Parts, TheOldestUnfinishedMessageGivesWay) {
  PartAssembler assembler(3 * limits::part_bytes);
  PartSplitter splitter;
  const auto first = splitter.split(message_of(3 * limits::part_bytes, 1));
  const auto second = splitter.split(message_of(3 * limits::part_bytes, 2));
  EXPECT_TRUE(join(assembler, {first[0], first[1]}).empty());
  EXPECT_EQ(join(assembler, second).size(), 1U);
  EXPECT_EQ(assembler.dropped(), 1U);
  EXPECT_TRUE(join(assembler, {first[2]}).empty());
  EXPECT_EQ(join(assembler, {first[0], first[1]}),
            std::vector<Bytes>{message_of(3 * limits::part_bytes, 1)});
}

TEST(Parts, ManyUnfinishedMessagesOfOneSenderGiveWay) {
  PartAssembler assembler;
  PartSplitter splitter;
  for (std::size_t i = 0; i < 3 * PartAssembler::messages_max; ++i) {
    EXPECT_TRUE(join(assembler, {splitter.split(message_of(limits::part_bytes + 1))[1]}).empty());
  }
  EXPECT_EQ(assembler.dropped(), 2 * PartAssembler::messages_max);
  EXPECT_EQ(assembler.held_bytes(), PartAssembler::messages_max);
}

TEST(Parts, AllSendersTogetherAreBounded) {
  PartAssembler assembler;
  const auto parts = PartSplitter().split(message_of(limits::unfinished_bytes_max));
  for (int sender = 0; sender < 40; ++sender) {
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      ASSERT_TRUE(assembler.add(std::to_string(sender), parts[i]));
    }
    EXPECT_LE(assembler.held_bytes(), PartAssembler::total_bytes_max);
  }
  EXPECT_GT(assembler.dropped(), 0U);
  // The last one was not the quietest: its message is still there.
  const auto whole = assembler.add("39", parts.back());
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->has_value());
}

TEST(Parts, SendersAreKeptApartAndForgotten) {
  PartAssembler assembler;
  const auto parts = PartSplitter().split(message_of(limits::part_bytes + 1));
  for (std::size_t i = 0; i < PartAssembler::senders_max + 10; ++i) {
    const auto added = assembler.add(std::to_string(i), parts[i % 2]);
    ASSERT_TRUE(added);
    EXPECT_FALSE(added->has_value());
  }
  EXPECT_EQ(assembler.dropped(), 10U);
}

TEST(Parts, AMessageThatCanNeverFitIsRefusedAtItsFirstPart) {
  PartAssembler assembler(2 * limits::part_bytes);
  const auto parts = PartSplitter().split(message_of(2 * limits::part_bytes + 1));
  for (const Bytes& part : parts) {
    const auto added = assembler.add("sender", part);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, Errc::too_large);
  }
  EXPECT_EQ(assembler.held_bytes(), 0U);
}

TEST(Parts, PartsOfAnEarlierRunAreNotMixedIn) {
  PartAssembler assembler;
  const auto before = PartSplitter(100).split(message_of(2 * limits::part_bytes, 1));
  const auto after = PartSplitter(200).split(message_of(2 * limits::part_bytes, 2));
  EXPECT_TRUE(join(assembler, {before[0], after[1]}).empty());
  EXPECT_EQ(join(assembler, {after[0]}), std::vector<Bytes>{message_of(2 * limits::part_bytes, 2)});
}

}  // namespace
}  // namespace vouch::transport::parts_test
