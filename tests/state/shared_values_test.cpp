// Shared values against a model that remembers every put and what its writer had seen: when all
// logs have come in, those stand that nobody had seen when putting something in their place.
// SPDX-License-Identifier: MIT
#include "vouch/state/shared_values.hpp"

#include <array>
#include <set>

#include "tests/crdt/property.hpp"
#include "tests/peer_named.hpp"

namespace vouch::state::shared_values_test {
namespace {

using crdt::Step;

constexpr std::size_t peers = 4;

Writer writer_of(std::size_t peer) {
  return {peer_named(static_cast<std::uint8_t>(peer + 1)), 1};
}

State delta_of(std::size_t peer, const Put& put) {
  Records records;
  records.puts = {put};
  return delta_from(writer_of(peer), 1, records);
}

/// Peers that hear each other's logs in order, but one of them sooner than another.
class Cluster {
 public:
  explicit Cluster(std::size_t slots = limits::put_slots) : slots_(slots) {}

  Result<Put> put(std::size_t peer, const std::string& key, std::optional<std::string> value,
                  std::uint64_t now_ms = 1) {
    auto made = next_put(states_[peer], writer_of(peer), key, std::move(value), now_ms, slots_);
    if (!made) return made;
    Past past;
    for (std::size_t of = 0; of < peers; ++of) {
      for (std::size_t n = 0; n < held_[peer][of]; ++n) {
        if (logs_[of][n].key != key) continue;
        past.insert({of, n});
        past.insert(pasts_[of][n].begin(), pasts_[of][n].end());
      }
    }
    logs_[peer].push_back(*made);
    pasts_[peer].push_back(past);
    ++held_[peer][peer];
    states_[peer].join(delta_of(peer, *made));
    return made;
  }
  /// `to` takes what `from` holds of the log of `of`.
  void hear(std::size_t to, std::size_t from, std::size_t of) {
    for (; held_[to][of] < held_[from][of]; ++held_[to][of]) {
      states_[to].join(delta_of(of, logs_[of][held_[to][of]]));
    }
  }
  void hear_all() {
    for (std::size_t to = 0; to < peers; ++to) {
      for (std::size_t of = 0; of < peers; ++of) hear(to, of, of);
    }
  }
  const State& state(std::size_t peer) const { return states_[peer]; }

  /// The values of a key that no put was made in the place of.
  std::set<std::string> expected(const std::string& key) const {
    Past replaced;
    for (std::size_t of = 0; of < peers; ++of) {
      for (std::size_t n = 0; n < logs_[of].size(); ++n) {
        if (logs_[of][n].key == key) replaced.insert(pasts_[of][n].begin(), pasts_[of][n].end());
      }
    }
    std::set<std::string> out;
    for (std::size_t of = 0; of < peers; ++of) {
      for (std::size_t n = 0; n < logs_[of].size(); ++n) {
        const Put& put = logs_[of][n];
        if (put.key == key && put.value && !replaced.contains({of, n})) out.insert(*put.value);
      }
    }
    return out;
  }
  std::set<std::string> values(std::size_t peer, const std::string& key) const {
    std::set<std::string> out;
    for (const SharedValue& one : shared_values(states_[peer], key)) {
      if (one.value) out.insert(*one.value);
    }
    return out;
  }

