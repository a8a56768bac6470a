// SPDX-License-Identifier: MIT
#include "vouch/validator/chain.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace vouch::validator {
namespace {

constexpr std::string_view head_tag("vouch/head/1\0", 13);

crypto::Hasher start_segment(std::string_view stream, std::string_view rule_set,
                             std::uint64_t first, const Hash& previous) {
  crypto::Hasher hasher;
  const auto integer = [&hasher](std::uint64_t value, std::size_t width) {
    std::array<std::uint8_t, 8> bytes;
    for (std::size_t i = 0; i < width; ++i) bytes[i] = static_cast<std::uint8_t>(value >> 8 * i);
    hasher.update(std::span(bytes).first(width));
  };
  hasher.update(as_bytes(head_tag));
  for (const std::string_view text : {stream, rule_set}) {
    integer(text.size(), 4);
    hasher.update(as_bytes(text));
  }
  integer(first, 8);
  hasher.update(previous.view());
  return hasher;
}

/// Digest, and code with its low byte first: as entries lie in memory, if that has bytes so.
void feed(crypto::Hasher& hasher, std::span<const Entry> entries) {
  if constexpr (std::endian::native == std::endian::little) {
    static_assert(sizeof(Entry) == Hash::size + 2);
    hasher.update({reinterpret_cast<const std::uint8_t*>(entries.data()), entries.size_bytes()});
    return;
  }
  for (const Entry& entry : entries) {
    hasher.update(entry.digest.view());
    hasher.update(std::array{static_cast<std::uint8_t>(entry.code),
                             static_cast<std::uint8_t>(entry.code >> 8)});
  }
}

}  // namespace

Chain::Chain(std::string stream, std::string rule_set, bool hashed)
    : stream_(std::move(stream)),
      rule_set_(std::move(rule_set)),
      hashed_(hashed),
      hasher_(start(0, Hash{})) {}

crypto::Hasher Chain::start(std::uint64_t first, const Hash& previous) const {
  return start_segment(stream_, rule_set_, first, previous);
}

std::span<const Entry> Chain::unfed() const {
  return std::span(entries_).subspan(fed_);
}

void Chain::feed_rest() {
  if (hashed_) feed(hasher_, unfed());
  fed_ = entries_.size();
}

void Chain::start_hasher() {
  hasher_ = start(first_, previous_);
  fed_ = 0;
}

void Chain::end_segment() {
  keep_segment();
  previous_ = head();
  first_ += entries_.size();
  entries_.clear();
  ends_.push_back({first_, previous_});
  forget_ends();
  start_hasher();
}

/// Those of a stream are often alike: the memory of one that is let go serves the next.
void Chain::keep_segment() {
  closed_entries_ += entries_.size();
  const std::size_t segments = certified_ ? closed_entries_max : ends_kept;
  std::vector<Entry> kept;
  while (!closed_.empty() && (closed_entries_ > closed_entries_max || closed_.size() >= segments)) {
    kept = forget_oldest();
  }
  if (kept.capacity() > 2 * entries_.size()) kept = {};
  kept.assign(entries_.begin(), entries_.end());
  closed_.push_back({first_, previous_, std::move(kept)});
}

std::vector<Entry> Chain::forget_oldest() {
  std::vector<Entry> entries = std::move(closed_.front().entries);
  closed_entries_ -= entries.size();
  closed_.pop_front();
  return entries;
}

std::size_t Chain::spare_ends() const {
  if (ends_.size() <= ends_kept) return 0;
  const std::size_t older = ends_.size() - ends_kept;
  if (!certified_) return older;
  const auto open = std::ranges::upper_bound(ends_, *certified_, {}, &Point::size);
  return std::min(older, static_cast<std::size_t>(open - ends_.begin()));
}

/// All at once: after a start a chain may have very many that are certified.
void Chain::forget_ends() {
  const std::size_t beyond = ends_.size() > ends_max ? ends_.size() - ends_max : 0;
  const std::size_t count = std::max(spare_ends(), beyond);
  if (count == 0) return;
  known_from_ = ends_[count - 1].size;
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Chain::certified(std::uint64_t size) {
  certified_ = std::max(size, certified_.value_or(0));
  forget_ends();
  while (!closed_.empty() && closed_.front().size() <= size) forget_oldest();
}

void Chain::rename(std::string stream) {
  stream_ = std::move(stream);
  while (!closed_.empty()) forget_oldest();  // what is over was hashed under no name
  rehash();
}

bool Chain::rehash() {
  if (entries_.size() >= limits::segment_entries_max) return false;
  start_hasher();
  feed_rest();
  return true;
}

bool Chain::restore_segment(LinkList segment) {
  const bool whole = !segment.entries.empty() && entries_.empty() && closed_.empty() &&
                     segment.entries.size() <= limits::segment_entries_max;
  if (!whole || head_of(stream_, rule_set_, segment, first_) != previous_) return false;
  closed_entries_ = segment.entries.size();
  closed_.push_back(std::move(segment));
  return true;
}

Hash Chain::head() const {
  if (entries_.empty() || !hashed_) return previous_;
  crypto::Hasher hasher = hasher_;
  feed(hasher, unfed());
  return hasher.end();
}

const LinkList* Chain::closed_with(std::uint64_t index) const {
  const auto it = std::ranges::upper_bound(closed_, index, {}, &LinkList::size);
  return it == closed_.end() || it->first > index ? nullptr : &*it;
}

std::optional<Hash> Chain::head_at(std::uint64_t size) const {
  if (size == this->size()) return head();
  const auto end = std::ranges::lower_bound(ends_, size, {}, &Point::size);
  if (end != ends_.end() && end->size == size) return end->head;
  if (size == 0 || size > this->size()) return std::nullopt;
  const auto inside = links(size - 1, size);
  if (!inside) return std::nullopt;
  return hashed_ ? head_of(stream_, rule_set_, *inside, size) : previous_;
}

std::optional<std::uint64_t> Chain::end_after(std::uint64_t size) const {
  const auto end = std::ranges::upper_bound(ends_, size, {}, &Point::size);
  if (end == ends_.end() || size < known_from_) return std::nullopt;
  return end->size;
}

std::optional<LinkList> Chain::links(std::uint64_t from, std::uint64_t to) const {
  if (from >= to) return std::nullopt;
  const auto part = [&](std::uint64_t first, const Hash& previous, const std::vector<Entry>& all) {
    if (to > first + all.size()) return std::optional<LinkList>();
    const auto count = static_cast<std::ptrdiff_t>(to - first);
    return std::optional(LinkList{first, previous, {all.begin(), all.begin() + count}});
  };
  if (from >= first_) return part(first_, previous_, entries_);
  const LinkList* closed = closed_with(from);
  if (closed == nullptr) return std::nullopt;
  return part(closed->first, closed->previous, closed->entries);
}

std::optional<Hash> head_of(std::string_view stream, std::string_view rule_set,
                            const LinkList& links, std::uint64_t size) {
  if (size < links.first || size > links.size()) return std::nullopt;
  if (size == links.first) return links.previous;
  crypto::Hasher hasher = start_segment(stream, rule_set, links.first, links.previous);
  feed(hasher, std::span(links.entries).first(size - links.first));
  return hasher.finish();
}

}  // namespace vouch::validator
