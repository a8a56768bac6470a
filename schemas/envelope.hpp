// The fixed layouts of signed gossip frames, read by hand before anything else is trusted.
//   batch      version, kind, cluster 16, peer 32, incarnation u32, first u64, count u32, previous
//   32,
//              epoch u32, body length u32 | signature 64 | body
//   heartbeat  version, kind, cluster 16, peer 32, incarnation u32, body length u32 | signature 64
//   | body
// A signature covers a tag, the header and the BLAKE2b of the body; see lib/sync/seal.hpp.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch {

inline constexpr std::uint8_t wire_version = 15;

/// A proof has a layout of its own, see schemas/proof.hpp.
enum class FrameKind : std::uint8_t { batch = 1, heartbeat = 2, proof = 3 };

inline constexpr std::size_t batch_header_bytes = 1 + 1 + 16 + 32 + 4 + 8 + 4 + 32 + 4 + 4;

/// First 16 bytes of the hash of the cluster's name.
using ClusterId = FixedBytes<struct ClusterTag, 16>;

struct BatchHeader {
  ClusterId cluster;
  Writer writer;
  std::uint64_t first = 0;  ///< number of the first record; a writer counts from 1
  std::uint32_t count = 0;  ///< records, at least 1
  Hash previous;            ///< hash of the writer's batch before; zeros for its first
  std::uint32_t epoch = 0;  ///< roster epoch
  bool operator==(const BatchHeader&) const = default;

  std::uint64_t last() const { return first + count - 1; }
};

/// How much of the newest log of a voter is read.
struct ReadMark {
  std::uint32_t incarnation = 0;  ///< 0: nothing of it is
  std::uint64_t last = 0;
  bool operator==(const ReadMark&) const = default;
};

/// What a peer tells about itself every second: its frontier and its state as digests, and soft
/// load figures.
struct Heartbeat {
  ClusterId cluster;
  Writer writer;
  std::uint64_t session = 0;
  std::uint64_t number = 0;  ///< rises within a session
  std::uint64_t last = 0;    ///< number of the writer's last record
  FrontierDigest frontier;
  StateDigest state;                ///< at that frontier
  std::uint64_t events = 0;         ///< validated since the start of the session
  std::uint64_t streams = 0;        ///< open now
  std::uint64_t backlog_bytes = 0;  ///< payload not yet acknowledged by validators
  std::uint64_t dropped = 0;        ///< frames refused or lost in queues since the start
  std::uint32_t epoch = 0;          ///< of the roster whose voters `read` is about
  std::vector<ReadMark> read;       ///< in the order of that roster
  bool operator==(const Heartbeat&) const = default;
};

/// A frame cut into its parts; views into the frame. Only lengths, version and kind have been
/// checked.
struct FrameView {
  FrameKind kind;
  ByteView header;
  Signature signature;
  ByteView body;
};

/// A batch or a heartbeat. Errc::malformed or Errc::too_large; never reads beyond the frame.
Result<FrameView> split_frame(ByteView frame);

Bytes encode_header(const BatchHeader& header, std::size_t body_bytes);
/// Precondition: the view came from split_frame with kind batch.
Result<BatchHeader> decode_batch_header(const FrameView& frame);

/// Header and body of a heartbeat, unsigned.
struct HeartbeatParts {
  Bytes header;
  Bytes body;
};
HeartbeatParts encode_heartbeat(const Heartbeat& heartbeat);
Result<Heartbeat> decode_heartbeat(const FrameView& frame);

Bytes join_frame(ByteView header, const Signature& signature, ByteView body);

}  // namespace vouch
