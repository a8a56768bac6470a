// The facade: a peer inside your process. Open it from a Config, start it, submit events of
// streams, read verdicts at once, and ask how far the other voters agree.
//
//   auto peer = vouch::DistributedValidator::open(config);
//   (*peer)->start();
//   auto stream = (*peer)->stream("thread-1");
//   auto verdict = stream.submit(R"({"type":"RUN_STARTED","threadId":"thread-1","runId":"r1"})");
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vouch/base/outbox.hpp"
#include "vouch/config.hpp"
#include "vouch/driver/status.hpp"
#include "vouch/ingest/stream_table.hpp"
#include "vouch/machine/causal_token.hpp"
#include "vouch/machine/standing.hpp"
#include "vouch/membership/roster_change.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/state/shared_values.hpp"

namespace vouch {

struct SubmitOptions {
  std::optional<std::uint64_t> index;  ///< place of the event; nothing = the next one
  bool attest_now = false;             ///< tell the others at once, not with the next beat
};

/// The answer to a submitted event.
struct Taken : ingest::Submitted {
  CausalToken token;  ///< of this stream with this event; give it to DistributedValidator::await
};

/// What an answer about a prefix must rest on.
enum class Strength : std::uint8_t {
  local,      ///< this peer's own verdict
  majority,   ///< equal heads of more than half of the roster
  unanimous,  ///< equal heads of the whole roster
  pbft,       ///< a certificate: a quorum's commits, which no f liars can contradict
};

/// An answer and its provenance.
struct Support {
  bool reached = false;                    ///< the strength that was asked for
  machine::Standing standing;              ///< who agrees, differs, is missing
  std::size_t needed = 0;                  ///< voters that the strength takes
  std::optional<Certificate> certificate;  ///< pbft: covers the entry when reached
};

/// One certified value for a user's subject.
struct Decision {
  Certificate certificate;
  std::string value;  ///< that won
  bool own = false;   ///< it is the value this call proposed
};

class DistributedValidator;

/// A handle on one stream of a peer; cheap to copy; must not outlive the peer. Thread-safe, but
/// events of one stream submitted from several threads without indices get their order by chance.
class Stream {
 public:
  /// Judges one event. The verdict is local and final for this peer; others hear of it by gossip.
  /// Errors: busy (try again), too_large, out_of_order, not_allowed (closed), not_running.
  Result<Taken> submit(std::string_view event, SubmitOptions options = {});
  /// Ends the stream; a run that is still open makes it truncated (finding 2010 at index -1).
  Result<validator::Verdict> close();
  /// The index the next event gets, and whether the stream is closed.
  std::pair<std::uint64_t, bool> position() const;

  /// How far the voters agree with this peer on the entries up to and including `upto`.
  Result<machine::Standing> standing(std::uint64_t upto) const;
  /// Waits until `voters` of them (this peer counts) agree on the entries up to `upto`, until it
  /// is clear that they cannot, or until the time is over; the answer tells which. Asks for
  /// attestations at once.
  Result<machine::Standing> wait(std::uint64_t upto, std::size_t voters,
                                 std::chrono::milliseconds timeout);

  /// Waits until the entries up to `upto` have this support, until it is clear that they cannot
  /// get it (majority, unanimous), or until the time is over; the answer tells which.
  Result<Support> wait(std::uint64_t upto, Strength strength, std::chrono::milliseconds timeout);

  const std::string& id() const { return id_; }

 private:
  friend class DistributedValidator;
  Stream(DistributedValidator& peer, std::string id) : peer_(&peer), id_(std::move(id)) {}
  DistributedValidator* peer_;
  std::string id_;
};

class DistributedValidator {
 public:
  /// Checks the whole config, opens the store and binds the sockets. Without a `key_file` a new
  /// peer makes its key in the data folder. The error lists every fault of the config, one a line,
  /// each with what to do.
  static Result<std::unique_ptr<DistributedValidator>> open(Config config);
  ~DistributedValidator();

  /// Starts, or starts again after stop. Errors: io, not_allowed (key file), invalid_config.
  Result<void> start();
  /// Bounded in time and idempotent. Submitting afterwards gives not_running.
  void stop();

  Stream stream(std::string id) { return {*this, std::move(id)}; }
  /// O(state), for its hash, in which the peer does nothing else: not for every second.
  Result<Status> status() const;
  /// What the dumper shows, as JSON: everything, or these parts (lib/observe/dump.hpp), which costs
  /// the peer less. Errors: invalid_config (no such part), not_running.
  Result<std::string> dump(std::vector<std::string> parts = {}) const;

  /// Waits until this peer holds what `token` stands for, which another peer may have given: what
  /// is asked of this peer afterwards rests on those writes (read your writes). Errors: timed_out,
  /// with what is missing; not_running.
  Result<void> await(const CausalToken& token, std::chrono::milliseconds timeout);

  /// Proposes `value` (at most 64 KiB) for `subject` and waits for the decision: all voters get the
  /// same value for a subject, whoever proposed what. Errors: not_allowed (this peer has no vote),
  /// too_large, timed_out (too few voters can be heard; the proposal stands), not_running.
  /// What was decided long ago, or while this peer was away, others are asked for.
  Result<Decision> propose(const std::string& subject, std::string_view value,
                           std::chrono::milliseconds timeout);

  /// Proposes here that the voters, or the rule set, are changed, and waits until the voters have
  /// decided and this peer follows what they decided, or until the time is over; the answer tells
  /// which. Each of one more voters than may lie must be told so by its own operator: with fewer
  /// the proposal stands, in memory, until another roster is decided. Errors: malformed (see
  /// membership::changed; or a rule set that is not known here), not_allowed (this peer has no vote
  /// now, or the change is made already), invalid_config (this peer cannot judge by that rule set),
  /// busy (it proposes too many), storage_full, not_running.
  Result<RosterStanding> change_roster(const RosterChange& change,
                                       std::chrono::milliseconds timeout);

  /// Gives `key` a value that all peers share, in place of the values that this peer holds of it;
  /// returns once it is stored here, and the others hear of it at once. No peer is asked: those
  /// that are cut off go on, and values put at the same time all stand until somebody puts the
  /// next one. The token is for await on another peer. Errors: too_large (a key has 1 to 256 bytes
  /// of UTF-8, a value at most 4 KiB), malformed, storage_full (1,024 keys of this peer hold
  /// values, or the disk is full), not_allowed (not in the roster), busy (since the start too few
  /// voters could be heard), timed_out (the disk does not answer; it may still be stored),
  /// not_running.
  Result<CausalToken> put(std::string_view key, std::string_view value,
                          std::chrono::milliseconds timeout = std::chrono::seconds(5));
  /// Takes away the values of `key` that this peer holds. Returns and errors as for put.
  Result<CausalToken> erase(std::string_view key,
                            std::chrono::milliseconds timeout = std::chrono::seconds(5));
  /// All values of `key` that stand, by writer, erasures among them. Error: not_running.
  Result<std::vector<SharedValue>> get(std::string_view key) const;
  /// The value that `resolution` makes of them: vouch::last_written, vouch::highest_version, or a
  /// pure function of yours. Nothing: the key has no value. Error: not_running.
  Result<std::optional<std::string>> get(std::string_view key, const Resolution& resolution) const;

  using Subscriber = std::function<void(const Notice&)>;
  /// `subscriber` hears every attestation, dispute, certificate and shared value, on the peer's own
  /// thread: it must return soon and must not call back into the peer. Set it before start.
  void subscribe(Subscriber subscriber);

 private:
  friend class Stream;
  struct Impl;
  explicit DistributedValidator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch
