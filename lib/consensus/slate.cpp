// SPDX-License-Identifier: MIT
#include "vouch/consensus/slate.hpp"

#include <algorithm>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::consensus {
namespace {

constexpr std::size_t entry_bytes_min = 2 + Hash::size;

}  // namespace

Slate::Slate(const ClusterId& cluster, std::vector<SlateEntry> entries)
    : entries_(std::move(entries)) {
  VOUCH_CHECK(entries_.size() >= 2 && entries_.size() <= bundle_statements_max);
  std::vector<Hash> leaves;
  leaves.reserve(entries_.size());
  places_.reserve(entries_.size());
  for (const SlateEntry& entry : entries_) {
    const Place& place =
        places_.emplace_back(Place{proposal_subject(cluster, entry.name), {1, entry.head}, {}});
    leaves.push_back(slate_leaf(cluster, place.subject, place.value));
  }
  BundleTree tree = hang(std::move(leaves));
  for (std::size_t i = 0; i < places_.size(); ++i) {
    static_cast<TreePath&>(places_[i].path) = std::move(tree.paths[i]);
    places_[i].path.size = static_cast<std::uint32_t>(entries_.size());
  }
  id_ = slate_subject(cluster, tree.root);
  value_ = slate_value(entries_.size(), tree.root);
}

bool Slate::is_distinct() const {
  std::vector<SubjectId> ids;
  ids.reserve(places_.size());
  for (const Place& place : places_) ids.push_back(place.subject);
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) == ids.end();
}

Certificate spread(const Certificate& whole, const Slate::Place& place) {
  Certificate out = whole;
  out.subject = place.subject;
  out.value = place.value;
  for (Certificate::Commit& commit : out.commits) commit.path.slate = place.path;
  return out;
}

void write_slate_entries(ByteWriter& out, const std::vector<SlateEntry>& entries) {
  out.leb(entries.size());
  for (const SlateEntry& entry : entries) {
    out.text(entry.name);
    out.raw(entry.head.view());
  }
}

std::vector<SlateEntry> read_slate_entries(ByteReader& in) {
  std::vector<SlateEntry> entries;
  const std::size_t count = in.count(entry_bytes_min);
  if (count < 2 || count > bundle_statements_max) in.spoil();
  if (in.ok()) entries.reserve(count);
  for (std::size_t i = 0; in.ok() && i < count; ++i) {
    SlateEntry& entry = entries.emplace_back();
    entry.name = in.text();
    if (entry.name.empty() || entry.name.size() > limits::stream_name_bytes_max) in.spoil();
    entry.head = in.fixed<Hash>();
  }
  return entries;
}

}  // namespace vouch::consensus
