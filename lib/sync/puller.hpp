// When to ask whom for missing batches: at start, on a gap, when a heartbeat's frontier digest
// keeps differing, and when a way opens. One request per peer at a time; PUB/SUB is a hint, this is
// what makes logs equal. Now and then it says a Check to each: equal peers say no more. Invariant:
// nobody makes us pull by a Check of its own, only by an answer to ours.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>

#include "vouch/base/outbox.hpp"
#include "vouch/base/time.hpp"
#include "vouch/sync/mode.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {

struct PullTimes {
  Duration first_timeout{std::chrono::milliseconds(100)};  ///< until a peer has answered once
  Duration timeout{std::chrono::seconds(1)};               ///< then the request counts as lost
  Duration period{std::chrono::seconds(10)};  ///< check with everybody this often, come what may
};

class Puller {
 public:
  /// By gossip alone it asks until it was told all, at its own start, and until it was answered, at
  /// that of a neighbour. By states it asks everybody for what that one wrote alone.
  Puller(std::vector<PeerId> peers, PullTimes times, Mode mode = Mode::automatic);

  /// `secret` is that of this start (marks.hpp).
  void on_start(Instant now, const Hash& secret);
  /// Whom it asks from now on, those of before among them.
  void add_peers(Instant now, const std::vector<PeerId>& peers);
  /// The first gossip of a start of `peer`. Who does not repair asks: what was said before this
  /// link stood did not come, and may be younger than the answer that is under way.
  void on_link(const PeerId& peer);
  /// The way to `peer` is open, maybe again: what it published meanwhile did not come, and what it
  /// was asked is not answered. Once in a timeout, whatever the way does: nobody who keeps closing
  /// it makes us ask all the time.
  void on_open(Instant now, const PeerId& peer);
  /// A batch of `writer` came too early: who does not repair minds it while an answer is under way.
  void on_gap(const Writer& writer);
  /// Two differing digests of one peer in a row are worth a question; one is usual under load.
  void on_digest(const PeerId& peer, bool equal);
  /// The answer to a Check, which is worth a question when it still differs.
  void on_checked(const PeerId& peer, bool equal);
  /// Question `number` was answered, and `progress` is whether that brought anything new.
  void on_pulled(Instant now, const PeerId& peer, std::uint64_t number, const Pulled& pulled,
                 bool progress);
  /// A state was taken over: what follows on it is asked for.
  void on_taken();
  /// Sends what is due.
  void on_tick(Instant now, const Replica& replica, Outbox& out);
  std::optional<Instant> next_deadline() const;

  /// Peers that have told everything they hold since the start.
  std::size_t told_all() const { return told_all_.size(); }
  bool told_all(const PeerId& peer) const { return told_all_.contains(peer); }
  std::uint64_t asked() const { return asked_; }

 private:
  struct Peer {
    bool wanted = false;     ///< ask as soon as no request is open
    std::uint64_t link = 0;  ///< answers to questions before this one may lack what is published
    bool checking = false;   ///< said a Check that was not answered, and nothing since
    std::optional<Instant> open_until;
    Instant next_routine;
    std::optional<Instant> opened;  ///< for which a question was due last; may be to come
    int differing = 0;
    int unanswered = 0;  ///< requests, until the first answer
  };
  bool pulling() const;
  /// What one answers may be all that another would: until then there is nothing to compare. But
  /// nobody who goes on answering keeps us from comparing with others for longer than a timeout.
  Instant first_check(const Peer& peer) const;

  std::map<PeerId, Peer> peers_;
  PullTimes times_;
  std::set<PeerId> answered_;
  std::set<PeerId> told_all_;
  std::uint64_t asked_ = 0;
  Hash secret_;
  bool repairs_, own_;
};

}  // namespace vouch::sync
