// The events of one disputed stream: branches that share a beginning and differ from some index on,
// as an equivocating ingesting peer, a fabricating voter, or differing implementations make them.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "vouch/consensus/chains.hpp"
#include "vouch/transport/memory_random.hpp"

namespace vouch::sim {

inline constexpr const char* disputed_stream = "s";
inline constexpr const char* disputed_rules = "agui-1.1";

class BranchHeads;

struct Branch {
  std::vector<validator::Entry> entries;  ///< the last one is the close mark
  std::vector<std::uint64_t> ends;        ///< sizes at which segments end, ascending
  bool fabricated = false;                ///< nobody serves its events beyond the shared part

  validator::LinkList links(std::uint64_t from, std::uint64_t size, const BranchHeads& heads) const;
  /// The first segment end beyond `size`.
  std::uint64_t end_after(std::uint64_t size) const;
  /// Some ends of segments have a state, which follows from the head.
  std::optional<Hash> state_at(std::uint64_t size, const BranchHeads& heads) const;
};

/// Heads of all prefixes, made once.
class BranchHeads {
 public:
  explicit BranchHeads(const Branch& branch);
  const Hash& at(std::uint64_t size) const { return heads_[size]; }

 private:
  std::vector<Hash> heads_;
};

/// The branch through the first `size` entries with this head whose events somebody serves, the
/// preferred one of several; nothing where nobody does.
std::optional<std::size_t> served_branch(const std::vector<Branch>& branches,
                                         const std::vector<BranchHeads>& heads,
                                         const validator::Point& point, std::size_t preferred);

/// `count` branches of 4 to `length_max` entries. With `skew` the events are the same and the
/// verdict codes differ.
std::vector<Branch> draw_branches(transport::SplitMix64& random, std::size_t count,
                                  std::size_t length_max, bool skew);

}  // namespace vouch::sim
