// Sealing and opening signed frames. What is signed is always: tag, length-prefixed header, hash of
// the body; so a signature for one purpose never fits another. The order of checks for a received
// frame is size and kind (split_frame), cluster, known writer, signature, chain, and only then the
// body's form.
// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "vouch/base/signer.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/records.hpp"

namespace vouch::sync {

ClusterId cluster_id(std::string_view name);

struct SealedBatch {
  Bytes frame;
  Hash hash;  ///< what the next batch names as its previous
};

/// Signs `body` (see encode_records) under `header`. About 20 µs.
SealedBatch seal_batch(const BatchHeader& header, ByteView body, const Signer& signer);
/// What the signature of a batch covers; its BLAKE2b is the hash of the batch.
Bytes batch_statement(ByteView header, const Hash& body);
Bytes batch_statement(const FrameView& frame);
/// Hash of a received batch, for its place in the chain.
Hash batch_hash(const FrameView& frame);
bool batch_is_signed(const FrameView& frame, const PeerId& by, const Signer& signer);

Bytes seal_heartbeat(const Heartbeat& heartbeat, const Signer& signer);
bool heartbeat_is_signed(const FrameView& frame, const PeerId& by, const Signer& signer);

/// What hangs in a bundle (lib/base/bundle.hpp) for a push: the hash of its stream, first index,
/// digests in order and close mark.
Hash push_leaf(const ClusterId& cluster, std::string_view stream, std::uint64_t first,
               std::span<const Hash> digests, bool closes);

}  // namespace vouch::sync
