// SPDX-License-Identifier: MIT
#include "tests/sim/signer.hpp"

#include <cstring>

#include "tests/sim/hash.hpp"

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

}  // namespace

std::unique_ptr<Signer> make_signer(std::uint64_t seed, std::size_t number, bool real) {
  transport::SplitMix64 random(seed * 1024 + number);
  crypto::Seed secret;
  for (std::uint8_t& byte : secret.bytes) byte = static_cast<std::uint8_t>(random.next());
  if (real) return std::make_unique<Ed25519Signer>(secret);
  return std::make_unique<StandInSigner>(PeerId{secret.bytes});
}

}  // namespace vouch::sim
