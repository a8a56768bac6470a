// Ways to judge that are for diagnosis on one's own machine. Heads made in one of them fit nobody
// else's, so that they are never voted.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace vouch::validator {

struct Mode {
  /// Only the rules of order of stage 6 (RULES 3.10): events need not have the right structure,
  /// chunks and unknown events are passed over, nothing is applied to documents and messages.
  bool sequence_only = false;
  /// A rejected event is skipped and judging goes on (RULES 0.4), instead of freezing the run.
  bool continues = false;

  /// Verdicts alone: no digest and no head is computed, all of them are zeros.
  bool unhashed = false;
  /// Every event takes the general way through a tree. Slower, and nothing else: it names no other
  /// heads, and is there to be compared with.
  bool trees_only = false;

  bool operator==(const Mode&) const = default;

  bool local() const { return sequence_only || continues || unhashed; }
  /// Appended to the id of the rule set; "" for the ordinary way.
  std::string suffix() const {
    if (!local()) return {};
    return std::string("/local") + (sequence_only ? "-sequence" : "") +
           (continues ? "-continue" : "") + (unhashed ? "-unhashed" : "");
  }
};

}  // namespace vouch::validator
