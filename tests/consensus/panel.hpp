// Voters that agree on proposals in virtual time: every word takes `hop`, and who is down neither
// hears nor speaks. No streams, no store.
// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "tests/consensus/voters.hpp"
#include <gtest/gtest.h>

#include "vouch/consensus/agreement.hpp"
#include "vouch/consensus/no_chains.hpp"

namespace vouch::consensus {

class Panel {
 public:
  explicit Panel(std::uint8_t count) : voters(count), up(count, true) {
    for (const Signer& signer : voters.signers) {
      agreements.push_back(std::make_unique<Agreement>(
          Setting{ClusterId{}, voters.roster, signer, chains_, "rules", 0, {}}));
      agreements.back()->write_as(now, 1);
    }
  }

  /// Voter `from` proposes; how long it takes until it knows the decision. Zero after a minute.
  Duration decide(std::size_t from, const std::string& subject) {
    const Instant began = now;
    const std::string value = "value";
    EXPECT_TRUE(agreements[from]->propose(now, subject, as_bytes(value)));
    step(from);
    while (!agreements[from]->decision(subject)) {
      if (now > began + std::chrono::minutes(1) || !advance()) return Duration{};
    }
    return now - began;
  }
  /// Voter `from` proposes a value for each, at one time.
  void propose(std::size_t from, const std::vector<std::string>& subjects,
               const std::string& value = "value") {
    for (const std::string& subject : subjects) {
      EXPECT_TRUE(agreements[from]->propose(now, subject, as_bytes(value)));
    }
    step(from);
  }
  /// Ends the life of a voter, and begins another one from what it had stored.
  void restart(std::size_t at) {
    agreements[at] = std::make_unique<Agreement>(
        Setting{ClusterId{}, voters.roster, voters.signers[at], chains_, "rules", 0, {}});
    const std::vector<std::pair<Bytes, Bytes>> stored(rows[at].begin(), rows[at].end());
    EXPECT_EQ(agreements[at]->restore(stored), 0u);
    agreements[at]->write_as(now, 1);
    step(at);
  }
  /// To the next thing that happens; false when nothing ever will.
  bool advance() {
    constexpr std::uint64_t turns_max = 1'000'000;
    if (++turns_ > turns_max) {
      ADD_FAILURE() << "time stands still";
      return false;
    }
    std::optional<Instant> next;
    const auto sooner = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
    if (!flights_.empty()) sooner(flights_.begin()->first);
    for (std::size_t i = 0; i < agreements.size(); ++i) {
      const auto deadline = agreements[i]->next_deadline();
      if (up[i] && deadline) sooner(*deadline);
    }
    if (!next) return false;
    now = std::max(now, *next);
    while (!flights_.empty() && flights_.begin()->first <= now) {
      const Flight flight = std::move(flights_.begin()->second);
      flights_.erase(flights_.begin());
      if (!up[flight.from] || !up[flight.to]) continue;
      agreements[flight.to]->on_words(now, voters.signers[flight.from].id(), flight.words);
      step(flight.to);
    }
    for (std::size_t i = 0; i < agreements.size(); ++i) {
      const auto deadline = agreements[i]->next_deadline();
      if (up[i] && deadline && *deadline <= now) step(i);
    }
    return true;
  }
  /// Lets a voter act, and sends what it says.
  void step(std::size_t at) {
    Outbox out;
    agreements[at]->on_tick(now);
    EXPECT_FALSE(agreements[at]->next_ballot(now, out));
    agreements[at]->flush(now, out);
    agreements[at]->take_decided();
    for (Row& row : out.rows) {
      if (row.table != Table::agreement) continue;
      if (row.value) {
        rows[at][row.key] = std::move(*row.value);
      } else {
        rows[at].erase(row.key);
      }
    }
    for (Send& send : out.sends) {
      words_bytes += std::get<Agree>(send.message.body).words.size();
      if (!tells(at, place_of(send.to))) continue;
      flights_.emplace(now + hop, Flight{at, place_of(send.to),
                                         std::move(std::get<Agree>(send.message.body).words)});
    }
  }
  std::size_t place_of(const PeerId& id) const {
    std::size_t i = 0;
    while (voters.signers[i].id() != id) ++i;
    return i;
  }
  /// Runs on for a while.
  void rest(Duration time) {
    const Instant until = now + time;
    while (now < until && advance()) {
    }
    now = std::max(now, until);
  }
  /// A subject whose primary in view 1 is this voter.
  std::string subject_of(std::size_t primary) {
    for (;;) {
      std::string name = "subject " + std::to_string(++names_);
      const SubjectId id = proposal_subject(ClusterId{}, name);
      const PeerId& leads = agreements[0]->setting().primary(id, 1, 1);
      if (leads == voters.signers[primary].id()) return name;
    }
  }
  std::uint64_t view_changes() const {
    std::uint64_t sum = 0;
    for (const auto& agreement : agreements) sum += agreement->counters().view_changes;
    return sum;
  }

  Voters voters;
  std::vector<bool> up;
  std::vector<std::unique_ptr<Agreement>> agreements;
  Instant now{};
  Duration hop{std::chrono::milliseconds(1)};
  std::uint64_t words_bytes = 0;                       ///< that left
  std::map<std::size_t, std::map<Bytes, Bytes>> rows;  ///< of Table::agreement, by voter
  /// Whether what one says reaches another.
  std::function<bool(std::size_t from, std::size_t to)> tells = [](auto, auto) { return true; };

 private:
  struct Flight {
    std::size_t from, to;
    Bytes words;
  };

  NoChains chains_;
  std::multimap<Instant, Flight> flights_;
  std::uint64_t names_ = 0;
  std::uint64_t turns_ = 0;
};

}  // namespace vouch::consensus
