// What the primary of a view must choose: a function of a quorum of complete view-changes, so that
// every voter can compute it again. PROTOCOL R7. What a primary can or cannot recompute itself is
// never an input.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/consensus/messages.hpp"

namespace vouch::consensus {

/// The certified point that an instance builds on.
struct Base {
  Value value;
  std::uint32_t nulls = 0;  ///< how many certificates before this instance were null in a row
  bool operator==(const Base&) const = default;
};

enum class Reason : std::uint8_t {
  lock,   ///< a quorum may have committed it: nothing else is possible
  point,  ///< claimed by one honest voter at least, or by the tie step
  null,   ///< nothing is certified now
};

struct Choice {
  Value value;
  Reason reason = Reason::null;
  const LinkList* links = nullptr;  ///< of a point: entries up to it at least; into the basis
  std::vector<PeerId> holders;      ///< of a point: who claims it
};

struct ChoiceContext {
  std::string_view name;
  std::string_view rule_set;
  std::size_t voters = 0;
  SubjectKind kind = SubjectKind::stream;
};

/// Of two locks that are proven the higher one is kept: later epoch, then later view.
bool outranks(const Lock& one, const Lock& other);

/// The links of a claim fit the claim and pass through the base. True when nothing is claimed.
bool links_fit(const ChoiceContext& context, const Base& base, const ViewChange& change);

/// Precondition: every view-change of `basis` is complete.
Choice choose(const ChoiceContext& context, const Base& base, std::uint32_t view,
              const std::vector<ViewChange>& basis);

}  // namespace vouch::consensus
