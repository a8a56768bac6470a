// SPDX-License-Identifier: MIT
#include "vouch/transport/zmq_link.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <zmq_addon.hpp>

#include "vouch/transport/zap.hpp"
#include "vouch/transport/zmq_local.hpp"
#include "vouch/transport/zmq_options.hpp"

namespace vouch::transport {
namespace {

constexpr std::size_t frames_per_poll = 512;  ///< of one socket; the others wait no longer
constexpr char remote_route = 'r';
constexpr char local_route = 'l';

int random_reconnect_ms() {
  std::uint8_t byte = 0;
  crypto::random_bytes({&byte, 1});
  return 100 + byte * 400 / 255;
}

zmq::message_t copy(ByteView bytes) { return {bytes.data(), bytes.size()}; }

Bytes take(const zmq::message_t& message) {
  const auto* from = static_cast<const std::uint8_t*>(message.data());
  return {from, from + message.size()};
}

}  // namespace

struct ZmqLink::Impl {
  explicit Impl(const crypto::SigningKey& key)
      : own_public(key.curve_public()),
        own_secret(key.curve_secret()),
        wake_fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Impl() { ::close(wake_fd); }

  crypto::CurveKey own_public, own_secret;
  int wake_fd;
  zmq::context_t context;
  std::optional<ZapHandler> zap;
  zmq::socket_t pub, sub, router, local;
  std::map<PeerId, zmq::socket_t> dealers;
  LinkStats stats;

