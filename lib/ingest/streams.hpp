// The streams of a peer as the machine sees them: one table in a simulator, lanes of tables in a
// driver.
// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "vouch/ingest/progress.hpp"
#include "vouch/validator/links.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::ingest {

struct PushOutcome {
  std::uint64_t next = 0;  ///< the index that is needed next
  bool conflict = false;   ///< another event is held at one of the indices
  bool full = false;       ///< nothing was looked at: no room for another stream, or for more of
                           ///< it, or the stream cannot be judged here (yet)
  std::vector<Hash>
      digests;  ///< of the events that were pushed, in order, as far as they are known
};

/// Where events begin: at the start of a stream, or behind a state of it, which is certified or was
/// made here.
using Start = std::optional<validator::FoldState>;

/// Streams go by their keys (lib/base/stream_key.hpp).
class Streams {
 public:
  virtual ~Streams() = default;
  /// The roster of `epoch` names this rule set: streams that begin here from now on are judged by
  /// it, and so are those of others whose keys name the epoch. What was begun goes on as it is.
  virtual void follow_rules(std::uint32_t epoch, const std::string& rule_set) = 0;
  /// The rule set of a stream with this key is known here, and this peer can judge by it.
  virtual bool judges(const std::string& stream) = 0;
  /// Events from another peer. Those already held are compared, a gap is answered by `next`.
  virtual PushOutcome push(const std::string& stream, std::uint64_t first,
                           std::span<const std::string> events, bool closes) = 0;
  /// Makes the tip due for attestation at the next collection.
  virtual void attest(const std::string& stream) = 0;
  /// Never attest this stream again.
  virtual void taint(const std::string& stream) = 0;
  /// Frees what a closed stream holds, except that it is closed and how long it was. False when
  /// news of it are still to be collected, or it is not closed here.
  virtual bool retire(const std::string& stream) = 0;
  /// Frees all that is held of a stream: it is released (lib/base/released.hpp).
  virtual void release(const std::string& stream) = 0;
  /// The tip as a checkpoint; nothing when unknown, empty, unnamed or tainted.
  virtual std::optional<Checkpoint> tip(const std::string& stream) = 0;
  /// The own head over the entries 0..upto, where it can still be computed.
  virtual std::optional<Hash> head_at(const std::string& stream, std::uint64_t upto) = 0;
  /// See StreamValidator::state_at, of the own chain.
  virtual std::optional<Hash> state_at(const std::string& stream, std::uint64_t size) = 0;
  /// All runs of the own chain, rising; none when the stream is retired, or the rule set has no
  /// rules of threads.
  virtual std::vector<ThreadRun> runs(const std::string& stream) = 0;

  /// The first end of a segment of the own chain beyond `size` entries; nothing when it is not
  /// reached or not known any more.
  virtual std::optional<validator::Point> end_after(const std::string& stream,
                                                    std::uint64_t size) = 0;
  /// Entries of the own segment that contains entry `from`, up to `to` entries of the stream;
  /// nothing when it is not kept, or `to` is not in (from, its end].
  virtual std::optional<validator::LinkList> links(const std::string& stream, std::uint64_t from,
                                                   std::uint64_t to) = 0;
  /// The first `size` entries are certified: nobody will ask for the links of what ends there.
  virtual void certified(const std::string& stream, std::uint64_t size) = 0;
  /// What `events` behind `start` give under our rules: the segment that contains entry `from`, to
  /// its end or that of the events; nothing when they do not reach it, or the state is none. Of a
  /// start alone no entries and the head there. The own chain has no part in it.
  virtual std::optional<validator::Segment> fold(const std::string& stream, const Start& start,
                                                 std::span<const std::string> events, bool closes,
                                                 std::uint64_t from) = 0;
  /// The own chain becomes what `events` behind `start` give. What waited and what was news of the
  /// old one is dropped, and the stream may be attested; it goes on behind `events`. False, and
  /// nothing is changed, when the stream is retired, there is no room for another one, or the state
  /// is none.
  virtual bool rebase(const std::string& stream, const Start& start,
                      std::span<const std::string> events, bool closes) = 0;
};

}  // namespace vouch::ingest
