// The end of the demo: a receipt of one stream, taken from a peer and checked without any.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tools/process_cluster.hpp"
#include "tools/recorded.hpp"

namespace vouch::tools {

struct ReceiptOutcome {
  std::string stream;
  std::uint32_t height = 0;
  std::uint64_t size = 0;  ///< entries, the close mark included
  std::size_t votes = 0;
  bool valid = false;             ///< for the events as recorded
  bool tampered_refused = false;  ///< the same events with one byte changed do not fold to its head
  bool holds() const { return valid && tampered_refused; }
};

/// The receipt comes from the first peer, the roster from the config of the last: who hands out
/// one must not hand out the other. Errc::unknown when the stream is not certified, or has no text
/// to tamper with.
Result<ReceiptOutcome> try_receipt(ProcessCluster& cluster, const RecordedStream& stream);

}  // namespace vouch::tools
