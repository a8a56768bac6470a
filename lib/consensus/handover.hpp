// What a voter knows of all subjects when its roster ends: what the voters of the next roster must
// know before they vote (docs/decisions/0035).
//   list  count, then by writer: key 32, incarnation, last;
//         count, then by subject, rising: subject 32, height, count of prepares, each signed
// Integers are LEB128.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/consensus/chains.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch::consensus {

struct SubjectState {
  SubjectId subject;
  std::uint32_t height = 0;               ///< certificates held
  std::vector<SignedStatement> prepares;  ///< of the lock in the instance after them, if any
  bool operator==(const SubjectState&) const = default;
};

struct HandoverList {
  std::vector<LogEnd> logs;            ///< rising
  std::vector<SubjectState> subjects;  ///< rising; none without certificate and lock
  bool operator==(const HandoverList&) const = default;
};

Bytes encode_handover(const HandoverList& list);
/// Errc::malformed for anything no encoder makes.
Result<HandoverList> decode_handover(ByteView bytes);

}  // namespace vouch::consensus
