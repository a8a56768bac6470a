// What is kept of a stream or a proposal that all voters have finished, for whoever asks once more:
// one row of Table::released, by its subject. Nothing of it is in memory.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/records.hpp"
#include "vouch/state/state.hpp"

namespace vouch::sync {

/// Of a proposal size is 1, and head the hash of the value.
struct ReleasedRow {
  std::string name;        ///< of a proposal that is known by its hash alone: empty
  std::uint64_t size = 0;  ///< entries, the close mark included
  Hash head;               ///< over all of them, as most voters attested it
  Summary summary;
  std::vector<PeerId> agreeing;  ///< voters that attested just this
  std::optional<Certificate> certificate;
  bool proposal = false;
  Bytes value;  ///< of a proposal; see tells_value
  bool operator==(const ReleasedRow&) const = default;
};

/// What most voters say of a stream that is over, but for the certificate: nothing but the name
/// when nobody says anything. O(n) in the voters.
ReleasedRow row_of(std::string name, const state::StreamCells& attestations);

/// A proposal, but for its value: name and size alone when there is no certificate.
ReleasedRow row_of(std::string name, std::optional<Certificate> certificate);

/// It is a proposal, and what was decided about it is known here: value and certificate.
bool tells_value(const ReleasedRow& row);

Bytes encode_released_row(const ReleasedRow& row);
/// Errc::malformed when it is none of ours.
Result<ReleasedRow> decode_released_row(ByteView bytes);

}  // namespace vouch::sync
