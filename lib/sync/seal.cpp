// SPDX-License-Identifier: MIT
#include "vouch/sync/seal.hpp"

#include <algorithm>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::sync {
namespace {

constexpr std::string_view batch_tag("vouch/batch/1\0", 14);
constexpr std::string_view heartbeat_tag("vouch/heartbeat/1\0", 18);
constexpr std::string_view push_tag("vouch/push/1\0", 13);
constexpr std::string_view cluster_tag("vouch/cluster/1\0", 16);

Bytes statement(std::string_view tag, ByteView header, const Hash& body) {
  ByteWriter out(tag.size() + 4 + header.size() + Hash::size);
  out.raw(as_bytes(tag));
  out.u32(static_cast<std::uint32_t>(header.size()));
  out.raw(header);
  out.raw(body.view());
  return out.take();
}

Bytes statement(std::string_view tag, ByteView header, ByteView body) {
  return statement(tag, header, crypto::blake2b(body));
}

}  // namespace

ClusterId cluster_id(std::string_view name) {
  ByteWriter text;
  text.raw(as_bytes(cluster_tag));
  text.raw(as_bytes(name));
  const Hash hash = crypto::blake2b(text.bytes());
  return *ClusterId::from(hash.view().first(ClusterId::size));
}

SealedBatch seal_batch(const BatchHeader& header, ByteView body, const Signer& signer) {
  const Bytes head = encode_header(header, body.size());
  const Bytes text = statement(batch_tag, head, body);
  return {join_frame(head, signer.sign(text), body), crypto::blake2b(text)};
}

Bytes batch_statement(ByteView header, const Hash& body) {
  return statement(batch_tag, header, body);
}

Bytes batch_statement(const FrameView& frame) {
  return statement(batch_tag, frame.header, frame.body);
}

Hash batch_hash(const FrameView& frame) {
  return crypto::blake2b(batch_statement(frame));
}

bool batch_is_signed(const FrameView& frame, const PeerId& by, const Signer& signer) {
  return signer.verify(by, batch_statement(frame), frame.signature);
}

Bytes seal_heartbeat(const Heartbeat& heartbeat, const Signer& signer) {
  const HeartbeatParts parts = encode_heartbeat(heartbeat);
  const Bytes text = statement(heartbeat_tag, parts.header, parts.body);
  return join_frame(parts.header, signer.sign(text), parts.body);
}

bool heartbeat_is_signed(const FrameView& frame, const PeerId& by, const Signer& signer) {
  return signer.verify(by, statement(heartbeat_tag, frame.header, frame.body), frame.signature);
}

Hash push_leaf(const ClusterId& cluster, std::string_view stream, std::uint64_t first,
               std::span<const Hash> digests, bool closes) {
  ByteWriter all;
  for (const Hash& digest : digests) all.raw(digest.view());
  ByteWriter header;
  header.raw(cluster.view());
  header.text(stream);
  header.u64(first);
  header.u64(digests.size());
  header.u8(closes ? 1 : 0);
  return crypto::blake2b(statement(push_tag, header.bytes(), all.bytes()));
}

}  // namespace vouch::sync
