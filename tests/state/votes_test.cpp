// Votes and certificates as part of the state: the laws of their cells, their rows, what the state
// hash covers, and the signed statement that comes out of a cell again.
// SPDX-License-Identifier: MIT
#include "tests/crdt/laws.hpp"
#include <gtest/gtest.h>

#include "vouch/state/cells.hpp"

namespace vouch::state::votes_test {
namespace {

template <class Fixed>
Fixed filled(int byte) {
  Fixed out;
  out.bytes.fill(static_cast<std::uint8_t>(byte));
  return out;
}

Value value_of(int byte) {
  return {static_cast<std::uint64_t>(byte) + 1, filled<Hash>(byte), 0};
}

SignedStatement vote(Phase phase, int height, int value, int signature) {
  Statement s;
  s.phase = phase;
  s.subject = filled<SubjectId>(1);
  s.height = static_cast<std::uint32_t>(height);
  s.epoch = 2;
  s.incarnation = 3;
  s.value = value_of(value);
  const BundlePath path{{1, {filled<Hash>(signature)}}, {}};
  return {filled<PeerId>(4), s, path, filled<Signature>(signature)};
}

Certificate certificate(int height, int value, int signature) {
  Certificate out{
      filled<SubjectId>(1), static_cast<std::uint32_t>(height), 0, 0, value_of(value), {}};
  out.commits = {{filled<PeerId>(4), 1, {}, filled<Signature>(signature)}};
  return out;
}

State state_of(const SignedStatement& vote) {
  return delta_from(std::span(&vote, 1));
}
State state_of(const Certificate& one) {
  return delta_from(std::span(&one, 1));
}

/// The part of `State` that is made of `vote`s or certificates, without what it is keyed by.
const auto write_vote = [](const VoteCell&, std::uint64_t, const crdt::Step& s) {
  const VoteEvidence evidence{1, {}, filled<Signature>(s.what)};
  const VoteRank rank{static_cast<std::uint32_t>(1 + s.arg / 6),
                      static_cast<std::uint32_t>(s.arg / 3 % 2)};
  return VoteCell(rank, value_of(s.what % 5), crdt::least(evidence));
};
const auto write_certificate = [](const CertificateCell&, std::uint64_t, const crdt::Step& s) {
  return CertificateCell(static_cast<std::uint32_t>(1 + s.arg / 3), value_of(s.what % 5),
                         crdt::least(Bytes{static_cast<std::uint8_t>(s.what)}));
};
using Prepares = crdt::GMap<SubjectId, crdt::GMap<PeerId, VoteCell>>;
const auto write_map = [](const Prepares&, std::uint64_t replica, const crdt::Step& s) {
  VoterCells cells;
  cells.join_at(filled<PeerId>(static_cast<int>(replica % 3)), write_vote({}, replica, s));
  Prepares delta;
  delta.join_at(filled<SubjectId>(s.arg), cells);
  return delta;
};

VOUCH_LAWS(StateLaws, votes, VoteCell, write_vote)
VOUCH_LAWS(StateLaws, certificates, CertificateCell, write_certificate)
VOUCH_LAWS(StateLaws, votes_of_all, Prepares, write_map)

State some_state() {
  State state;
  for (const auto& one : {vote(Phase::prepare, 2, 1, 5), vote(Phase::prepare, 2, 3, 6),
                          vote(Phase::commit, 1, 1, 5)}) {
    state.join(state_of(one));
  }
  state.join(state_of(certificate(1, 1, 8)));
  state.join(state_of(certificate(1, 2, 8)));
  return state;
}

State restored(const State& state) {
  State back;
  visit_cells(state, state, [&back](const Bytes& key, const Bytes& row) {
    EXPECT_TRUE(restore_cell(key, row, back).has_value());
  });
  return back;
}

TEST(Votes, RowsBringBackCellsWithTheirEvidence) {
  EXPECT_EQ(restored(some_state()), some_state());
}

TEST(Votes, DamagedRowsAreRefused) {
  visit_cells(some_state(), some_state(), [](const Bytes& key, const Bytes& row) {
    for (std::size_t size = 0; size < row.size(); ++size) {
      State ignored;
      EXPECT_FALSE(restore_cell(key, ByteView(row).first(size), ignored).has_value()) << size;
    }
  });
}

TEST(Votes, TheStateHashLooksAtValuesAndNotAtEvidence) {
  const Hash one = state_hash(state_of(vote(Phase::prepare, 1, 1, 5)));
  EXPECT_EQ(one, state_hash(state_of(vote(Phase::prepare, 1, 1, 6))));
  EXPECT_NE(one, state_hash(state_of(vote(Phase::commit, 1, 1, 5))));
  EXPECT_NE(one, state_hash(state_of(vote(Phase::prepare, 2, 1, 5))));
  EXPECT_NE(one, state_hash(state_of(vote(Phase::prepare, 1, 2, 5))));
  const Hash other = state_hash(state_of(certificate(1, 1, 5)));
  EXPECT_EQ(other, state_hash(state_of(certificate(1, 1, 6))));
  EXPECT_NE(other, state_hash(state_of(certificate(1, 2, 5))));
}

TEST(Votes, ACellGivesBackWhatWasSigned) {
  const SignedStatement one = vote(Phase::prepare, 2, 1, 5), two = vote(Phase::prepare, 2, 3, 6);
  State state = state_of(one);
  state.join(state_of(two));
  const VoteCell& cell = *state.prepares.find(one.statement.subject)->find(one.voter);
  EXPECT_TRUE(cell.contradicts_itself());
  const auto votes = votes_of(Phase::prepare, one.statement.subject, one.voter, cell);
  EXPECT_EQ(votes, (std::vector{one, two}));
}

TEST(Votes, AHigherInstanceReplacesALowerOne) {
  State state = state_of(vote(Phase::commit, 2, 1, 5));
  const State before = state;
  state.join(state_of(vote(Phase::commit, 1, 3, 5)));
  EXPECT_EQ(state, before);
  state.join(state_of(certificate(2, 1, 5)));
  state.join(state_of(certificate(1, 3, 5)));
  EXPECT_FALSE(state.certificates.entries().begin()->second.contradicts_itself());
}

}  // namespace
}  // namespace vouch::state::votes_test