  Result<void> open(const LinkOptions& options);
  Result<void> allow(const LinkOptions& options);
  void bind(const LinkOptions& options);
  void connect(const PeerAddress& peer);
  zmq::socket_t make(zmq::socket_type type);
  std::vector<zmq::pollitem_t> poll_items();
  void drain_gossip(std::vector<Incoming>& out);
  void drain_router(zmq::socket_t& socket, Via via, std::vector<Incoming>& out);
  void drain_dealer(const PeerId& peer, zmq::socket_t& socket, std::vector<Incoming>& out);
};

zmq::socket_t ZmqLink::Impl::make(zmq::socket_type type) {
  zmq::socket_t socket(context, type);
  set_limits(socket, random_reconnect_ms());
  return socket;
}

Result<void> ZmqLink::Impl::allow(const LinkOptions& options) {
  if (!options.zap) return {};
  zap.emplace(context);
  for (const PeerAddress& peer : options.peers) {
    if (!zap->allow(peer.id)) return fail(Errc::invalid_config, peer.id.hex() + " is no key of a peer");
  }
  for (const PeerId& observer : options.observers) {
    if (!zap->allow(observer)) return fail(Errc::invalid_config, observer.hex() + " is no key");
  }
  return {};
}

void ZmqLink::Impl::bind(const LinkOptions& options) {
  router = make(zmq::socket_type::router);
  router.set(zmq::sockopt::router_mandatory, true);
  set_curve_server(router, own_secret);
  router.bind(options.direct_listen);
  pub = make(zmq::socket_type::pub);
  set_curve_server(pub, own_secret);
  pub.bind(options.gossip_listen);
  if (options.local_listen.empty()) return;
  local = make(zmq::socket_type::router);
  local.set(zmq::sockopt::router_mandatory, true);
  local.bind(options.local_listen);
}

void ZmqLink::Impl::connect(const PeerAddress& peer) {
  const auto server = crypto::curve_public_of(peer.id);
  if (!server) return;
  set_curve_client(sub, own_public, own_secret, *server);
  sub.connect(peer.gossip);
  zmq::socket_t dealer = make(zmq::socket_type::dealer);
  // Nothing is queued for a peer that is not there: it is asked again when it is.
  dealer.set(zmq::sockopt::immediate, true);
  set_curve_client(dealer, own_public, own_secret, *server);
  dealer.connect(peer.direct);
  dealers.emplace(peer.id, std::move(dealer));
}

Result<void> ZmqLink::Impl::open(const LinkOptions& options) {
  if (wake_fd < 0) return fail(Errc::io, "no event descriptor: too many open files");
  if (!options.local_listen.empty()) {
    if (auto folder = prepare_local_folder(options.local_listen); !folder) return folder;
  }
  std::string doing = "opening sockets";
  try {
    if (auto allowed = allow(options); !allowed) return allowed;
    doing = "listening on " + options.direct_listen + ", " + options.gossip_listen +
            (options.local_listen.empty() ? "" : ", " + options.local_listen);
    bind(options);
    sub = make(zmq::socket_type::sub);
    sub.set(zmq::sockopt::subscribe, "");
    for (const PeerAddress& peer : options.peers) {
      doing = "connecting to " + peer.direct + " and " + peer.gossip;
      connect(peer);
    }
  } catch (const zmq::error_t& error) {
    return fail(Errc::io, doing + ": " + error.what());
  }
  return {};
}

Result<std::unique_ptr<ZmqLink>> ZmqLink::open(const crypto::SigningKey& key, LinkOptions options) {
  auto impl = std::make_unique<Impl>(key);
  if (auto opened = impl->open(options); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<ZmqLink>(new ZmqLink(std::move(impl)));
}

ZmqLink::ZmqLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZmqLink::~ZmqLink() = default;

bool ZmqLink::publish(ByteView frame) {
  LinkStats& stats = impl_->stats;
  try {
    if (!impl_->pub.send(copy(frame), zmq::send_flags::dontwait)) {
      ++stats.send_refused;
      return false;
    }
  } catch (const zmq::error_t&) {
    ++stats.send_refused;
    return false;
  }
  ++stats.gossip_frames_sent;
  stats.gossip_bytes_sent += frame.size();
  return true;
}

bool ZmqLink::send(const PeerId& to, ByteView frame) {
  LinkStats& stats = impl_->stats;
  const auto dealer = impl_->dealers.find(to);
  bool sent = false;
  try {
    sent = dealer != impl_->dealers.end() &&
           dealer->second.send(copy(frame), zmq::send_flags::dontwait).has_value();
  } catch (const zmq::error_t&) {
    sent = false;
  }
  if (!sent) {
    ++stats.send_refused;
    return false;
  }
  ++stats.direct_frames_sent;
  stats.direct_bytes_sent += frame.size();
  return true;
}

bool ZmqLink::reply(const std::string& route, ByteView frame) {
  LinkStats& stats = impl_->stats;
  bool sent = false;
  try {
    zmq::socket_t& socket = route.front() == local_route ? impl_->local : impl_->router;
    zmq::message_t id(route.data() + 1, route.size() - 1);
    sent = socket.send(id, zmq::send_flags::sndmore | zmq::send_flags::dontwait).has_value() &&
           socket.send(copy(frame), zmq::send_flags::dontwait).has_value();
  } catch (const zmq::error_t&) {
    sent = false;  // EHOSTUNREACH: whoever asked is gone
  }
  if (!sent) {
    ++stats.unroutable;
    return false;
  }
  ++stats.direct_frames_sent;
  stats.direct_bytes_sent += frame.size();
  return true;
}

std::vector<zmq::pollitem_t> ZmqLink::Impl::poll_items() {
  std::vector<zmq::pollitem_t> items;
  items.push_back({nullptr, wake_fd, ZMQ_POLLIN, 0});
  items.push_back({sub.handle(), 0, ZMQ_POLLIN, 0});
  items.push_back({router.handle(), 0, ZMQ_POLLIN, 0});
  if (local.handle() != nullptr) items.push_back({local.handle(), 0, ZMQ_POLLIN, 0});
  if (zap) items.push_back({zap->socket().handle(), 0, ZMQ_POLLIN, 0});
  for (auto& [peer, dealer] : dealers) items.push_back({dealer.handle(), 0, ZMQ_POLLIN, 0});
  return items;
}

void ZmqLink::Impl::drain_gossip(std::vector<Incoming>& out) {
  for (std::size_t i = 0; i < frames_per_poll; ++i) {
    zmq::message_t frame;
    if (!sub.recv(frame, zmq::recv_flags::dontwait)) return;
    ++stats.gossip_frames_received;
    stats.gossip_bytes_received += frame.size();
    if (!frame.more()) out.push_back({Via::gossip, std::nullopt, {}, take(frame)});
  }
}

void ZmqLink::Impl::drain_router(zmq::socket_t& socket, Via via, std::vector<Incoming>& out) {
  for (std::size_t i = 0; i < frames_per_poll; ++i) {
    std::vector<zmq::message_t> frames;
    if (!zmq::recv_multipart(socket, std::back_inserter(frames), zmq::recv_flags::dontwait)) return;
    if (frames.size() != 2) continue;
    ++stats.direct_frames_received;
    stats.direct_bytes_received += frames[1].size();
    Incoming incoming{via, std::nullopt, {}, take(frames[1])};
    incoming.route.push_back(via == Via::local ? local_route : remote_route);
    incoming.route += frames[0].to_string_view();
    if (via == Via::request) {
      const char* user = nullptr;
      try {
        user = frames[1].gets("User-Id");
      } catch (const zmq::error_t&) {
        user = nullptr;
      }
      incoming.from = user == nullptr ? std::nullopt : PeerId::from_hex(user);
      if (!incoming.from) {
        ++stats.unauthenticated;
        continue;
      }
    }
    out.push_back(std::move(incoming));
  }
}

void ZmqLink::Impl::drain_dealer(const PeerId& peer, zmq::socket_t& socket,
                                 std::vector<Incoming>& out) {
  for (std::size_t i = 0; i < frames_per_poll; ++i) {
    zmq::message_t frame;
    if (!socket.recv(frame, zmq::recv_flags::dontwait)) return;
    ++stats.direct_frames_received;
    stats.direct_bytes_received += frame.size();
    if (!frame.more()) out.push_back({Via::reply, peer, {}, take(frame)});
  }
}

void ZmqLink::poll(std::chrono::milliseconds timeout, std::vector<Incoming>& out) {
  try {
    auto items = impl_->poll_items();
    zmq::poll(items, timeout);
    std::uint64_t wakes = 0;
    // Only clears the counter: how often somebody called does not matter.
    [[maybe_unused]] const auto ignored = ::read(impl_->wake_fd, &wakes, sizeof wakes);
    if (impl_->zap) {
      impl_->zap->serve();
      impl_->stats.handshakes_refused = impl_->zap->refused();
    }
    impl_->drain_gossip(out);
    impl_->drain_router(impl_->router, Via::request, out);
    if (impl_->local.handle() != nullptr) impl_->drain_router(impl_->local, Via::local, out);
    for (auto& [peer, dealer] : impl_->dealers) impl_->drain_dealer(peer, dealer, out);
  } catch (const zmq::error_t& error) {
    // EINTR: a signal; the caller polls again. Anything else cannot be repaired here and shows as silence.
    if (error.num() != EINTR) ++impl_->stats.send_refused;
  }
}

void ZmqLink::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(impl_->wake_fd, &one, sizeof one);
}

std::string ZmqLink::direct_endpoint() const {
  return impl_->router.get(zmq::sockopt::last_endpoint);
}
std::string ZmqLink::gossip_endpoint() const { return impl_->pub.get(zmq::sockopt::last_endpoint); }
std::string ZmqLink::local_endpoint() const {
  return impl_->local.handle() == nullptr ? "" : impl_->local.get(zmq::sockopt::last_endpoint);
}
const LinkStats& ZmqLink::stats() const { return impl_->stats; }

}  // namespace vouch::transport
