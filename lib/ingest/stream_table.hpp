// The streams of one lane: validators, the reordering window, and what is news since the last
// collection. Pure and single-threaded; a lane adds the lock. Deliberately absent: sending,
// storing, attesting.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "vouch/base/released.hpp"
#include "vouch/ingest/run_watch.hpp"
#include "vouch/ingest/streams.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::ingest {

enum class Answer : std::uint8_t {
  verdict,    ///< judged; further verdicts are of waiting events that it released
  duplicate,  ///< this event is already held at this index
  waiting,    ///< events before it are missing; it is kept for a while
};

struct Submitted {
  Answer answer = Answer::verdict;
  std::uint64_t index = 0;
  std::vector<validator::Verdict> verdicts;  ///< of this event first; empty unless judged
};

struct TableLimits {
  std::size_t streams_max = 65'536;     ///< open ones; then new names are refused as busy
  std::size_t window_events_max = 256;  ///< waiting per stream; then Errc::out_of_order
  std::size_t window_bytes_max = 4U << 20;
};

class StreamTable final : public Streams {
 public:
  /// `released`, which must outlive it, knows streams that are over and that nobody holds any more;
  /// without it there are none.
  StreamTable(validator::Policy policy, TableLimits limits, const Released* released = nullptr)
      : limits_(limits), released_(released) {
    policies_.emplace(0, std::move(policy));
  }

  /// Submitters call streams by their names: which one of its keys such a name means. The one that
  /// submitters use here, else the oldest that is known here, else that of one which begins now.
  /// A text that is a key means itself.
  std::string key_of(const std::string& name) const;
  /// There is, or was, a stream with this key here.
  bool knows(const std::string& key) const;
  /// Judges one event of a submitter at `index`, by default the next one. `now_ms`: time of arrival
  /// in milliseconds since 1970, for the overlay `local` alone. Errors: too_large,
  /// out_of_order (other event at this index, or beyond the window), busy, not_allowed (stream is
  /// closed); invalid_config (this peer cannot judge by the rules of now); io, malformed (whether
  /// it was there before cannot be read, or the name cannot be one).
  Result<Submitted> submit(const std::string& name, std::string_view event,
                           std::optional<std::uint64_t> index,
                           std::optional<std::int64_t> now_ms = {});
  /// What has been silent for too long at `now_ms`, a time as for submit; each is told once.
  std::vector<Stalled> check_stall(std::int64_t now_ms);
  /// Ends a stream: appends the close mark. Closing twice gives the same answer. Errors: as for
  /// submit.
  Result<validator::Verdict> close(const std::string& name);
  /// The next free index and whether the stream is closed; {0, false} when it is not known.
  std::pair<std::uint64_t, bool> position(const std::string& name) const;
  /// Somebody waits: the tip is due here, and the other validators are asked for theirs.
  void attest_now(const std::string& name);

  void follow_rules(std::uint32_t epoch, const std::string& rule_set) override;
  bool judges(const std::string& stream) override { return policy_of(stream) != nullptr; }
  PushOutcome push(const std::string& stream, std::uint64_t first,
                   std::span<const std::string> events, bool closes) override;
  void attest(const std::string& stream) override;
  void taint(const std::string& stream) override;
  bool retire(const std::string& stream) override;
  void release(const std::string& stream) override;
  std::optional<Checkpoint> tip(const std::string& stream) override;
  std::optional<Hash> head_at(const std::string& stream, std::uint64_t upto) override;
  std::optional<Hash> state_at(const std::string& stream, std::uint64_t size) override;
  std::vector<ThreadRun> runs(const std::string& stream) override;
  std::optional<validator::Point> end_after(const std::string& stream, std::uint64_t size) override;
  std::optional<validator::LinkList> links(const std::string& stream, std::uint64_t from,
                                           std::uint64_t to) override;
  void certified(const std::string& stream, std::uint64_t size) override;
  std::optional<validator::Segment> fold(const std::string& stream, const Start& start,
                                         std::span<const std::string> events, bool closes,
                                         std::uint64_t from) override;
  bool rebase(const std::string& stream, const Start& start, std::span<const std::string> events,
              bool closes) override;

