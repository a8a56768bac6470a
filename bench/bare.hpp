// A peer without protocol: the same key, sockets and store, for floors.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "vouch/base/signer.hpp"
#include "vouch/config.hpp"
#include "vouch/store/store.hpp"
#include "vouch/transport/zmq_link.hpp"

namespace vouch::bench {

struct Bare {
  Ed25519Signer signer;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<transport::ZmqLink> link;

  explicit Bare(const crypto::Seed& seed) : signer(seed) {}
};

/// Nothing when a part cannot be opened. `config` is resolved.
std::unique_ptr<Bare> open_bare(const Config& config);

}  // namespace vouch::bench
