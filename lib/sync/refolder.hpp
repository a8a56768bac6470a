// Judges again what others hold of a stream: gathers its events, from the own store as far as the
// own chain has the same, the rest from peers that are said to hold them, folds them from the start
// and compares what comes out, entry by entry. When the agreement says so the stream is put on that
// chain. Nothing that a peer sends is believed: events of the last segment are checked by digest,
// those before it by the head that their fold gives. Absent: who is right, which the agreement
// decides.
// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <map>

#include "vouch/base/outbox.hpp"
#include "vouch/base/time.hpp"
#include "vouch/ingest/streams.hpp"
#include "vouch/membership/rule_chain.hpp"
#include "vouch/sync/payload_rows.hpp"

namespace vouch::sync {

/// What is to be judged.
struct Fold {
  std::string stream;
  validator::Point target;
  validator::LinkList links;  ///< up to the target: entries of the segment that it lies in or ends
  std::uint64_t base = 0;     ///< certified size that the own chain passes through
  std::vector<PeerId> holders;     ///< who says to have the target
  bool adopt = false;              ///< it is certified: put the stream on it
  std::optional<Hash> state = {};  ///< what voters say of the target, if they say it

  /// The own fold's state at the target is in nobody's way.
  bool allows(const std::optional<Hash>& own) const { return adopt || !state || own == state; }
};

struct Folded {
  std::string stream;
  validator::Point target;
  bool equal = false;    ///< our rules give these entries and this head, and the state, if one is
                         ///< asked for and nothing is certified yet
  bool own = false;      ///< and our own chain passes through it
  bool rebased = false;  ///< the stream was put on the target now: its events are on their way to
                         ///< the store
  bool closed = false;   ///< the target ends with the close mark
  std::optional<Hash> state = {};  ///< that of the question
  std::uint64_t kept_from = 0;     ///< of a rebased one: events before it were not needed
};

struct RefoldLimits {
  std::size_t active_max = 16;               ///< streams at a time; others wait
  std::size_t waiting_max = 256;             ///< then they are dropped, and counted
  std::size_t stream_bytes_max = 64U << 20;  ///< of events; then it is given up, and counted
  Duration patience{std::chrono::milliseconds(500)};  ///< with a holder; doubles with each silence
  int silences_max = 5;  ///< unanswered questions to a holder; then it is not asked again
};

struct RefoldCounters {
  std::uint64_t asked = 0;
  std::uint64_t silent = 0;     ///< questions without an answer in time
  std::uint64_t lies = 0;       ///< answers with other events, or more than were asked for
  std::uint64_t missing = 0;    ///< given up: nobody had all events
  std::uint64_t too_large = 0;  ///< given up: more events than are gathered
  std::uint64_t dropped = 0;    ///< too many waited
  std::uint64_t rebased = 0;
  std::uint64_t resumed = 0;  ///< rebased, behind a state
};

class Refolder {
 public:
  /// `rule_set`: id of that of the configs; `rosters` name later ones, without them there are none.
  /// `streams` and `rosters` must outlive the refolder.
  Refolder(std::string rule_set, const PeerId& self, ingest::Streams& streams, RefoldLimits limits,
           const membership::Rosters* rosters = nullptr)
      : rule_set_(std::move(rule_set)),
        self_(self),
        streams_(streams),
        limits_(limits),
        rosters_(rosters) {}

  /// Takes the place of what was wanted of this stream, but a certified target stays until it is
  /// adopted. False when too many wait. Preconditions: the target is where the links end, behind at
  /// least one of their entries.
  bool want(Instant now, Fold fold, Outbox& out);
  /// Events of the own store from `first` on; empty when it has none. `state`: what stands for them
  /// where they are gone.
  void on_loaded(Instant now, const std::string& stream, std::uint64_t first,
                 const std::vector<ingest::Item>& items, const std::optional<StateRow>& state,
                 Outbox& out);
  /// `id` is that of the question. `state`: that of the answer, if its certificate convinces.
  void on_events(Instant now, const PeerId& from, std::uint64_t id, const Events& answer,
                 const std::optional<StateRow>& state, Outbox& out);
  /// The stream is to begin behind a state whose certificate convinces, and names this head:
  /// whoever pushes it has no events before. Nothing else that was adopted of it goes on.
  void start_at(Instant now, const std::string& stream, StateRow state, const Hash& head,
                Outbox& out);
  void on_tick(Instant now, Outbox& out);
  std::optional<Instant> next_deadline() const;

  /// Answers since the last call. What is given up has none: it may be wanted again.
  std::vector<Folded> take_folded() { return std::exchange(folded_, {}); }
  /// Streams under way and waiting.
  std::size_t pending() const { return active_.size() + waiting_.size(); }
  const RefoldCounters& counters() const { return counters_; }

 private:
  struct Holder {
    PeerId peer;
    int silences = 0;
    bool empty = false;  ///< had nothing of what was asked for
    bool liar = false;
  };
  struct Question {
    std::size_t holder = 0;
    std::uint64_t id = 0;
    std::uint64_t upto = 0;
    Instant until;
  };
  struct Work {
    Fold fold;
    bool closes = false;
    std::uint64_t end = 0;          ///< events, the close mark not among them
    std::uint64_t own_end = 0;      ///< those below come from the own store
    std::uint64_t own = 0;          ///< those below did
    std::optional<StateRow> start;  ///< the events are those behind it
    std::vector<std::string> events;
    std::size_t bytes = 0;
    std::vector<Holder> holders;
    std::optional<std::size_t> source;  ///< of events that only the fold can check
    std::optional<Question> question;
    bool progressed = false;  ///< since holders without events were put aside
    bool delivered = false;   ///< somebody gave all events, and they were others
    /// The next event is one whose digest is not known.
    bool blind() const { return next() < fold.links.first; }
    ingest::Start state() const { return start ? ingest::Start(start->state) : std::nullopt; }
    std::uint64_t from() const { return start ? start->state.size : 0; }
    /// Index of the event that is wanted next.
    std::uint64_t next() const { return from() + events.size(); }
  };
  using Active = std::map<std::string, Work>;

  void start_waiting(Instant now, Outbox& out);
  void start(Instant now, Fold fold, Outbox& out);
  void add_holders(Work& work, const std::vector<PeerId>& peers);
  bool passes(const Fold& fold);
  bool reaches(const Fold& fold);
  bool is_own(const Work& work);
  std::uint64_t shared_with_own(const Fold& fold);
  void advance(Instant now, Active::iterator work, Outbox& out);
  void ask(Instant now, Active::iterator work, Outbox& out);
  Holder* choose(Work& work);
  void take(Work& work, const Question& question, const Events& answer,
            const std::optional<StateRow>& state);
  /// True when the fold goes on from there.
  bool take_state(Work& work, const std::optional<StateRow>& state);
  void judge(Instant now, Active::iterator work, Outbox& out);
  bool retreat(Work& work);
  void drop_unchecked(Work& work);
  void keep_only(Work& work, std::uint64_t events);
  bool adopt(const Work& work, Outbox& out);

  std::string rule_set_;
  PeerId self_;
  ingest::Streams& streams_;
  RefoldLimits limits_;
  const membership::Rosters* rosters_;
  Active active_;
  std::deque<Fold> waiting_;
  std::vector<Folded> folded_;
  std::uint64_t next_id_ = 0;
  RefoldCounters counters_;
};

}  // namespace vouch::sync
