// The definition of heads, written down a second time: for tests of the chain, of the published
// vectors and of the fuzzer. Simple where the chain is fast: every head is hashed from its segment.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"
#include "vouch/validator/chain.hpp"

namespace vouch::validator {

/// Head of one segment, or of a prefix of it: `first` is the index of its first entry.
inline Hash head_by_definition(const std::string& stream, const std::string& rules,
                               std::uint64_t first, const Hash& previous,
                               const std::vector<Entry>& entries) {
  ByteWriter text;
  text.raw(as_bytes(std::string_view("vouch/head/1\0", 13)));
  text.u32(static_cast<std::uint32_t>(stream.size()));
  text.raw(as_bytes(stream));
  text.u32(static_cast<std::uint32_t>(rules.size()));
  text.raw(as_bytes(rules));
  text.u64(first);
  text.raw(previous.view());
  for (const Entry& entry : entries) {
    text.raw(entry.digest.view());
    text.u16(entry.code);
  }
  return crypto::blake2b(text.bytes());
}

/// Collects the entries of a stream.
class HeadsByDefinition {
 public:
  HeadsByDefinition(std::string stream, std::string rules)
      : stream_(std::move(stream)), rules_(std::move(rules)) {}

  /// `ends`: an accepted RUN_FINISHED or RUN_ERROR, a rejected event, the close mark.
  void append(const Entry& entry, bool ends) {
    segment_.push_back(entry);
    if (!ends && segment_.size() < 1024) return;
    previous_ = head();
    first_ += segment_.size();
    segment_.clear();
  }
  /// From the open segment on; "" is the name of a stream that has none yet.
  void rename(const std::string& stream) { stream_ = stream; }
  std::uint64_t first() const { return first_; }
  Hash head() const {
    if (segment_.empty()) return previous_;
    return head_by_definition(stream_, rules_, first_, previous_, segment_);
  }

 private:
  std::string stream_, rules_;
  std::uint64_t first_ = 0;
  Hash previous_;
  std::vector<Entry> segment_;
};

}  // namespace vouch::validator
