// Judges one stream, event by event: parse, structure, sequence, verdict, chain. Usable alone,
// without any networking. Deliberately absent: clock, threads, other streams.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/validator/chain.hpp"
#include "vouch/validator/input.hpp"
#include "vouch/validator/mode.hpp"
#include "vouch/validator/policy.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

/// Beside `rules` and `stream`, what options_of takes from a policy.
struct Options {
  RuleSet rules = {};
  std::string stream = {};  ///< "" = named by the threadId of its first RUN_STARTED
  std::vector<Override> levels = {};
  Overlays overlays = {};
  CustomRules custom = {};  ///< the pure ones are those that `rules` names
  /// The input that the stream answers, see read_input. It changes verdicts: the thread that is
  /// expected (2005) and the state that patches meet.
  std::optional<json::Value> input = {};
  EarlierRuns earlier = {};  ///< nothing: no other stream of the thread is known
  Mode mode = {};  ///< other than the ordinary one for diagnosis on one's own machine only
  bool keeps_states = false;  ///< for take_state
  /// So many entries lie between two states that are hashed, at least. All voters of a cluster must
  /// have the same: another one is for tests.
  std::uint64_t state_interval = validator::state_interval;
};
Options options_of(const Policy& policy, std::string stream);

/// Exact counts of the events of a prefix, the close mark left out: a function of it.
struct Counts {
  std::uint64_t accepted = 0;
  std::uint64_t warned = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unjudged = 0;
  bool operator==(const Counts&) const = default;
};

/// A state of a stream that was hashed (StreamValidator::state_at), as bytes: what a fold can go on
/// from instead of the events before.
struct FoldState {
  std::uint64_t size = 0;  ///< entries behind which it stands
  Bytes bytes;             ///< their BLAKE2b-256 is the hash
  bool operator==(const FoldState&) const = default;
};

/// Not thread-safe; movable. Memory is bounded by the limits of the rule set (rule 1008).
class StreamValidator {
 public:
  explicit StreamValidator(Options options);
  ~StreamValidator();
  StreamValidator(StreamValidator&&) noexcept;
  StreamValidator& operator=(StreamValidator&&) noexcept;

  /// Judges the next unit: the text of one JSON object. Any bytes are legal input; never throws.
  /// `now_ms`: time of arrival in milliseconds since 1970, for the overlay `local` alone.
  /// Precondition: not closed.
  Verdict feed(std::string_view unit, std::optional<std::int64_t> now_ms = {});
  /// Appends the close mark; a finding 2010 has index -1 and makes the outcome rejected.
  /// Precondition: not closed.
  Verdict close();

  /// The whole validator as bytes: restored, it goes on with the same verdicts and heads. Equal
  /// validators give equal bytes. Size: that of the state and of the open segment.
  Bytes snapshot() const;
  /// From any bytes. `options`: those it was made with. Errors: malformed when the bytes are no
  /// snapshot of this version, invalid_config when rule set, mode or stream are others. Memory:
  /// at most proportional to the bytes.
  static Result<StreamValidator> restore(ByteView bytes, Options options);

  /// The latest state that was hashed, once; nothing without Options::keeps_states.
  std::optional<FoldState> take_state();
  /// From any bytes: a validator behind the events that they came from, without what a peer adds of
  /// its own. Whoever did not make them compares their hash with a certified one first. Errors and
  /// memory: as for restore.
  static Result<StreamValidator> resume(ByteView state, Options options);

  /// Overlay `local`: what has been silent for too long; each item is reported once.
  std::vector<Finding> check_stall(std::int64_t now_ms);

  /// Findings on Options::input, which count against the input and not against the stream;
  /// pointers are into the input. Filled when the run that it asks for starts, whose index they
  /// have.
  const std::vector<Finding>& input_findings() const;
  /// The run that Options::input asks for was started.
  bool input_met() const;
  /// Judges the input as that of the thread's next run. Preconditions: closed; there is an input,
  /// and it was not met.
  std::vector<Finding> judge_unmet_input() const;
  /// What the stream leaves to the next run of its thread.
  const ThreadState& thread() const;

  /// What the rules of the sequence know of the stream. It changes with the next event.
  const StreamState& state() const;
  bool closed() const;
  /// The name, "" while none is known.
  const std::string& stream() const;
  /// Entries so far, the close mark included.
  std::uint64_t size() const { return chain().size(); }
  const Chain& chain() const;
  /// Hash of all that later verdicts and heads depend on after the first `size` events: a function
  /// of rule set and prefix, whatever a peer adds of its own. It is known at ends of runs that are
  /// far enough beyond the one before, or the start (1,024 entries, as many as there are known
  /// ids, and as a 256th of what state and activities weigh, rule 1008) and that `certified` has
  /// not let go of. Rule sets that vote by overlays have none.
  std::optional<Hash> state_at(std::uint64_t size) const;
  /// See Chain::certified; states before it are let go, too.
  void certified(std::uint64_t size);
  /// Digest of the last unit. Precondition: there was one.
  const Hash& last_digest() const;
  const Counts& counts() const;
  /// Warnings and fatal findings from the start, at most limits::first_findings_max, by index.
  const std::vector<Finding>& first_findings() const;
  /// True when the last unit ended a run (an accepted RUN_FINISHED or RUN_ERROR).
  bool at_run_end() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Digest of one unit, as heads contain it: BLAKE2b-256 over a tag and the canonical form, or the
/// raw bytes.
Hash digest_of(std::string_view unit);

/// Digest of the mark that ends a stream: no event has it.
const Hash& close_digest();

}  // namespace vouch::validator
