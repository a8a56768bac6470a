// SPDX-License-Identifier: MIT
#include "bench/bare.hpp"

#include "vouch/transport/key_file.hpp"

namespace vouch::bench {

std::unique_ptr<Bare> open_bare(const Config& config) {
  const auto seed = transport::load_seed(config.key_file);
  if (!seed) return nullptr;
  auto bare = std::make_unique<Bare>(*seed);
  auto store = store::Store::open(config.data / "bare", {std::size_t{1} << 30});
  transport::LinkOptions options;
  options.direct_listen = config.listen;
  options.gossip_listen = config.gossip_listen;
  for (const RosterEntry& peer : config.roster) {
    if (peer.id != bare->signer.id())
      options.peers.push_back({peer.id, peer.endpoint, peer.gossip});
  }
  auto link = transport::ZmqLink::open(crypto::SigningKey(*seed), options);
  if (!store || !link) return nullptr;
  bare->store = std::move(*store);
  bare->link = std::move(*link);
  return bare;
}

}  // namespace vouch::bench
