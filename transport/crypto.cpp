// libsodium behind our own types. Every secret held here is wiped with its owner.
// SPDX-License-Identifier: MIT
#include "vouch/transport/crypto.hpp"

#include <cstring>

#include <sodium.h>

#include "vouch/crdt/check.hpp"

namespace vouch::crypto {
namespace {

static_assert(sizeof(crypto_generichash_state) <= 384 && alignof(crypto_generichash_state) <= 64);

template <class Storage>
auto* hash_state(Storage& storage) {
  return reinterpret_cast<crypto_generichash_state*>(storage.data());
}

}  // namespace

void init() {
  static const bool ready = sodium_init() >= 0;
  VOUCH_CHECK(ready);
}

Seed::~Seed() {
  wipe(bytes);
}

void wipe(std::span<std::uint8_t> secret) {
  sodium_memzero(secret.data(), secret.size());
}

Seed random_seed() {
  Seed seed;
  random_bytes(seed.bytes);
  return seed;
}

void random_bytes(std::span<std::uint8_t> out) {
  init();
  randombytes_buf(out.data(), out.size());
}

Hasher::Hasher() {
  init();
  crypto_generichash_init(hash_state(state_), nullptr, 0, Hash::size);
}

void Hasher::update(ByteView bytes) {
  crypto_generichash_update(hash_state(state_), bytes.data(), bytes.size());
}

Hash Hasher::finish() const {
  return Hasher(*this).end();
}

Hash Hasher::end() {
  Hash out;
  crypto_generichash_final(hash_state(state_), out.bytes.data(), out.bytes.size());
  return out;
}

Hash blake2b(ByteView bytes) {
  init();
  Hash out;
  crypto_generichash(out.bytes.data(), out.bytes.size(), bytes.data(), bytes.size(), nullptr, 0);
  return out;
}

std::uint64_t table_hash(const TableKey& key, ByteView bytes) {
  static_assert(crypto_shorthash_KEYBYTES == std::tuple_size_v<TableKey>);
  static_assert(crypto_shorthash_BYTES == sizeof(std::uint64_t));
  std::uint64_t out = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&out), bytes.data(), bytes.size(), key.data());
  return out;
}

SigningKey::SigningKey(const Seed& seed) {
  init();
  crypto_sign_seed_keypair(id_.bytes.data(), secret_.data(), seed.bytes.data());
}

SigningKey::~SigningKey() {
  wipe(secret_);
}

Signature SigningKey::sign(ByteView message) const {
  Signature out;
  crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(), secret_.data());
  return out;
}

CurveKey SigningKey::curve_secret() const {
  CurveKey out;
  VOUCH_CHECK(crypto_sign_ed25519_sk_to_curve25519(out.data(), secret_.data()) == 0);
  return out;
}

CurveKey SigningKey::curve_public() const {
  const auto key = curve_public_of(id_);
  VOUCH_CHECK(key.has_value());
  return *key;
}

bool verify(const PeerId& signer, ByteView message, const Signature& signature) {
  init();
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     signer.bytes.data()) == 0;
}

std::optional<CurveKey> curve_public_of(const PeerId& peer) {
  init();
  CurveKey out;
  if (crypto_sign_ed25519_pk_to_curve25519(out.data(), peer.bytes.data()) != 0) return std::nullopt;
  return out;
}

}  // namespace vouch::crypto
