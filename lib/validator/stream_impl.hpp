// What a StreamValidator is made of, and the order in which an event passes through it. Included by
// the sources of StreamValidator alone.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vouch/crdt/check.hpp"
#include "vouch/validator/chunks.hpp"
#include "vouch/validator/decoder.hpp"
#include "vouch/validator/policy_watch.hpp"
#include "vouch/validator/sequence.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator {

/// Beyond these the oldest are forgotten: as many as a chain knows ends of segments.
inline constexpr std::size_t states_max = Chain::ends_max;

struct StatePoint {
  std::uint64_t size = 0;
  Hash state;
};

struct StreamValidator::Impl {
  explicit Impl(Options o)
      : options(std::move(o)),
        decoder(options.rules, options.mode),
        lanes(options.rules.protocol),
        sequence(options.rules, options.mode),
        findings(options.rules, options.mode),
        chain(options.stream, options.rules.id() + options.mode.suffix(), !options.mode.unhashed),
        marks(!options.mode.unhashed && !PolicyWatch::votes_by_overlays(options.rules)) {
    VOUCH_CHECK(options.rules.custom == pure_ids(options.custom));
    if (options.input) sequence.expect(*std::exchange(options.input, std::nullopt));
    sequence.follow(std::move(options.earlier));
    const Options& given = options;
    if (PolicyWatch::needed(given.rules, given.levels, given.overlays, given.custom)) {
      watch =
          std::make_unique<PolicyWatch>(given.rules, given.levels, given.overlays, given.custom);
    } else {
      decoder.leave_deltas();  // the sequence only asks whether there is one
    }
  }

  Options options;
  Decoder decoder;
  ChunkLanes lanes;
  Sequence sequence;
  Findings findings;
  std::unique_ptr<PolicyWatch> watch;  ///< null when the policy adds nothing
  std::optional<std::int64_t> now_ms;
  Chain chain;
  Counts counts;
  std::vector<Finding> first;
  std::vector<Event> expanded;
  Hash last_digest;
  bool frozen =
      false;  ///< a rejected event stands; everything is unjudged until the next RUN_STARTED
  bool closed = false;
  bool at_run_end = false;
  bool marks;                      ///< states are hashed
  std::uint64_t marked = 0;        ///< size at the last one
  std::vector<StatePoint> states;  ///< rising, of what is not certified
  std::optional<FoldState> kept;   ///< until it is taken

  static Result<StreamValidator> read(ByteView bytes, std::string_view tag, Options options,
                                      const auto& archive);
  Verdict feed(std::string_view unit);
  /// True when the unit is judged; unjudged ones change nothing.
  bool judge(const Decoded& decoded, Verdict& verdict);
  void sequence_rules(const Event& event, Verdict& verdict);
  /// The same of what a chunk stands for, or of what comes behind one.
  void apply_expanded(const Event& event, std::int64_t index);
  void record(const Verdict& verdict, bool ends_segment);
  /// The state is hashed where it is due.
  void mark();
  Bytes fold_state();
  void keep_first(const std::vector<Finding>& found);
  void count(const Verdict& verdict);
};

}  // namespace vouch::validator
