// Decides when a peer attests what: every interval at a comparable point, earlier after many
// events, at once when somebody waits, a run ends or an event is rejected, and the tip of a stream
// that went quiet. An attestation is an interval claim, so only the latest point of a stream ever
// matters.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>

#include "vouch/base/time.hpp"
#include "vouch/ingest/streams.hpp"

namespace vouch::ingest {

class Attestor {
 public:
  explicit Attestor(Duration interval) : interval_(interval) {}

  /// What this peer has attested in an earlier life: never attests below it.
  void restore(const std::string& stream, std::uint64_t upto);
  /// The stream was put on another chain, at a height of its own: what was due of the old one is
  /// not said any more, and the new one is attested from its first point on.
  void rebase(const std::string& stream);
  /// Nothing more is said of the stream.
  void release(const std::string& stream);
  void on_progress(Instant now, const Progress& progress);
  /// When `take` has something to say; nothing while all streams are attested.
  std::optional<Instant> next_deadline() const;
  /// The attestations that are due, by stream name.
  std::vector<Attestation> take(Instant now, Streams& streams);

 private:
  struct Entry {
    std::optional<std::uint64_t> attested;
    std::uint64_t size = 0;
    std::optional<Checkpoint> pending;
    Instant changed;
    bool closed = false;
  };
  bool settle(const std::string& stream, Entry& entry, Instant now, Streams& streams,
              std::vector<Attestation>& out);

  Duration interval_;
  std::map<std::string, Entry> entries_;
  std::set<std::string> waiting_;
  Instant flush_at_{};
};

}  // namespace vouch::ingest