  /// Feeds stored events again at start; nothing of it is news. False when the state is none.
  bool restore(const std::string& stream, const Start& start, std::span<const std::string> events,
               bool closed, bool local);
  /// A stream that was retired in an earlier life.
  void restore_retired(const std::string& stream, std::uint64_t size) { retired_[stream] = size; }

  /// Moves what is news since the last call to `out`.
  void collect(std::vector<Progress>& out);
  bool has_news() const { return !dirty_.empty(); }
  /// Some news are urgent.
  bool urgent() const { return urgent_; }
  std::size_t open_streams() const { return open_; }
  /// Bytes of events that wait for collection.
  std::size_t fresh_bytes() const { return fresh_bytes_; }
  std::uint64_t events() const { return events_; }

 private:
  struct Stream {
    Stream(validator::StreamValidator v, bool has_threads)
        : validator(std::move(v)), threads(has_threads) {}
    validator::StreamValidator validator;
    std::map<std::uint64_t, std::string> window;
    std::size_t window_bytes = 0;
    Progress news;
    RunWatch runs;
    bool dirty = false;
    bool tainted = false;
    bool local = false;    ///< a submitter of this peer used it
    bool threads = false;  ///< its rule set has rules about streams that share a thread
    std::optional<validator::Verdict> closing;
  };

  Stream* find(const std::string& stream);
  /// Its size, when the stream is over and has no chain here any more. Errors: see
  /// Released::size_of.
  Result<std::optional<std::uint64_t>> size_over(const std::string& stream) const;
  /// Errc::not_allowed when it is over, or why that is not known.
  Result<void> check_not_over(const std::string& stream) const;
  /// Nothing: this peer cannot judge it (yet).
  const validator::Policy* policy_of(std::string_view stream) const;
  std::pair<std::uint64_t, bool> place(const std::string& stream) const;
  /// What a submitter means by a name, with its key; it begins when it is not there.
  Result<std::pair<std::string, Stream*>> begin(const std::string& name);
  Stream* find_or_open(const std::string& stream);
  Stream& open(const std::string& stream, const validator::Policy& policy);
  Stream fresh(const std::string& stream, const validator::Policy& policy) const;
  /// The same behind a state; nothing when that is none.
  std::optional<Stream> begun(const std::string& stream, const validator::Policy& policy,
                              const Start& start) const;
  validator::Verdict feed(const std::string& name, Stream& stream, std::string_view event,
                          bool local, std::optional<std::int64_t> now_ms = {});
  validator::Verdict shut(const std::string& name, Stream& stream, bool local);
  /// Feeds events that are no news.
  void replay(Stream& stream, std::span<const std::string> events, bool closed);
  void note_runs(const std::string& name, Stream& stream);
  void mark(const std::string& name, Stream& stream, bool urgent, bool local);
  Checkpoint checkpoint(const Stream& stream) const;
  Result<Submitted> hold(Stream& stream, std::string_view event, std::uint64_t index);
  Result<Submitted> compare(Stream& stream, std::string_view event, std::uint64_t index);

  TableLimits limits_;
  const Released* released_;
  /// By the epoch in the key of a stream; why it cannot be judged here, where it cannot.
  std::map<std::uint32_t, Result<validator::Policy>> policies_;
  std::map<std::string, Stream> streams_;
  std::map<std::string, std::uint64_t> retired_;  ///< closed and settled: only their size is left
  std::vector<std::string> dirty_;
  std::size_t open_ = 0;
  std::size_t fresh_bytes_ = 0;
  std::uint64_t events_ = 0;
  bool urgent_ = false;
};

}  // namespace vouch::ingest
