// Opening a ZmqLink: the allow-list first, because without it nobody may get in, then listening,
// then connecting.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <sys/eventfd.h>
#include <unistd.h>

#include "vouch/schemas/limits.hpp"
#include "vouch/transport/zmq_link_impl.hpp"
#include "vouch/transport/zmq_local.hpp"
#include "vouch/transport/zmq_options.hpp"

namespace vouch::transport {
namespace {

// ZeroMQ bounds a queue by frames, not by bytes. Fewer than the minimum would lose bursts of
// heartbeats; more than the maximum helps nobody, since what is lost is repaired.
constexpr std::size_t queue_frames_min = 16;
constexpr std::size_t queue_frames_max = 256;

int queue_frames_for(const LinkOptions& options) {
  const std::size_t others =
      std::max<std::size_t>(1, options.peers.size() + options.observers.size());
  const std::size_t share = options.queue_bytes_max / limits::frame_bytes_max / others;
  return static_cast<int>(std::clamp(share, queue_frames_min, queue_frames_max));
}

/// No back-off: peers that were parted have to be together soon, whatever the time. With many peers
/// it is longer, so that all of them together cost a few hundred attempts a second at most.
int reconnect_ms_for(const LinkOptions& options) {
  constexpr std::size_t least = 50, per_peer = 2, most = 1000;
  return static_cast<int>(std::clamp(options.peers.size() * per_peer, least, most));
}

tl::unexpected<Error> no_key(const PeerId& id) {
  return fail(Errc::invalid_config, id.hex() + " is no public key of a peer");
}

}  // namespace

ZmqLink::Impl::Impl(const crypto::SigningKey& key, const LinkOptions& options)
    : self(key.id()),
      own_public(key.curve_public()),
      own_secret(key.curve_secret()),
      wake_fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      queue_frames(queue_frames_for(options)),
      reconnect_ms(reconnect_ms_for(options)) {}

ZmqLink::Impl::~Impl() {
  crypto::wipe(own_secret);
  if (wake_fd >= 0) ::close(wake_fd);
}

zmq::socket_t ZmqLink::Impl::make(zmq::socket_type type, const std::string& address) {
  zmq::socket_t socket(context, type);
  set_limits(socket, {queue_frames, reconnect_ms});
  socket.set(zmq::sockopt::ipv6, address.find('[') != std::string::npos);
  return socket;
}

Result<void> ZmqLink::Impl::allow(const PeerId& id) {
  if (zap && !zap->allow(id)) return no_key(id);
  return {};
}

Result<void> ZmqLink::Impl::allow_all(const LinkOptions& options) {
  if (!options.zap) return {};
  zap.emplace(context);
  for (const PeerAddress& peer : options.peers) {
    if (auto allowed = allow(peer.id); !allowed) return allowed;
  }
  for (const PeerId& observer : options.observers) {
    if (auto allowed = allow(observer); !allowed) return allowed;
  }
  return {};
}

void ZmqLink::Impl::bind(const LinkOptions& options) {
  router = make(zmq::socket_type::router, options.direct_listen);
  // Without it a reply to somebody who is gone would be reported as sent. Handover stays off: ids
  // are ZeroMQ's own, and a second claimant of one gets nothing.
  router.set(zmq::sockopt::router_mandatory, true);
  set_curve_server(router, own_secret);
  router.bind(options.direct_listen);
  direct_endpoint = router.get(zmq::sockopt::last_endpoint);
  pub = make(zmq::socket_type::pub, options.gossip_listen);
  set_curve_server(pub, own_secret);
  pub.bind(options.gossip_listen);
  gossip_endpoint = pub.get(zmq::sockopt::last_endpoint);
  if (options.local_listen.empty()) return;
  local = make(zmq::socket_type::router, options.local_listen);
  local.set(zmq::sockopt::router_mandatory, true);
  local.bind(options.local_listen);
  local_endpoint = local.get(zmq::sockopt::last_endpoint);
}

Result<void> ZmqLink::Impl::connect(const PeerAddress& peer) {
  const auto server = crypto::curve_public_of(peer.id);
  if (!server) return no_key(peer.id);
  if (peer.id == self) return fail(Errc::invalid_config, "a peer cannot be its own neighbour");
  if (dealers.contains(peer.id)) {
    return fail(Errc::invalid_config, "the peer " + peer.id.hex() + " is listed twice");
  }
  if (auto allowed = allow(peer.id); !allowed) return allowed;
  zmq::socket_t dealer;
  try {
    dealer = make(zmq::socket_type::dealer, peer.direct);
    // Nothing is queued for a peer that is not there: it is asked again when it is.
    dealer.set(zmq::sockopt::immediate, true);
    set_curve_client(dealer, own_public, own_secret, *server);
    watch.add(context, peer.id, dealer);
    dealer.connect(peer.direct);
    set_curve_client(sub, own_public, own_secret, *server);
    sub.set(zmq::sockopt::ipv6, peer.gossip.find('[') != std::string::npos);
    sub.connect(peer.gossip);
    dealers.emplace(peer.id, Dealer{std::move(dealer), peer.direct});
  } catch (const zmq::error_t& error) {
    watch.forget(peer.id);
    return fail(Errc::io,
                "connecting to " + peer.direct + " and " + peer.gossip + ": " + error.what());
  }
  list_poll_items();
  return {};
}

Result<void> ZmqLink::Impl::open(const LinkOptions& options) {
  if (wake_fd < 0 || !watch.ready())
    return fail(Errc::io, "no event descriptor: too many open files");
  if (!options.local_listen.empty()) {
    if (auto folder = prepare_local_folder(options.local_listen); !folder) return folder;
  }
  std::string doing = "opening sockets";
  try {
    if (auto allowed = allow_all(options); !allowed) return allowed;
    doing = "listening on " + options.direct_listen + ", " + options.gossip_listen +
            (options.local_listen.empty() ? "" : ", " + options.local_listen);
    bind(options);
    doing = "opening the subscriber";
    sub = make(zmq::socket_type::sub, "");
    // One empty subscription: what is lost on a reconnect is one frame, and there are no topics to
    // flood.
    sub.set(zmq::sockopt::subscribe, "");
  } catch (const zmq::error_t& error) {
    return fail(Errc::io, doing + ": " + error.what());
  }
  for (const PeerAddress& peer : options.peers) {
    if (auto connected = connect(peer); !connected) return connected;
  }
  list_poll_items();
  return {};
}

void ZmqLink::Impl::list_poll_items() {
  items.clear();
  items.push_back({nullptr, wake_fd, ZMQ_POLLIN, 0});
  if (zap) items.push_back({zap->socket().handle(), 0, ZMQ_POLLIN, 0});
  items.push_back({sub.handle(), 0, ZMQ_POLLIN, 0});
  items.push_back({router.handle(), 0, ZMQ_POLLIN, 0});
  if (local.handle() != nullptr) items.push_back({local.handle(), 0, ZMQ_POLLIN, 0});
  items.push_back({nullptr, watch.fd(), ZMQ_POLLIN, 0});
  for (auto& [peer, dealer] : dealers) items.push_back({dealer.socket.handle(), 0, ZMQ_POLLIN, 0});
}

}  // namespace vouch::transport
