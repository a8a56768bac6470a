// A signer that signs what no honest peer signs, and a replica that hears it.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/sync/replica.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sync {

inline crypto::Seed seed_of(std::uint8_t n) {
  crypto::Seed seed;
  seed.bytes.fill(n);
  return seed;
}

inline Records attests(std::string stream, std::uint64_t upto, std::uint8_t head) {
  Attestation a;
  a.stream = std::move(stream);
  a.upto = upto;
  a.head.bytes.fill(head);
  Records records;
  records.attestations = {a};
  return records;
}

inline Records opens(std::uint64_t session, std::uint64_t nonce) {
  Records records;
  records.sessions = {{session, nonce}};
  return records;
}

/// One log of a key, written batch by batch. A copy of it goes on as another branch.
struct Log {
  const Signer* signer;
  ClusterId cluster = cluster_id("tests");
  std::uint32_t incarnation = 1;
  FrontierEntry end = {};

  Bytes write(const Records& records) {
    BatchHeader header;
    header.cluster = cluster;
    header.writer = {signer->id(), incarnation};
    header.first = end.last + 1;
    header.count = static_cast<std::uint32_t>(records.size());
    header.previous = end.chain;
    const SealedBatch batch = seal_batch(header, encode_records(records), *signer);
    end = {header.last(), batch.hash};
    return batch.frame;
  }
};

inline bool real_check(const PeerId& by, ByteView text, const Signature& signature) {
  return crypto::verify(by, text, signature);
}

}  // namespace vouch::sync
