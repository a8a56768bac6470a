// SPDX-License-Identifier: MIT
#include "vouch/validator/chain.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "vouch/schemas/limits.hpp"
#include "vouch/validator/links.hpp"

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

void feed(crypto::Hasher& hasher, const Entry& entry) {
  std::array<std::uint8_t, Hash::size + 2> bytes;
  std::copy(entry.digest.bytes.begin(), entry.digest.bytes.end(), bytes.begin());
  bytes[Hash::size] = static_cast<std::uint8_t>(entry.code);
  bytes[Hash::size + 1] = static_cast<std::uint8_t>(entry.code >> 8);
  hasher.update(bytes);
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

void Chain::append(const Entry& entry, bool ends_segment) {
  entries_.push_back(entry);
  if (hashed_) feed(hasher_, entry);
  if (!ends_segment && entries_.size() < limits::segment_entries_max) return;
  if (hashed_) previous_ = hasher_.finish();
  first_ += entries_.size();
  entries_.clear();
  ends_.push_back({first_, previous_});
  if (ends_.size() > ends_kept) ends_.erase(ends_.begin());
  hasher_ = start(first_, previous_);
}

void Chain::rename(std::string stream) {
  stream_ = std::move(stream);
  rehash();
}

bool Chain::rehash() {
  if (entries_.size() >= limits::segment_entries_max || ends_.size() > ends_kept) return false;
  hasher_ = start(first_, previous_);
  for (const Entry& entry : entries_) feed(hasher_, entry);
  return true;
}

Hash Chain::head() const {
  return entries_.empty() || !hashed_ ? previous_ : hasher_.finish();
}

std::optional<Hash> Chain::head_at(std::uint64_t size) const {
  if (size == this->size()) return head();
  for (const End& end : ends_) {
    if (end.size == size) return end.head;
  }
  if (size <= first_ || size > this->size()) return std::nullopt;
  if (!hashed_) return previous_;
  crypto::Hasher hasher = start(first_, previous_);
  for (std::uint64_t i = 0; i < size - first_; ++i) feed(hasher, entries_[i]);
  return hasher.finish();
}

std::optional<Hash> head_of(std::string_view stream, std::string_view rule_set,
                            const LinkList& links, std::uint64_t size) {
  if (size < links.first || size > links.size()) return std::nullopt;
  if (size == links.first) return links.previous;
  crypto::Hasher hasher = start_segment(stream, rule_set, links.first, links.previous);
  for (std::uint64_t i = 0; i < size - links.first; ++i) feed(hasher, links.entries[i]);
  return hasher.finish();
}

}  // namespace vouch::validator
