// The end of the demo: a receipt of one stream, taken from a peer and checked without any.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/process_cluster.hpp"

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

using EventTexts = std::vector<std::string>;

/// The events with another letter in the first text; nothing when there is none.
std::optional<EventTexts> tampered(EventTexts events);

/// The receipt of a stream comes from one peer, the roster from the config of another: who hands
/// out one must not hand out the other. `told` is what was certified, `forged` is not.
/// Errc::unknown when the stream is not certified.
Result<ReceiptOutcome> try_receipt(const ProcessPeer& from, const ProcessPeer& roster_of,
                                   const std::string& stream, const EventTexts& told,
                                   const EventTexts& forged);

}  // namespace vouch::tools
