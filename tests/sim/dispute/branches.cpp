// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/branches.hpp"

#include <algorithm>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::sim {
namespace {

Hash event_digest(std::uint64_t number) {
  ByteWriter out;
  out.u64(number);
  return crypto::blake2b(out.bytes());
}

Branch draw(transport::SplitMix64& random, std::size_t length) {
  Branch branch;
  for (std::uint64_t size = 1; size <= length; ++size) {
    branch.entries.push_back({event_digest(random.next()), 0});
    if (random.below(4) == 0 || size == length) branch.ends.push_back(size);
  }
  return branch;
}

}  // namespace

std::uint64_t Branch::end_after(std::uint64_t size) const {
  return *std::upper_bound(ends.begin(), ends.end(), size);
}

std::optional<Hash> Branch::state_at(std::uint64_t size, const BranchHeads& heads) const {
  if (size == entries.size() || !std::ranges::binary_search(ends, size)) return std::nullopt;
  const Hash& head = heads.at(size);
  if (head.bytes[0] % 2 == 0) return std::nullopt;
  return crypto::blake2b(head.view());
}

validator::LinkList Branch::links(std::uint64_t from, std::uint64_t size,
                                  const BranchHeads& heads) const {
  validator::LinkList out;
  const auto begin = std::upper_bound(ends.begin(), ends.end(), from);
  out.first = begin == ends.begin() ? 0 : *std::prev(begin);
  if (out.first > 0) out.previous = heads.at(out.first);
  out.entries.assign(entries.begin() + static_cast<std::ptrdiff_t>(out.first),
                     entries.begin() + static_cast<std::ptrdiff_t>(size));
  return out;
}

BranchHeads::BranchHeads(const Branch& branch) : heads_{Hash{}} {
  validator::LinkList segment;
  auto end = branch.ends.begin();
  for (std::uint64_t size = 1; size <= branch.entries.size(); ++size) {
    segment.entries.push_back(branch.entries[size - 1]);
    heads_.push_back(*head_of(disputed_stream, disputed_rules, segment, size));
    if (size == *end) segment = {*end++, heads_.back(), {}};
  }
}

std::optional<std::size_t> served_branch(const std::vector<Branch>& branches,
                                         const std::vector<BranchHeads>& heads,
                                         const validator::Point& point, std::size_t preferred) {
  std::optional<std::size_t> found;
  for (std::size_t b = 0; b < branches.size(); ++b) {
    const bool through =
        branches[b].entries.size() >= point.size && heads[b].at(point.size) == point.head;
    if (!through || branches[b].fabricated) continue;
    if (!found || b == preferred) found = b;
  }
  return found;
}

std::vector<Branch> draw_branches(transport::SplitMix64& random, std::size_t count,
                                  std::size_t length_max, bool skew) {
  std::vector<Branch> out{draw(random, 4 + random.below(length_max - 3))};
  while (out.size() < count) {
    const Branch& parent = out[random.below(out.size())];
    const std::uint64_t shared = random.below(parent.entries.size());
    if (skew) {
      Branch twin = parent;
      twin.entries[shared].code = static_cast<std::uint16_t>(2000 + out.size());
      out.push_back(std::move(twin));
      continue;
    }
    const Branch rest = draw(random, 1 + random.below(length_max - 3));
    Branch child;
    child.entries.assign(parent.entries.begin(),
                         parent.entries.begin() + static_cast<std::ptrdiff_t>(shared));
    child.entries.insert(child.entries.end(), rest.entries.begin(), rest.entries.end());
    for (const std::uint64_t end : parent.ends) {
      if (end <= shared) child.ends.push_back(end);
    }
    for (const std::uint64_t end : rest.ends) child.ends.push_back(shared + end);
    out.push_back(std::move(child));
  }
  return out;
}

}  // namespace vouch::sim
