// The head of a stream's prefix: one streaming BLAKE2b-256 per segment, finalised only when asked
// for. Equal heads mean equal events and equal verdicts. Keeps the (digest, code) lists of the open
// segment and of those before it that are not certified, from which any head inside them can be
// recomputed, and the heads of more segments before.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
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
  void append(const Entry& entry, bool ends_segment) {
    entries_.push_back(entry);
    if (entries_.size() - fed_ >= fed_together) feed_rest();
    if (ends_segment || entries_.size() >= limits::segment_entries_max) end_segment();
  }
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
  /// the end of a segment that is known; nothing elsewhere. O(entries of the segment).
  std::optional<Hash> head_at(std::uint64_t size) const;
  /// The first end of a segment beyond `size`; nothing when it is not reached or not known any
  /// more.
  std::optional<std::uint64_t> end_after(std::uint64_t size) const;
  /// Entries of the segment that contains entry `from`, up to `to` entries of the stream; nothing
  /// when it is not kept, or `to` is not in (from, its end].
  std::optional<LinkList> links(std::uint64_t from, std::uint64_t to) const;
  /// The first `size` entries are certified: segments that end there or before are let go. From the
  /// first call on, 0 too, the ends of all segments that are not certified stay known.
  void certified(std::uint64_t size);
  /// The segment that ends at the end of the chain, if it is kept.
  const LinkList* last_segment() const {
    return closed_.empty() || !entries_.empty() ? nullptr : &closed_.back();
  }
  /// Takes it back, behind archive. False when it does not lead to the end.
  bool restore_segment(LinkList segment);
  /// As many ends as a chain keeps are not certified: another one would be in their place.
  bool full() const { return certified_ && ends_.size() >= ends_max && spare_ends() == 0; }

  static constexpr std::size_t ends_kept = 64;  ///< known in any case, the last ones
  /// Known at most: 2.6 MB a stream that nobody certifies.
  static constexpr std::size_t ends_max = 65'536;
  /// Entries of segments that are over: eight full ones, 272 KiB a stream, or as many entries of
  /// smaller ones that are not certified. A certificate takes a few round trips from the end of a
  /// segment; a voter that is further behind than this refolds.
  static constexpr std::size_t closed_entries_max = 8 * limits::segment_entries_max;

  /// What a snapshot keeps. The hash of the open segment is made anew. Entries of segments that are
  /// over and older ends are left out: how many there are depends on certificates, not on the
  /// stream alone.
  void archive(auto& a) {
    const std::size_t older = ends_.size() > ends_kept ? ends_.size() - ends_kept : 0;
    std::vector<Point> ends(ends_.begin() + static_cast<std::ptrdiff_t>(older), ends_.end());
    std::uint64_t known_from = older == 0 ? known_from_ : ends_[older - 1].size;
    a(stream_, first_, previous_, entries_, ends, known_from);
    if constexpr (std::remove_reference_t<decltype(a)>::reads) {
      a.demand(ends.size() <= ends_kept);
      ends_ = std::move(ends);
      known_from_ = known_from;
      a.demand(rehash());
    }
  }

 private:
  /// Entries that are hashed together: a call for each would cost a part of what they do.
  static constexpr std::size_t fed_together = 32;

  /// False when there are more entries than a segment has.
  bool rehash();
  crypto::Hasher start(std::uint64_t first, const Hash& previous) const;
  void start_hasher();
  /// Entries that the hasher does not have yet.
  std::span<const Entry> unfed() const;
  void feed_rest();
  void end_segment();
  void keep_segment();
  /// Gives its entries.
  std::vector<Entry> forget_oldest();
  /// How many of the oldest ends need not be known.
  std::size_t spare_ends() const;
  void forget_ends();
  /// The kept segment that contains entry `index`, the open one excluded.
  const LinkList* closed_with(std::uint64_t index) const;

  std::string stream_;
  std::string rule_set_;
  bool hashed_;
  std::uint64_t first_ = 0;
  Hash previous_;
  std::vector<Entry> entries_;
  crypto::Hasher hasher_;
  std::size_t fed_ = 0;  ///< so many of the entries it has
  std::vector<Point> ends_;
  std::uint64_t known_from_ = 0;  ///< all ends beyond it are in `ends_`
  std::optional<std::uint64_t> certified_;
  std::deque<LinkList> closed_;  ///< segments that are over, oldest first
  std::size_t closed_entries_ = 0;
};

}  // namespace vouch::validator
