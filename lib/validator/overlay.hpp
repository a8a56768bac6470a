// Optional checks beside the rule set: hygiene (rules 80xx), timing computed from the timestamps
// of the events (8030 to 8037), and what is local to a peer (90xx). They see an event after its
// structure was judged and before its sequence is. Deliberately absent: a clock; time comes in as
// an argument.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "vouch/schemas/error.hpp"
#include "vouch/validator/event.hpp"
#include "vouch/validator/findings.hpp"
#include "vouch/validator/thread_state.hpp"

namespace vouch::validator {

/// All in milliseconds but for the two rates, which are events.
struct TimingLimits {
  std::int64_t gap = 30'000;
  std::int64_t run = 600'000;
  std::int64_t message = 300'000;
  std::int64_t tool = 120'000;
  std::int64_t step = 300'000;
  std::int64_t skew = 30'000;
  std::uint32_t per_second = 100;
  std::uint32_t per_minute = 5'000;
  bool operator==(const TimingLimits&) const = default;

  static TimingLimits strict();
  static TimingLimits permissive();
};

/// Of one peer; in milliseconds but for the counts.
struct LocalLimits {
  std::int64_t future = 5'000;
  std::int64_t stale = 86'400'000;
  std::int64_t drift = 300'000;
  std::uint32_t burst = 50;  ///< arrivals within a second
  TimingLimits stall;        ///< run, message, tool and step count since the last sign of life
  std::uint64_t events_per_run = 100'000;
  std::size_t open_messages = 1'000;
  std::size_t open_calls = 100;
  bool operator==(const LocalLimits&) const = default;

  static LocalLimits strict();
  static LocalLimits permissive();
};

/// Which overlays run. Selecting `timing` declares that timestamps are milliseconds.
struct Overlays {
  bool hygiene = false;
  std::optional<TimingLimits> timing;
  std::optional<LocalLimits> local;
  bool operator==(const Overlays&) const = default;

  bool any() const { return hygiene || timing || local; }
  /// Adds one by name: hygiene, timing, local; the last two also with ":strict" or ":permissive".
  /// Error: invalid_config, with the names there are.
  Result<void> select(std::string_view name);
};

/// The checks that need nothing but the event.
void check_hygiene(const Event& event, Findings& out);

/// What the overlays remember of one stream. O(log n) per event; memory by open items, of which
/// the rule set bounds the number.
class Overlay {
 public:
  explicit Overlay(const Overlays& selected) : selected_(selected) {}

  /// Adds what `event` touches. `now_ms`: milliseconds since 1970 by the clock of this peer;
  /// nothing: the rules that need it are silent.
  void check(const Event& event, std::optional<std::int64_t> now_ms, Findings& out);
  /// Rule 9006 for the answers that an echoed input gives to interrupts of `thread`, when they
  /// arrive.
  void check_answers(const Event& event, const ThreadState& thread,
                     std::optional<std::int64_t> now_ms, Findings& out) const;
  /// Rule 9005 for every open item without a sign of life; each is reported once.
  void check_stall(std::int64_t now_ms, Findings& out);

  /// What a snapshot keeps.
  void archive(auto& a) {
    a(open_, previous_, latest_, seconds_, minutes_, arrivals_, events_of_run_, open_messages_,
      open_calls_);
  }

 private:
  enum class Item : std::uint8_t { run, message, tool, step };
  struct Open {
    std::optional<double> since;               ///< timestamp of its start
    std::optional<std::int64_t> last_arrival;  ///< of its latest event
    bool has_content = false;
    bool stall_reported = false;
  };
  using Key = std::pair<Item, std::string>;
  friend constexpr Item last_of(Item) { return Item::step; }
  friend void archive(auto& a, Open& open) {
    a(open.since, open.last_arrival, open.has_content, open.stall_reported);
  }
  struct Bucket {
    std::uint32_t events = 0;
    bool reported = false;
  };
  using Buckets = std::map<std::int64_t, Bucket>;
  friend void archive(auto& a, Bucket& bucket) { a(bucket.events, bucket.reported); }

  void follow(const Event& event, std::optional<std::int64_t> now_ms, Findings& out);
  void begin(Key key, const Event& event, std::optional<std::int64_t> now_ms);
  void end(const Key& key, const Event& event, Findings& out);
  void touch(const Key& key, bool content, std::optional<std::int64_t> now_ms);
  void timestamps(const Event& event, Findings& out);
  void clock(const Event& event, std::int64_t now_ms, Findings& out);
  void counts(const Event& event, Findings& out);
  static bool exceeds(Buckets& buckets, std::int64_t bucket, std::uint32_t limit);

  Overlays selected_;
  std::map<Key, Open> open_;
  std::optional<double> previous_, latest_;  ///< timestamps
  Buckets seconds_, minutes_, arrivals_;
  std::uint64_t events_of_run_ = 0;
  std::size_t open_messages_ = 0, open_calls_ = 0;
};

}  // namespace vouch::validator