 private:
  using Past = std::set<std::pair<std::size_t, std::size_t>>;  ///< peer, place in its log
  std::size_t slots_;
  std::array<State, peers> states_;
  std::array<std::vector<Put>, peers> logs_;
  std::array<std::vector<Past>, peers> pasts_;
  std::array<std::array<std::size_t, peers>, peers> held_{};
};

VOUCH_PROPERTY(SharedValues, ThoseStandThatNobodyHadSeen) {
  const crdt::Drawn drawn = crdt::draw();
  Cluster cluster(2);
  int n = 0;
  for (const Step& step : drawn.steps) {
    const auto of = static_cast<std::size_t>(step.arg) % peers;
    if (step.heard) cluster.hear(step.replica, step.from, of);
    if (step.what >= 8) cluster.hear(step.replica, of, of);
    const std::string key(1, static_cast<char>('a' + step.what % 4));
    const bool erases = step.arg == 7;
    const auto value = erases ? std::nullopt : std::optional(std::to_string(++n));
    const auto put = cluster.put(step.replica, key, value);
    VOUCH_HOLDS(put || put.error().code == Errc::storage_full);
  }
  cluster.hear_all();
  for (const char* key : {"a", "b", "c", "d"}) {
    for (std::size_t peer = 0; peer < peers; ++peer) {
      VOUCH_HOLDS(cluster.values(peer, key) == cluster.expected(key));
    }
  }
}

TEST(SharedValues, WhoReadsDecidesWhichOfThoseCounts) {
  Cluster cluster;
  ASSERT_TRUE(cluster.put(0, "k", "old", 900));
  cluster.hear_all();
  ASSERT_TRUE(cluster.put(0, "k", "late", 1000));
  ASSERT_TRUE(cluster.put(1, "k", "first", 100));
  ASSERT_TRUE(cluster.put(1, "k", "second", 200));
  cluster.hear_all();
  const auto values = shared_values(cluster.state(2), "k");
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(last_written(values), "late");
  EXPECT_EQ(highest_version(values), "second");
  EXPECT_EQ(values[1].written_ms, 902U) << "never before what it replaces, whatever the clock says";
  ASSERT_TRUE(cluster.put(2, "k", "both"));
  cluster.hear_all();
  EXPECT_EQ(cluster.values(0, "k"), std::set<std::string>{"both"});
  EXPECT_EQ(last_written({}), std::nullopt);
}

TEST(SharedValues, WhatIsErasedStaysErased) {
  Cluster cluster(1);
  ASSERT_TRUE(cluster.put(0, "k", "v"));
  EXPECT_EQ(cluster.put(0, "l", "w").error().code, Errc::storage_full);
  cluster.hear_all();
  ASSERT_TRUE(cluster.put(1, "k", std::nullopt));
  EXPECT_EQ(cluster.put(1, "l", "w").error().code, Errc::storage_full)
      << "peer 0 may tell it again";
  cluster.hear_all();
  EXPECT_TRUE(shared_values(cluster.state(2)).empty());
  ASSERT_TRUE(cluster.put(0, "l", "w")) << "its value is replaced: the slot is free";
  cluster.hear_all();
  ASSERT_TRUE(cluster.put(1, "m", "x")) << "nothing is left to hide";
  cluster.hear_all();
  EXPECT_EQ(cluster.values(2, "l"), std::set<std::string>{"w"});
  EXPECT_EQ(cluster.values(2, "m"), std::set<std::string>{"x"});
  EXPECT_EQ(shared_values(cluster.state(2)).size(), 2U);
}

TEST(SharedValues, WhatWasReplacedDoesNotShowAgainWhileLogsAreOnTheirWay) {
  Cluster cluster(1);
  ASSERT_TRUE(cluster.put(0, "k", "old"));
  cluster.hear_all();
  ASSERT_TRUE(cluster.put(1, "k", "new"));
  cluster.hear_all();
  EXPECT_EQ(cluster.values(2, "k"), std::set<std::string>{"new"});
  ASSERT_TRUE(cluster.put(0, "l", "x")) << "in the slot of the old value";
  cluster.hear(1, 0, 0);
  ASSERT_TRUE(cluster.put(1, "k", "newer")) << "by who does not hold the old value any more";
  cluster.hear(2, 1, 1);
  EXPECT_EQ(cluster.values(2, "k"), std::set<std::string>{"newer"}) << "who still holds it";
}

TEST(SharedValues, NobodyReplacesWhatIsYetToCome) {
  Cluster cluster;
  ASSERT_TRUE(cluster.put(0, "k", "v"));
  cluster.hear_all();
  Put lie;
  lie.mark = {1, 1};
  lie.key = "k";
  lie.value = "mine for ever";
  lie.over = {{writer_of(0).peer, {UINT32_MAX, UINT64_MAX}}};
  const State lied = delta_of(3, lie);
  State victim = cluster.state(0);
  victim.join(lied);
  const auto put = next_put(victim, writer_of(0), "k", "w", 1);
  ASSERT_TRUE(put);
  victim.join(delta_of(0, *put));
  State other = cluster.state(1);
  other.join(lied);
  other.join(delta_of(0, *put));
  const auto values = shared_values(victim, "k");
  EXPECT_EQ(values, shared_values(other, "k"));
  ASSERT_FALSE(values.empty());
  EXPECT_EQ(values.front().value, "w");
  // Nor does who believes the lie pass it on.
  const auto over = next_put(other, writer_of(1), "k", "y", 1);
  ASSERT_TRUE(over);
  for (const auto& [writer, mark] : over->over) {
    EXPECT_LE(mark, newest_put(other, writer));
  }
}

TEST(SharedValues, RefusesWhatNobodyWouldTake) {
  const State none;
  const auto code = [&none](const std::string& key, std::size_t size) {
    const auto put = next_put(none, writer_of(0), key, std::string(size, 'x'), 1);
    return put ? std::nullopt : std::optional(put.error().code);
  };
  EXPECT_EQ(code("k", limits::put_value_bytes_max), std::nullopt);
  EXPECT_EQ(code("k", limits::put_value_bytes_max + 1), Errc::too_large);
  EXPECT_EQ(code("", 1), Errc::too_large);
  EXPECT_EQ(code(std::string(limits::put_key_bytes_max + 1, 'k'), 1), Errc::too_large);
  EXPECT_EQ(code("\xff", 1), Errc::malformed);
}

}  // namespace
}  // namespace vouch::state::shared_values_test
