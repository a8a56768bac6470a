// Asks each question once: signatures that were found good, or were made here, are remembered by a
// hash over all that they say, which nobody can steer. Bounded: two generations, of which the older
// is forgotten. For one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <variant>

#include "vouch/base/id_table.hpp"
#include "vouch/base/signer.hpp"

namespace vouch {

class RememberingSigner final : public Signer {
 public:
  /// `signer` must outlive it.
  explicit RememberingSigner(const Signer& signer)
      : signer_(signer), young_(signer, "signatures"), old_(young_) {}

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
    if (young_.find(key) != nullptr || old_.find(key) != nullptr) return true;
    ++checked_;
    if (!signer_.verify(signer, message, signature)) return false;
    remember(key);
    return true;
  }

 private:
  static constexpr std::size_t generation = 8192;

  static Hash key_of(const PeerId& signer, ByteView message, const Signature& signature) {
    crypto::Hasher all;
    all.update(signer.view());
    all.update(signature.view());
    all.update(message);  // what has no fixed size comes last
    return all.finish();
  }
  void remember(const Hash& key) const {
    if (young_.size() >= generation) {
      std::swap(old_, young_);
      young_.clear();
    }
    young_[key] = {};
  }

  const Signer& signer_;
  mutable std::uint64_t made_ = 0, checked_ = 0;
  mutable IdTable<Hash, std::monostate> young_, old_;
};

}  // namespace vouch
