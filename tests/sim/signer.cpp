// SPDX-License-Identifier: MIT
#include "tests/sim/signer.hpp"

#include <cstring>

#include "tests/sim/hash.hpp"

#include "vouch/base/remembering_signer.hpp"
#include "vouch/transport/memory_random.hpp"

namespace vouch::sim {
namespace {

Signature stand_in(const PeerId& id, ByteView message) {
  Signature out;
  const std::uint64_t hash = quick_hash(message, quick_hash(id.view(), 0));
  for (std::size_t i = 0; i < Signature::size; i += sizeof hash) {
    std::memcpy(out.bytes.data() + i, &hash, sizeof hash);
  }
  return out;
}

class StandInSigner final : public Signer {
 public:
  explicit StandInSigner(const PeerId& id) : id_(id) {}
  const PeerId& id() const override { return id_; }
  Signature sign(ByteView message) const override { return stand_in(id_, message); }
  bool verify(const PeerId& signer, ByteView message, const Signature& signature) const override {
    return stand_in(signer, message) == signature;
  }

 private:
  PeerId id_;
};

/// What one of them found good the others need not look at.
struct Checks {
  explicit Checks(const crypto::Seed& seed) : anybody(seed) {}
  Ed25519Signer anybody;
  RememberingSigner found{anybody};
};

class SharingSigner final : public Signer {
 public:
  SharingSigner(const crypto::Seed& seed, std::shared_ptr<const Checks> checks)
      : own_(seed), checks_(std::move(checks)) {}
  const PeerId& id() const override { return own_.id(); }
  Signature sign(ByteView message) const override { return own_.sign(message); }
  bool verify(const PeerId& signer, ByteView message, const Signature& signature) const override {
    return checks_->found.verify(signer, message, signature);
  }

 private:
  Ed25519Signer own_;
  std::shared_ptr<const Checks> checks_;
};

crypto::Seed seed_of(std::uint64_t seed, std::size_t number) {
  transport::SplitMix64 random(seed * 1024 + number);
  crypto::Seed secret;
  for (std::uint8_t& byte : secret.bytes) byte = static_cast<std::uint8_t>(random.next());
  return secret;
}

}  // namespace

std::unique_ptr<Signer> make_signer(std::uint64_t seed, std::size_t number, bool real) {
  const crypto::Seed secret = seed_of(seed, number);
  if (real) return std::make_unique<Ed25519Signer>(secret);
  return std::make_unique<StandInSigner>(PeerId{secret.bytes});
}

std::vector<std::unique_ptr<Signer>> make_signers(std::uint64_t seed, std::size_t count,
                                                  bool real) {
  std::vector<std::unique_ptr<Signer>> out;
  const auto checks = real ? std::make_shared<const Checks>(seed_of(seed, count)) : nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(real ? std::make_unique<SharingSigner>(seed_of(seed, i), checks)
                       : make_signer(seed, i, false));
  }
  return out;
}

}  // namespace vouch::sim
