// Asks each question once: signatures that were found good, or were made here, are remembered by a
// hash over all that they say, which nobody can steer. It has its memory from the start, and never
// more: of those that meet in a bucket the oldest is forgotten. For one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "vouch/base/id_table.hpp"
#include "vouch/base/signer.hpp"

namespace vouch {

class RememberingSigner final : public Signer {
 public:
  /// `signer` must outlive it.
  explicit RememberingSigner(const Signer& signer)
      : signer_(signer), bucket_hash_(signer, "signatures") {}

  const PeerId& id() const override { return signer_.id(); }
  std::uint64_t made() const { return made_; }
  /// Signatures that were looked at; those that were remembered do not count.
  std::uint64_t checked() const { return checked_; }
  Signature sign(ByteView message) const override {
    ++made_;
    const Signature signature = signer_.sign(message);
    remember(key_of(id(), message, signature));
    return signature;
  }
  bool verify(const PeerId& signer, ByteView message, const Signature& signature) const override {
    const Hash key = key_of(signer, message, signature);
    const Bucket& bucket = bucket_of(key);
    if (std::ranges::find(bucket, key) != bucket.end()) return true;
    ++checked_;
    if (!signer_.verify(signer, message, signature)) return false;
    remember(key);
    return true;
  }

 private:
  using Bucket = std::array<Hash, 16>;  ///< the newest first
  /// Of the last 8,192 signatures nearly all are known: half a MiB.
  static constexpr std::size_t buckets = 1024;

  static Hash key_of(const PeerId& signer, ByteView message, const Signature& signature) {
    crypto::Hasher all;
    all.update(signer.view());
    all.update(signature.view());
    all.update(message);  // what has no fixed size comes last
    return all.finish();
  }
  Bucket& bucket_of(const Hash& key) const { return known_[bucket_hash_(key) % buckets]; }
  void remember(const Hash& key) const {
    Bucket& bucket = bucket_of(key);
    std::ranges::copy_backward(bucket.begin(), bucket.end() - 1, bucket.end());
    bucket.front() = key;
  }

  const Signer& signer_;
  mutable std::uint64_t made_ = 0, checked_ = 0;
  TableHash bucket_hash_;
  mutable std::vector<Bucket> known_ = std::vector<Bucket>(buckets);
};

}  // namespace vouch
