// Passes events on from their ingesting peer to the validators of the stream: in order, signed, one
// push per stream and validator at a time, until each has acknowledged. A validator that is silent
// for longer than its answers usually take is probed with back-off and does not count for
// back-pressure; events that left memory are read from the store.
// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "vouch/base/outbox.hpp"
#include "vouch/base/signer.hpp"
#include "vouch/base/time.hpp"
#include "vouch/ingest/progress.hpp"
#include "vouch/schemas/envelope.hpp"

namespace vouch::sync {

struct PushLimits {
  std::size_t message_bytes = 64U << 10;  ///< events in one push; a larger event goes alone
  std::size_t in_flight_max = 24;         ///< unanswered pushes per validator, over all streams
  Duration delay{std::chrono::milliseconds(20)};   ///< events gather this long unless urgent
  Duration retry{std::chrono::milliseconds(500)};  ///< least patience with a validator
  Duration retry_max{std::chrono::seconds(8)};
};

struct PushCounters {
  std::uint64_t sent = 0;
  std::uint64_t retried = 0;
  std::uint64_t conflicts = 0;  ///< a validator holds another event at one of our indices
};

class Pusher {
 public:
  /// `signer` must outlive the pusher.
  Pusher(ClusterId cluster, const Signer& signer, PushLimits limits)
      : cluster_(cluster), signer_(signer), limits_(limits) {}

  /// New local events of a stream. `validators` is used when the stream is new here; it
  /// sticks until retarget().
  void on_progress(Instant now, const ingest::Progress& progress,
                   const std::vector<PeerId>& validators);
  /// Somebody waits until the validators attest what there is of a stream: they are told so.
  void on_awaited(Instant now, const std::string& stream);
  /// A stream as the store has it, with `events` events: validators are asked how far they are.
  /// What was in memory of it is forgotten.
  void adopt(Instant now, const std::string& stream, std::uint64_t events, bool closed,
             const std::vector<PeerId>& validators);
  /// The validators of a stream are others from now on: new ones get all of it. Those that are none
  /// any more are told what there is while they answer, and nobody waits for them. False when the
  /// stream is not known here.
  bool retarget(Instant now, const std::string& stream, const std::vector<PeerId>& validators);
  /// `id` is that of the push which is answered.
  void on_pushed(Instant now, const PeerId& from, std::uint64_t id, const Pushed& answer);
  /// Stored events for `target` from `first` on; empty when the store has none.
  void on_payload(const std::string& stream, const PeerId& target, std::uint64_t first,
                  const std::vector<ingest::Item>& items, Outbox& out);
  void on_tick(Instant now, Outbox& out);
  std::optional<Instant> next_deadline() const;

  /// Bytes in memory that validators which answer have not acknowledged yet.
  std::size_t backlog_bytes() const { return backlog_; }
  /// `peer` attests another chain than ours, which has `events` now: pushes to it would be in vain.
  /// The stream is kept until it is released, since others may be put on its chain.
  void on_other(Instant now, const std::string& stream, const PeerId& peer, std::uint64_t events,
                bool closed, const std::vector<PeerId>& validators);
  /// `peer` attests, upon the certificate of this height, the first `entries` of our chain: it is
  /// pushed on from there when it held another chain before. Once for each such word.
  void on_same(const std::string& stream, const PeerId& peer, std::uint32_t height,
               std::uint64_t entries);
  /// Nobody needs the stream's events any more.
  void release(const std::string& stream);
  /// All validators of the stream have everything, or it is not known here.
  bool delivered(const std::string& stream) const;
  /// Somebody is still to be told something of these first `entries`.
  bool tells(const std::string& stream, std::uint64_t entries) const;
  const PushCounters& counters() const { return counters_; }

 private:
  struct Target {
    std::uint64_t next = 0;   ///< acknowledged below
    std::uint64_t asked = 0;  ///< told to attest entries below this one
    bool known = true;        ///< false: its position must be asked for first
    bool silent = false;      ///< did not answer in time
    bool queued = false;
    bool conflicted = false;  ///< holds other events: nothing more for it, until on_same
    std::pair<std::uint32_t, std::uint64_t> same;  ///< of the last word that ended this
    bool former = false;   ///< no validator any more: told while it answers, and never awaited
    std::uint64_t id = 0;  ///< of the last push; an answer with another one is late
    Instant opened{};
    std::optional<Instant> open_until;  ///< a push, a probe or a load is under way
  };
  /// What is known of a validator, over all streams.
  struct Channel {
    std::deque<std::string> queue;  ///< streams that have something to send
    std::size_t in_flight = 0;
    Duration usual{};     ///< smoothed time to an answer; zero before the first
    Duration patience{};  ///< with the next push; doubles when it is over
    Instant widened{};    ///< when it doubled; pushes sent before do not double it again
  };
  struct Stream {
    std::uint64_t first = 0;  ///< index of the oldest item in memory
    std::deque<ingest::Item> items;
    std::size_t bytes = 0;
    bool closed = false;
    bool split = false;         ///< validators held other chains of it
    std::uint64_t awaited = 0;  ///< somebody waits for attestations of the entries below
    std::map<PeerId, Target> targets;

    std::uint64_t events() const { return first + items.size(); }
    std::uint64_t size() const { return events() + (closed ? 1 : 0); }
  };

  /// A push that is not signed yet.
  struct Leaving {
    PeerId to;
    std::uint64_t id;
    Push push;
    Hash leaf;
  };
  /// What a push says beyond its events.
  struct Tail {
    bool closes = false;
    bool attest = false;
  };

  void queue(const std::string& name, const PeerId& peer, Target& target);
  /// Nothing is known of it for this stream any more.
  void start_anew(const std::string& name, const PeerId& peer, Target& target);
  void gather(Instant at, const std::string& name);
  void send_next(Instant now, const std::string& name, Stream& stream, const PeerId& peer,
                 Target& target, Outbox& out);
  void transmit(const std::string& name, const PeerId& peer, const Target& target,
                std::uint64_t first, std::span<const ingest::Item* const> items, Tail tail);
  /// What leaves together is signed once. Validators that are equally far are told the same.
  void sign(Outbox& out);
  void open(Instant now, const std::string& name, const PeerId& peer, Target& target);
  void learn(Channel& channel, Duration answered_in);
  void shut(const std::string& name, const PeerId& peer, Target& target);
  void expire(Instant now);
  void trim(Stream& stream);
  void forget_items(Stream& stream);
  /// Drops a stream that every validator has, with the pushes that only asked to attest it.
  bool forget_complete(std::map<std::string, Stream>::iterator stream);
  void forget(std::map<std::string, Stream>::iterator stream);
  /// There is something to tell it: events, or that somebody waits.
  static bool wanted(const Stream& stream, const Target& target);
  /// Nothing more is to be waited for from it.
  static bool served(const Stream& stream, const Target& target) {
    return target.conflicted || target.former || target.next >= stream.size();
  }

  ClusterId cluster_;
  const Signer& signer_;
  PushLimits limits_;
  std::map<std::string, Stream> streams_;
  std::set<std::string> gathering_;  ///< have events that no push has carried yet
  std::optional<Instant> flush_at_;
  std::map<PeerId, Channel> channels_;
  std::set<std::tuple<Instant, std::string, PeerId>> open_;
  std::uint64_t next_id_ = 0;
  std::size_t backlog_ = 0;
  std::vector<Leaving> leaving_;  ///< empty between two calls
  PushCounters counters_;
};

}  // namespace vouch::sync
