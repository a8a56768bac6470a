// What a voter knows of all subjects when its roster ends: what the voters of the next roster must
// know before they vote (docs/decisions/0035). It is cut into pages, and an index of them is signed
// (docs/decisions/0053).
//   page   until it ends, by subject, rising: subject 32, height, count of prepares, each signed
//   index  count, then by writer: key 32, incarnation, last;
//          count, then each: hash of a page 32
// Integers are LEB128.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/consensus/chains.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch::consensus {

inline constexpr std::size_t handover_page_bytes_max = 128U << 10;
inline constexpr std::size_t handover_pages_max = 8192;  ///< of one handover
inline constexpr std::size_t handover_index_bytes_max = 512U << 10;

struct SubjectState {
  SubjectId subject;
  std::uint32_t height = 0;               ///< certificates held
  std::vector<SignedStatement> prepares;  ///< of the lock in the instance after them, if any
  bool operator==(const SubjectState&) const = default;
};

/// Rising; none without certificate and lock.
using SubjectStates = std::vector<SubjectState>;

struct HandoverIndex {
  std::vector<LogEnd> logs;  ///< rising
  std::vector<Hash> pages;   ///< in the order of their subjects
  bool operator==(const HandoverIndex&) const = default;
};

Bytes encode_index(const HandoverIndex& index);
/// Errc::malformed for anything no encoder makes.
Result<HandoverIndex> decode_index(ByteView bytes);

Bytes encode_page(const SubjectStates& page);
/// Errc::malformed for anything no encoder makes; what it gives is not empty.
Result<SubjectStates> decode_page(ByteView bytes);

struct CutPage {
  Hash hash;
  Bytes bytes;
  SubjectId first, last;
};

/// Cuts where ids say so: who knows the same of a range of subjects makes the same pages of it.
class PageCutter {
 public:
  /// Subjects rise.
  void add(const SubjectState& state);
  std::vector<CutPage> take();

 private:
  void cut();

  std::vector<CutPage> pages_;
  ByteWriter page_;
  SubjectId first_, last_;
};

}  // namespace vouch::consensus
