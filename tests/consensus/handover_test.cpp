// Handovers as values: bytes, cuts, and what comes in of whom. Whole changes of rosters with many
// pages are in pages_test.cpp.
// SPDX-License-Identifier: MIT
#include "tests/consensus/voters.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/handovers.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus::handover_test {
namespace {

constexpr Duration patience = std::chrono::seconds(2);

/// The n-th subject of a set, in no order.
SubjectId subject(std::uint64_t n) {
  return proposal_subject(ClusterId{}, "subject " + std::to_string(n));
}

SubjectStates finished(std::uint64_t from, std::uint64_t to) {
  SubjectStates out;
  for (std::uint64_t n = from; n < to; ++n) out.push_back({subject(n), 1, {}});
  std::ranges::sort(out, {}, &SubjectState::subject);
  return out;
}

std::vector<CutPage> cut(const SubjectStates& states) {
  PageCutter cutter;
  for (const SubjectState& state : states) cutter.add(state);
  return cutter.take();
}

std::set<Hash> hashes(const std::vector<CutPage>& pages) {
  std::set<Hash> out;
  for (const CutPage& page : pages) out.insert(page.hash);
  return out;
}

SignedStatement long_vote(const SubjectId& of) {
  SignedStatement vote;
  vote.statement.phase = Phase::prepare;
  vote.statement.subject = of;
  vote.statement.height = UINT32_MAX;
  vote.statement.view = vote.statement.epoch = vote.statement.incarnation = UINT32_MAX - 1;
  vote.statement.value = Value{UINT32_MAX, {}, UINT32_MAX, Hash{}};
  vote.path.hashes.resize(8);
  return vote;
}

TEST(HandoverPages, WhatIsWrittenIsReadBack) {
  SubjectStates page = finished(0, 5);
  page[1].prepares = {long_vote(page[1].subject), long_vote(page[1].subject)};
  page[2] = {page[2].subject, 0, {long_vote(page[2].subject)}};
  EXPECT_EQ(decode_page(encode_page(page)), page);
  HandoverIndex index{{{{PeerId{}, 1}, 7}}, {}};
  for (const CutPage& each : cut(finished(0, 3000))) index.pages.push_back(each.hash);
  ASSERT_GT(index.pages.size(), 1u);
  EXPECT_EQ(decode_index(encode_index(index)), index);
}

TEST(HandoverPages, OtherBytesAreRefused) {
  SubjectStates page = finished(0, 3);
  page[1].prepares = {long_vote(page[1].subject)};
  const Bytes good = encode_page(page);
  EXPECT_FALSE(decode_page({}));
  for (std::size_t size = 1; size < good.size(); ++size) {
    const auto part = decode_page(ByteView(good).first(size));
    EXPECT_TRUE(!part || encode_page(*part) == to_bytes(ByteView(good).first(size)));
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bent = good;
    bent[at] ^= 0xff;
    const auto read = decode_page(bent);
    EXPECT_TRUE(!read || encode_page(*read) == bent) << at;
  }
  std::swap(page[0], page[1]);
  EXPECT_FALSE(decode_page(encode_page(page)));
  EXPECT_FALSE(decode_page(encode_page({{subject(1), 0, {}}})));
  EXPECT_FALSE(decode_page(Bytes(handover_page_bytes_max + 1)));
  EXPECT_TRUE(decode_index(encode_index({{}, std::vector<Hash>(handover_pages_max)})));
  EXPECT_FALSE(decode_index(encode_index({{}, std::vector<Hash>(handover_pages_max + 1)})));
  EXPECT_FALSE(decode_index(Bytes(3)));
}

TEST(HandoverPages, AreOfBoundedSizeAndHaveEverything) {
  SubjectStates states = finished(0, 20'000);
  for (std::size_t i = 0; i < states.size(); i += 500) {
    states[i].prepares.assign(limits::voters_max, long_vote(states[i].subject));
  }
  SubjectStates read;
  const auto pages = cut(states);
  for (const CutPage& page : pages) {
    EXPECT_LE(page.bytes.size(), handover_page_bytes_max);
    EXPECT_TRUE(&page == &pages.back() || page.bytes.size() >= (32U << 10));
    const auto part = decode_page(page.bytes);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->front().subject, page.first);
    EXPECT_EQ(part->back().subject, page.last);
    read.insert(read.end(), part->begin(), part->end());
  }
  EXPECT_EQ(read, states);
}

TEST(HandoverPages, WhoKnowsAlmostTheSameMakesAlmostTheSamePages) {
  const auto all = cut(finished(0, 50'000));
  const auto more = cut(finished(0, 50'010));
  ASSERT_GT(all.size(), 30u);
  const std::set<Hash> held = hashes(all);
  std::size_t others = 0;
  for (const CutPage& page : more) others += held.contains(page.hash) ? 0 : 1;
  EXPECT_LE(others, 25u);  // of each of the ten its page, and where the cuts meet again
  auto higher = finished(0, 50'000);
  higher[20'000].height = 2;
  others = 0;
  for (const CutPage& page : cut(higher)) others += held.contains(page.hash) ? 0 : 1;
  EXPECT_EQ(others, 1u);
}

/// Of three voters, as somebody hears of them.
struct Heard {
  Handovers handovers;
  PeerId self = peer(0);
  Instant now{};
  std::set<SubjectId> known;
  std::size_t loads = 0;

  static PeerId peer(std::uint8_t n) {
    PeerId out;
    out.bytes.fill(n);
    return out;
  }
  void keep(std::uint8_t voter, const std::vector<CutPage>& pages, std::uint8_t teller) {
    HandoverIndex index;
    for (const CutPage& page : pages) index.pages.push_back(page.hash);
    Handover words;
    words.vote.voter = peer(voter);
    words.vote.statement.phase = Phase::handover;
    words.vote.statement.height = words.vote.statement.incarnation = 1;
    words.index = encode_index(index);
    words.vote.statement.basis = crypto::blake2b(words.index);
    handovers.keep(words, index, peer(teller));
  }
  bool meets(const SubjectStates& page) const {
    return std::ranges::all_of(page,
                               [this](const auto& state) { return known.contains(state.subject); });
  }
  Handovers::Taken take(std::uint8_t from, ByteView bytes) {
    return handovers.take(
        peer(from), bytes, [](const SubjectState& state) { return state.height < 100; },
        [this](const SubjectStates& page) { return meets(page); });
  }
  Handovers::Wanted look() {
    handovers.look([this](const PeerId&, const SubjectStates& page) { return meets(page); });
    handovers.advance();
    return handovers.wanted(now, patience, self);
  }
  std::size_t in_memory() {
    std::size_t count = 0;
    handovers.look([&](const PeerId&, const SubjectStates&) { return ++count == 0; });
    return count;
  }
};

using Taken = Handovers::Taken;

TEST(Handovers, PagesAreAskedForOnceAndTakenOnce) {
  Heard heard;
  const auto pages = cut(finished(0, 3000));
  for (const auto& state : finished(0, 3000)) heard.known.insert(state.subject);
  heard.keep(1, pages, 1);
  heard.keep(2, pages, 2);
  EXPECT_EQ(heard.take(1, pages[0].bytes), Taken::nothing);  // not asked for yet
  const auto wanted = heard.look();
  std::size_t asked = 0;
  for (const auto& [voter, asks] : wanted.asks) asked += asks.size();
  EXPECT_EQ(asked, pages.size());
  EXPECT_TRUE(heard.look().asks.empty());
  for (const CutPage& page : pages) {
    EXPECT_EQ(heard.take(1, page.bytes), Taken::page);
    EXPECT_EQ(heard.take(2, page.bytes), Taken::nothing);
  }
  heard.handovers.advance();
  EXPECT_TRUE(heard.handovers.is_read(Heard::peer(1)));
  EXPECT_TRUE(heard.handovers.is_read(Heard::peer(2)));
}

TEST(Handovers, WhatDoesNotComeIsAskedOfAnotherOne) {
  Heard heard;
  const auto pages = cut(finished(0, 3000));
  heard.keep(1, pages, 1);
  heard.keep(2, pages, 2);
  ASSERT_EQ(heard.look().asks.size(), 1u);
  heard.now += patience;
  const auto again = heard.look();
  ASSERT_EQ(again.asks.size(), 1u);
  EXPECT_EQ(again.asks.begin()->first, Heard::peer(2));
  EXPECT_EQ(again.asks.begin()->second.size(), pages.size());
  // What nobody signed is not believed, and who sends it is asked last.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(heard.take(2, Bytes{1, 2, 3}), Taken::bad);
  heard.now += patience;
  EXPECT_EQ(heard.look().asks.begin()->first, Heard::peer(1));
}

TEST(Handovers, EndlessPagesCostAWindow) {
  Heard heard;
  const auto pages = cut(finished(0, 100'000));
  ASSERT_GT(pages.size(), 2 * Handovers::window);
  heard.keep(1, pages, 1);
  for (int i = 0; i < 10; ++i) {
    heard.look();
    for (const CutPage& page : pages) heard.take(1, page.bytes);
    EXPECT_EQ(heard.in_memory(), Handovers::window);
    heard.now += patience;
  }
  std::size_t rows = 0;
  for (const auto& row : heard.handovers.take_rows()) rows += row.kind == 'p' ? 1 : 0;
  EXPECT_EQ(rows, Handovers::window);
}

TEST(Handovers, WhatIsMetLeavesMemoryAndTheNextOnesCome) {
  Heard heard;
  const auto states = finished(0, 100'000);
  const auto pages = cut(states);
  heard.keep(1, pages, 1);
  std::size_t rounds = 0;
  for (; !heard.handovers.is_read(Heard::peer(1)) && rounds < pages.size(); ++rounds) {
    for (const auto& [voter, asks] : heard.look().asks) {
      for (const CutPage& page : pages) {
        if (std::ranges::find(asks, page.hash) != asks.end()) heard.take(1, page.bytes);
      }
    }
    EXPECT_LE(heard.in_memory(), Handovers::window);
    for (const SubjectState& state : states) heard.known.insert(state.subject);
  }
  EXPECT_LE(rounds, pages.size() / Handovers::window + 3);
  EXPECT_EQ(heard.in_memory(), 0u);
}

TEST(Handovers, WhoSignsABadPageIsRefused) {
  for (const bool malformed : {true, false}) {
    Heard heard;
    const auto good = cut(finished(0, 10));
    SubjectStates unproven = finished(0, 10);
    unproven[3].height = 100;
    std::vector<CutPage> bad = cut(unproven);
    if (malformed) bad[0].bytes = Bytes(40, 1);
    bad[0].hash = crypto::blake2b(bad[0].bytes);
    heard.keep(1, good, 1);
    heard.keep(2, bad, 2);
    heard.look();
    EXPECT_EQ(heard.take(2, bad[0].bytes), Taken::bad);
    EXPECT_TRUE(heard.handovers.refuses(Heard::peer(2)));
    EXPECT_FALSE(heard.handovers.holds(Heard::peer(2)));
    EXPECT_TRUE(heard.handovers.holds(Heard::peer(1)));
    EXPECT_EQ(heard.take(1, good[0].bytes), Taken::page);
  }
}

TEST(Handovers, PagesThatDoNotRiseAreRefused) {
  for (const bool twice : {true, false}) {
    Heard heard;
    const auto states = finished(0, 3000);
    for (const SubjectState& state : states) heard.known.insert(state.subject);
    auto pages = cut(states);
    if (twice) {
      pages[1] = pages[0];
    } else {
      std::swap(pages[0], pages[1]);
    }
    heard.keep(1, pages, 1);
    heard.look();
    for (const CutPage& page : pages) heard.take(1, page.bytes);
    heard.look();
    EXPECT_TRUE(heard.handovers.refuses(Heard::peer(1)));
  }
}

TEST(Handovers, AStartGoesOnWhereTheDiskIs) {
  Heard before;
  const auto states = finished(0, 10'000);
  const auto pages = cut(states);
  ASSERT_GT(pages.size(), 4u);
  before.keep(1, pages, 1);
  before.look();
  before.take(1, pages[0].bytes);
  before.take(1, pages[3].bytes);
  Heard after;
  for (const SubjectState& state : states) after.known.insert(state.subject);
  for (const auto& row : before.handovers.take_rows()) {
    ASSERT_TRUE(row.value);
    ASSERT_TRUE(after.handovers.restore(row.kind, row.key, *row.value));
  }
  const auto wanted = after.look();
  const std::set<Hash> loads(wanted.loads.begin(), wanted.loads.end());
  EXPECT_EQ(loads, (std::set<Hash>{pages[0].hash, pages[3].hash}));
  EXPECT_EQ(wanted.asks.at(Heard::peer(1)).size(), pages.size() - 2);
  for (const CutPage& page : pages) {
    EXPECT_EQ(after.take(loads.contains(page.hash) ? 0 : 1, page.bytes), Taken::page);
  }
  after.look();
  EXPECT_TRUE(after.handovers.is_read(Heard::peer(1)));
  EXPECT_FALSE(after.handovers.restore('h', {}, Bytes{1}));
  EXPECT_FALSE(after.handovers.restore('p', Bytes{1}, Bytes{1}));
  EXPECT_FALSE(after.handovers.restore('x', {}, {}));
}

TEST(Handovers, OnlyPagesThatAreStillListedStayOnDisk) {
  Heard heard;
  const auto one = cut(finished(0, 3000));
  const auto other = cut(finished(3000, 6000));
  heard.keep(1, one, 1);
  heard.keep(2, other, 2);
  heard.look();
  for (const CutPage& page : one) heard.take(1, page.bytes);
  for (const CutPage& page : other) heard.take(2, page.bytes);
  heard.handovers.take_rows();
  heard.handovers.keep_only({Heard::peer(1)});
  std::size_t erased = 0;
  for (const auto& row : heard.handovers.take_rows()) erased += row.value ? 0 : 1;
  EXPECT_EQ(erased, other.size() + 1);
  EXPECT_TRUE(heard.handovers.has_stored(one[0].hash));
  EXPECT_FALSE(heard.handovers.has_stored(other[0].hash));
}

}  // namespace
}  // namespace vouch::consensus::handover_test
