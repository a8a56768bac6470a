// The head of a stream's prefix: one streaming BLAKE2b-256 per segment, finalised only when asked
// for. Equal heads mean equal events and equal verdicts. Keeps the (digest, code) list of the open
// segment, from which any head inside it can be recomputed, and the heads of the segments before.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "vouch/schemas/ids.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::validator {

/// One place of a stream: digest of the event's canonical form, verdict code.
struct Entry {
  Hash digest;
  std::uint16_t code = 0;
  auto operator<=>(const Entry&) const = default;
};
void archive(auto& a, Entry& entry) {
  a(entry.digest, entry.code);
}

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
  /// Head over the first `size` entries: any point of the open segment, or the end of one of the
  /// last `ends_kept` segments; nothing elsewhere. O(entries of the segment).
  std::optional<Hash> head_at(std::uint64_t size) const;

  static constexpr std::size_t ends_kept = 64;

  /// What a snapshot keeps. The hash of the open segment is made anew.
  void archive(auto& a) {
    a(stream_, first_, previous_, entries_, ends_);
    if constexpr (std::remove_reference_t<decltype(a)>::reads) a.demand(rehash());
  }

 private:
  struct End {
    std::uint64_t size = 0;
    Hash head;
  };
  friend void archive(auto& a, End& end) { a(end.size, end.head); }
  /// False when there are more entries or ends than a chain keeps.
  bool rehash();
  crypto::Hasher start(std::uint64_t first, const Hash& previous) const;

  std::string stream_;
  std::string rule_set_;
  bool hashed_;
  std::uint64_t first_ = 0;
  Hash previous_;
  std::vector<Entry> entries_;
  crypto::Hasher hasher_;
  std::vector<End> ends_;
};

}  // namespace vouch::validator
