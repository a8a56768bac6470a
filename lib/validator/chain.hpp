// The head of a stream's prefix: one streaming BLAKE2b-256 per segment, finalised only when asked
// for. Equal heads mean equal events and equal verdicts. Keeps the (digest, code) lists of the open
// segment and of those before it that are not certified, from which any head inside them can be
// recomputed, and the heads of more segments before.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"
#include "vouch/validator/links.hpp"

namespace vouch::validator {

class Chain {
 public:
  /// `stream` is the name, "" while none is known; `rule_set` the id of the rule set. Without
  /// `hashed` it only counts: every head is zeros.
  Chain(std::string stream, std::string rule_set, bool hashed = true);

  /// Adds one entry; `ends_segment` as DESIGN section 1 defines it (a full segment ends by itself).
  void append(const Entry& entry, bool ends_segment);
  /// Names the stream: the open segment is hashed anew under the name.
  void rename(std::string stream);

  const std::string& stream() const { return stream_; }
  std::uint64_t size() const { return first_ + entries_.size(); }
  /// Index of the first entry of the open segment; its entries.
  std::uint64_t segment_first() const { return first_; }
  const std::vector<Entry>& segment() const { return entries_; }

  /// Head over everything so far; zeros when empty. Does not end the stream.
  Hash head() const;
  /// Head over the first `size` entries: any point of the open segment or of one that is kept, or
  /// the end of one of the last `ends_kept` segments; nothing elsewhere. O(entries of the segment).
  std::optional<Hash> head_at(std::uint64_t size) const;
  /// The first end of a segment beyond `size`; nothing when it is not reached or not known any
  /// more.
  std::optional<std::uint64_t> end_after(std::uint64_t size) const;
  /// Entries of the segment that contains entry `from`, up to `to` entries of the stream; nothing
  /// when it is not kept, or `to` is not in (from, its end].
  std::optional<LinkList> links(std::uint64_t from, std::uint64_t to) const;
  /// The first `size` entries are certified: segments that end there or before are let go.
  void certified(std::uint64_t size);

  static constexpr std::size_t ends_kept = 64;
  /// Entries of segments that are over: eight full ones, 272 KiB a stream. A certificate takes a
  /// few round trips from the end of a segment; a voter that is further behind than this refolds.
  static constexpr std::size_t closed_entries_max = 8 * limits::segment_entries_max;

  /// What a snapshot keeps. The hash of the open segment is made anew. Entries of segments that are
  /// over are left out: how many there are depends on certificates, not on the stream alone.
  void archive(auto& a) {
    a(stream_, first_, previous_, entries_, ends_);
    if constexpr (std::remove_reference_t<decltype(a)>::reads) a.demand(rehash());
  }

 private:
  /// False when there are more entries or ends than a chain keeps.
  bool rehash();
  crypto::Hasher start(std::uint64_t first, const Hash& previous) const;
  void end_segment();
  void forget_oldest();
  /// The kept segment that contains entry `index`, the open one excluded.
  const LinkList* closed_with(std::uint64_t index) const;

  std::string stream_;
  std::string rule_set_;
  bool hashed_;
  std::uint64_t first_ = 0;
  Hash previous_;
  std::vector<Entry> entries_;
  crypto::Hasher hasher_;
  std::vector<Point> ends_;
  std::deque<LinkList> closed_;  ///< segments that are over, oldest first
  std::size_t closed_entries_ = 0;
};

}  // namespace vouch::validator
