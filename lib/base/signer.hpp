// Who signs, and how a signature is checked. Real peers use Ed25519; a simulator may use a cheap
// stand-in behind the same two questions.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/ids.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch {

/// Pure and thread-safe: equal input, equal answer.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual const PeerId& id() const = 0;
  virtual Signature sign(ByteView message) const = 0;
  virtual bool verify(const PeerId& signer, ByteView message, const Signature& signature) const = 0;
};

/// Ed25519 through libsodium.
class Ed25519Signer final : public Signer {
 public:
  explicit Ed25519Signer(const crypto::Seed& seed) : key_(seed) {}
  const PeerId& id() const override { return key_.id(); }
  Signature sign(ByteView message) const override { return key_.sign(message); }
  bool verify(const PeerId& signer, ByteView message, const Signature& signature) const override {
    return crypto::verify(signer, message, signature);
  }

 private:
  crypto::SigningKey key_;
};

}  // namespace vouch
