// What validating a stream gives the rest of the peer: events to pass on, points to attest.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vouch/schemas/records.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::ingest {

/// One event as it was submitted, shared by everything that passes it on.
struct Item {
  Hash digest;
  std::shared_ptr<const std::string> text;
};

/// A point of a stream that can be attested.
struct Checkpoint {
  std::uint64_t upto = 0;
  Hash head;
  Summary summary;
};

/// Something of a stream has been silent for too long: rule 9005 of the overlay `local`.
struct Stalled {
  std::string stream;
  validator::Finding finding;
};

/// What happened to one stream since the last collection.
struct Progress {
  std::string stream;
  std::uint64_t size = 0;   ///< entries judged so far, the close mark included
  std::uint64_t first = 0;  ///< index of the first item
  std::vector<Item> items;
  bool closed = false;
  bool local = false;           ///< items came from a submitter of this peer, not from another peer
  bool awaited = false;         ///< somebody waits for the other validators, too
  bool urgent = false;          ///< somebody waits, a run ended, or an event was rejected
  bool tainted = false;         ///< contradicts what its pusher signed: never attested
  std::vector<ThreadRun> runs;  ///< that began or ended, in this order
  std::optional<Checkpoint> checkpoint;       ///< the latest comparable point that was passed
  std::optional<validator::FoldState> state;  ///< the latest one that was hashed
};

}  // namespace vouch::ingest
