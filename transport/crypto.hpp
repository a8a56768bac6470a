// Hash, sign, verify. Pure: equal input, equal output; no socket, no clock. The one place that may
// ask the system for randomness is random_seed(), which only tools and drivers call.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch::crypto {

/// 32 secret bytes that a peer's Ed25519 and CURVE keys are both made from. Wiped on destruction.
struct Seed {
  std::array<std::uint8_t, 32> bytes{};
  ~Seed();
};

/// Overwrites a secret in a way that the compiler does not leave out.
void wipe(std::span<std::uint8_t> secret);

/// X25519 key as ZeroMQ takes it: 32 raw bytes.
using CurveKey = std::array<std::uint8_t, 32>;

/// Prepares libsodium; idempotent and thread-safe. Everything below calls it itself.
void init();

/// From the system's generator.
Seed random_seed();
void random_bytes(std::span<std::uint8_t> out);

/// Streaming BLAKE2b-256. Copyable: a copy can be finished without ending the stream.
class Hasher {
 public:
  Hasher();
  void update(ByteView bytes);
  /// The hash of everything so far. The hasher goes on.
  Hash finish() const;
  /// The same, without a copy: the hasher is of no use then.
  Hash end();

 private:
  alignas(64) std::array<std::byte, 384> state_;
};

Hash blake2b(ByteView bytes);

/// SipHash-2-4: where something stands in a hash table. Who does not know the key cannot steer it.
/// About 20 ns.
using TableKey = std::array<std::uint8_t, 16>;
std::uint64_t table_hash(const TableKey& key, ByteView bytes);

/// Ed25519 secret key of one peer. Wiped on destruction; not copyable.
class SigningKey {
 public:
  explicit SigningKey(const Seed& seed);
  ~SigningKey();
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  const PeerId& id() const { return id_; }
  Signature sign(ByteView message) const;
  CurveKey curve_secret() const;
  CurveKey curve_public() const;

 private:
  PeerId id_;
  std::array<std::uint8_t, 64> secret_{};
};

/// False for a wrong signature and for keys that are no points of the curve. About 50 µs.
bool verify(const PeerId& signer, ByteView message, const Signature& signature);

/// The CURVE public key that belongs to a peer; nothing when the id is no valid Ed25519 key.
std::optional<CurveKey> curve_public_of(const PeerId& peer);

}  // namespace vouch::crypto
