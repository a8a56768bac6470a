// Streams that all voters have finished leave the state, in whatever order the logs come in, and
// nothing of them comes back.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include "tests/sync/offender.hpp"
#include <gtest/gtest.h>

#include "vouch/state/cells.hpp"

namespace vouch::sync::release_test {
namespace {

class Remembered final : public Released {
 public:
  Remembered() : Released(cluster_id("tests")) {}
  using Released::size_of;
  Result<std::optional<std::uint64_t>> size_of(const SubjectId& stream) const override {
    const auto held = sizes_.find(stream);
    if (held == sizes_.end()) return std::nullopt;
    return held->second;
  }
  void add(const SubjectId& stream, std::uint64_t size) override { sizes_[stream] = size; }
  void describe(const SubjectId&, Bytes) override {}

 private:
  std::map<SubjectId, std::uint64_t> sizes_;
};

const Ed25519Signer& key(std::uint8_t n) {
  static const Ed25519Signer keys[]{Ed25519Signer(seed_of(1)), Ed25519Signer(seed_of(2)),
                                    Ed25519Signer(seed_of(3))};
  return keys[n];
}

/// A peer without a vote that hears two voters.
struct Listener {
  Remembered released;
  Outbox out;
  Replica replica{config(), key(2), {}, {}};

  ReplicaConfig config() {
    ReplicaConfig config{cluster_id("tests"),
                         {key(0).id(), key(1).id()},
                         membership::Roster({key(0).id(), key(1).id()}, 0)};
    config.released = &released;
    return config;
  }
  void hear(const Bytes& frame) {
    EXPECT_EQ(replica.receive(frame, out).result, Accepted::news);
    EXPECT_EQ(replica.state_digest(), state::StateSum(replica.state()).digest());
  }
};

Records finishes(std::vector<std::string> streams) {
  Records records;
  records.finished = std::move(streams);
  return records;
}

Records runs_in(const std::string& stream) {
  Records records = attests(stream, 4, 7);
  records.runs = {{"thread", "r1", stream, true}};
  return records;
}

TEST(Release, AStreamLeavesTheStateWhenTheLastVoterHasFinishedIt) {
  Listener listener;
  Log one{&key(0)}, other{&key(1)};
  listener.hear(one.write(runs_in("s")));
  listener.hear(other.write(runs_in("s")));
  listener.hear(other.write(attests("t", 9, 1)));
  listener.hear(one.write(finishes({"s"})));
  EXPECT_NE(listener.replica.state().streams.find("s"), nullptr) << "one of two voters";
  EXPECT_TRUE(listener.replica.take_released().empty());
  listener.out.rows.clear();
  listener.hear(other.write(finishes({"s"})));

  const state::State& state = listener.replica.state();
  EXPECT_EQ(state.streams.find("s"), nullptr);
  EXPECT_NE(state.streams.find("t"), nullptr) << "that one goes on";
  EXPECT_TRUE(state.finished.empty());
  EXPECT_TRUE(state.runs.empty());
  const auto released = listener.replica.take_released();
  ASSERT_EQ(released.size(), 1U);
  EXPECT_EQ(released[0].row.name, "s");
  EXPECT_EQ(released[0].row.size, 5U);
  EXPECT_EQ(released[0].row.agreeing.size(), 2U) << "what it had been told";
  EXPECT_EQ(listener.released.size_of("s"), 5U);
  const auto erased = std::ranges::count_if(
      listener.out.rows, [](const Row& row) { return row.table == Table::cells && !row.value; });
  EXPECT_EQ(erased, 2 + 2 + 2) << "attestations, runs and last words";
}

TEST(Release, EveryOrderOfTwoLogsGivesTheSameState) {
  Log one{&key(0)}, other{&key(1)};
  const std::vector<Bytes> first{one.write(runs_in("s")), one.write(finishes({"s"})),
                                 one.write(runs_in("s")), one.write(attests("t", 1, 1))};
  const std::vector<Bytes> second{other.write(runs_in("s")), other.write(finishes({"s", "u"})),
                                  other.write(attests("s", 99, 3))};
  std::optional<Hash> hash;
  std::vector<int> turns{0, 0, 0, 0, 1, 1, 1};
  do {
    Listener listener;
    std::size_t at[2] = {0, 0};
    for (const int turn : turns) listener.hear((turn == 0 ? first : second)[at[turn]++]);
    EXPECT_EQ(listener.replica.state().streams.find("s"), nullptr)
        << "what is said after a last word is not heard";
    const Hash now = state::state_hash(listener.replica.state());
    EXPECT_EQ(hash.value_or(now), now);
    hash = now;
  } while (std::ranges::next_permutation(turns).found);
}

Records finishes_proposal(const SubjectId& proposal) {
  Records records;
  records.finished_proposals = {proposal};
  return records;
}

TEST(Release, AProposalIsLetGoOfWhateverComesFirst) {
  const SubjectId proposal = proposal_subject(cluster_id("tests"), "leader"), open{{7}};
  Log one{&key(0)}, other{&key(1)};
  const std::vector<Bytes> first{one.write(finishes_proposal(proposal)),
                                 one.write(finishes_proposal(open)),
                                 one.write(finishes_proposal(proposal))};
  const std::vector<Bytes> second{other.write(attests("t", 1, 1)),
                                  other.write(finishes_proposal(proposal))};
  std::optional<Hash> hash;
  std::vector<int> turns{0, 0, 0, 1, 1};
  do {
    Listener listener;
    std::size_t at[2] = {0, 0};
    for (const int turn : turns) listener.hear((turn == 0 ? first : second)[at[turn]++]);
    const auto& finished = listener.replica.state().finished_proposals;
    EXPECT_EQ(finished.find(proposal), nullptr);
    EXPECT_NE(finished.find(open), nullptr) << "one of two voters";
    const auto released = listener.replica.take_released();
    ASSERT_EQ(released.size(), 1U);
    EXPECT_EQ(released.front().subject, proposal);
    EXPECT_TRUE(released.front().row.proposal);
    EXPECT_TRUE(listener.released.contains(proposal));
    const Hash now = state::state_hash(listener.replica.state());
    EXPECT_EQ(hash.value_or(now), now);
    hash = now;
  } while (std::ranges::next_permutation(turns).found);
}

TEST(Release, NobodyWaitsForAVoterThatIsProvenToLie) {
  Listener listener;
  Log one{&key(0)}, liar{&key(1)};
  Log copy = liar;
  listener.hear(one.write(runs_in("s")));
  listener.hear(one.write(finishes({"s"})));
  listener.hear(liar.write(attests("t", 1, 1)));
  EXPECT_NE(listener.replica.state().streams.find("s"), nullptr);
  const Bytes other = copy.write(attests("t", 1, 2));
  listener.replica.receive(other, listener.out);
  ASSERT_EQ(listener.out.evidence.size(), 1U);
  Log again{&key(1)};
  listener.replica.weigh(again.write(attests("t", 1, 1)), other, listener.out);
  EXPECT_TRUE(listener.replica.proven(key(1).id()));
  EXPECT_EQ(listener.replica.state().streams.find("s"), nullptr);
}

}  // namespace
}  // namespace vouch::sync::release_test
