// A refolder between scripted peers, for tests.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/peer_named.hpp"
#include <gtest/gtest.h>

#include "vouch/ingest/stream_table.hpp"
#include "vouch/sync/payload_rows.hpp"
#include "vouch/sync/refolder.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::sync {

using Texts = std::vector<std::string>;

/// Whole runs, each a segment of five entries; `word` is said from run `from` on.
inline Texts runs(std::uint64_t count, const std::string& word = "hello", std::uint64_t from = 0) {
  Texts out;
  for (std::uint64_t r = 0; r < count; ++r) {
    const std::string id = std::to_string(r);
    const std::string said = r < from ? "hello" : word;
    out.push_back(R"({"type":"RUN_STARTED","threadId":"t","runId":"r)" + id + "\"}");
    out.push_back(R"({"type":"TEXT_MESSAGE_START","role":"assistant","messageId":"m)" + id + "\"}");
    out.push_back(R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m)" + id + R"(","delta":")" +
                  said + "\"}");
    out.push_back(R"({"type":"TEXT_MESSAGE_END","messageId":"m)" + id + "\"}");
    out.push_back(R"({"type":"RUN_FINISHED","threadId":"t","runId":"r)" + id + "\"}");
  }
  return out;
}

inline ingest::StreamTable table() {
  return ingest::StreamTable(validator::Policy{}, {});
}

/// Up to `size` entries of the stream that `events` make; the certified base is where its last
/// segment begins.
inline Fold fold_of(const Texts& events, bool closes, std::uint64_t size, std::string name = "t") {
  ingest::StreamTable theirs = table();
  theirs.push(name, 0, events, closes);
  Fold fold{name, {size, theirs.head_at(name, size - 1).value()}, {}, 0, {}, false};
  fold.links = theirs.links(name, size - 1, size).value();
  return fold;
}

/// A holder: its answer, or silence.
using Voice = std::function<std::optional<Events>(const AskEvents&)>;

/// Has these events, and answers with at most `most` of them.
inline Voice honest(Texts events, std::size_t most = 1000) {
  return [events = std::move(events), most](const AskEvents& ask) {
    Events answer{ask.stream, ask.first, {}};
    for (std::uint64_t i = ask.first; i < std::min<std::uint64_t>(ask.upto, events.size()); ++i) {
      const bool other =
          !ask.digests.empty() && ask.digests[i - ask.first] != validator::digest_of(events[i]);
      if (other || answer.events.size() == most) break;
      answer.events.push_back(events[i]);
    }
    return std::optional(answer);
  };
}

inline std::optional<Events> silent(const AskEvents&) {
  return std::nullopt;
}

/// Gives other events, as many as were asked for.
inline std::optional<Events> lying(const AskEvents& ask) {
  const std::string other = R"({"type":"CUSTOM","name":"a.b","value":1})";
  return Events{ask.stream, ask.first, Texts(ask.upto - ask.first, other)};
}

/// A refolder between its own streams and store, and its peers, stepped by hand.
struct Story {
  explicit Story(RefoldLimits limits = {})
      : refolder(validator::RuleSet{}.id(), self, streams, limits) {}

  PeerId self = peer_named(0);
  ingest::StreamTable streams = table();
  Texts stored;
  std::uint64_t stored_from = 0;  ///< events before it are gone
  std::optional<StateRow> stored_state;
  std::optional<StateRow> given;  ///< with the next answer
  std::vector<std::pair<PeerId, Voice>> voices;
  Refolder refolder;
  Instant now{};
  std::vector<AskEvents> asked;
  std::vector<PeerId> asked_whom;
  std::vector<Row> rows;
  std::vector<Notice> notices;

  void own(const Texts& events, bool closes = false) {
    streams.push("t", 0, events, closes);
    stored = events;
  }
  void peer(Voice voice) {
    voices.emplace_back(peer_named(static_cast<std::uint8_t>(voices.size() + 1)), std::move(voice));
  }
  void want(Fold fold) {
    for (const auto& [id, voice] : voices) fold.holders.push_back(id);
    Outbox out;
    EXPECT_TRUE(refolder.want(now, std::move(fold), out));
    carry(std::move(out));
  }
  /// Everything that follows, time passing only where nobody answers.
  std::vector<Folded> run() {
    for (int steps = 0; refolder.pending() != 0; ++steps) {
      EXPECT_LT(steps, 200) << "it must come to an end";
      const auto deadline = refolder.next_deadline();
      if (steps == 200 || !deadline) break;
      now = *deadline;
      Outbox out;
      refolder.on_tick(now, out);
      carry(std::move(out));
    }
    return refolder.take_folded();
  }
  void carry(Outbox out) {
    rows.insert(rows.end(), out.rows.begin(), out.rows.end());
    notices.insert(notices.end(), out.notices.begin(), out.notices.end());
    for (const LoadPayload& load : out.loads) {
      EXPECT_EQ(load.target, self);
      Outbox next;
      const auto items = items_from(load.first);
      refolder.on_loaded(now, load.stream, load.first, items,
                         items.empty() ? stored_state : std::nullopt, next);
      carry(std::move(next));
    }
    for (const Send& send : out.sends) {
      const auto& ask = std::get<AskEvents>(send.message.body);
      asked.push_back(ask);
      asked_whom.push_back(send.to);
      const auto voice = std::ranges::find(voices, send.to, &std::pair<PeerId, Voice>::first);
      ASSERT_NE(voice, voices.end());
      const auto answer = voice->second(ask);
      if (!answer) continue;
      Outbox next;
      refolder.on_events(now, send.to, send.message.id, *answer, std::exchange(given, std::nullopt),
                         next);
      carry(std::move(next));
    }
  }
  /// Three events a time, so that loads follow each other.
  std::vector<ingest::Item> items_from(std::uint64_t first) const {
    std::vector<ingest::Item> items;
    if (first < stored_from) return items;
    for (std::uint64_t i = first; i < std::min<std::uint64_t>(first + 3, stored.size()); ++i) {
      items.push_back(
          {validator::digest_of(stored[i]), std::make_shared<const std::string>(stored[i])});
    }
    return items;
  }
  std::uint64_t events_asked() const {
    std::uint64_t sum = 0;
    for (const AskEvents& ask : asked) sum += ask.upto - ask.first;
    return sum;
  }
};

inline void expect_equal(const std::vector<Folded>& folded, bool rebased = false) {
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_TRUE(folded[0].equal);
  EXPECT_EQ(folded[0].rebased, rebased);
}

}  // namespace vouch::sync
