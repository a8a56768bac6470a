// SPDX-License-Identifier: MIT
#include "tools/parted_links.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <thread>

#include "tools/loopback_socket.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vouch/crdt/check.hpp"

namespace vouch::tools {
namespace parted {

constexpr int backlog = 128;

/// One direction of a connection: what was read and could not be written yet.
struct Half {
  std::array<char, 65536> bytes;
  std::size_t begin = 0, end = 0;

  bool empty() const { return begin == end; }
  /// False when the connection is over.
  bool read(int from) {
    const ssize_t size = ::recv(from, bytes.data(), bytes.size(), 0);
    begin = 0;
    end = size > 0 ? static_cast<std::size_t>(size) : 0;
    return size > 0 || (size < 0 && errno == EAGAIN);
  }
  bool write(int to) {
    const ssize_t size = ::send(to, bytes.data() + begin, end - begin, MSG_NOSIGNAL);
    if (size > 0) begin += static_cast<std::size_t>(size);
    return size > 0 || errno == EAGAIN;
  }
};

struct Connection {
  Connection(LoopbackSocket near_end, LoopbackSocket far_end)
      : near(std::move(near_end)), far(std::move(far_end)) {}
  LoopbackSocket near, far;
  bool reached = false;  ///< the far end has taken the connection
  Half out, back;
};

short interest(const Half& reading, const Half& writing) {
  return static_cast<short>((reading.empty() ? POLLIN : 0) | (writing.empty() ? 0 : POLLOUT));
}

/// One way of one peer to one endpoint of another.
struct Door {
  Door(std::size_t one, std::size_t other, LoopbackSocket reserved, int to)
      : from(one), peer(other), port(std::move(reserved)), target(to) {}
  bool listen() const {
    return listener.bind(port.port()) && ::listen(listener.fd(), backlog) == 0;
  }
  std::size_t from, peer;
  LoopbackSocket port;  ///< reserved: nobody else comes in while the door is closed
  LoopbackSocket listener = LoopbackSocket::make();
  int target;
  std::optional<Parted> parted;
  std::vector<LoopbackSocket> fillers;  ///< keep the queue of a silent door full
  std::list<Connection> connections;
};

std::optional<int> port_of(const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  return colon == std::string::npos ? std::nullopt
                                    : std::optional(std::stoi(endpoint.substr(colon + 1)));
}

}  // namespace parted

using namespace parted;

struct PartedLinks::Impl {
  std::list<Door> doors;
  mutable std::mutex mutex;
  std::vector<pollfd> polled;
  std::atomic<std::uint64_t> carried{0};
  std::atomic<bool> ending{false};
  const int wake_fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  std::thread thread;

  ~Impl() {
    ending = true;
    wake();
    if (thread.joinable()) thread.join();
    ::close(wake_fd);
  }

  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_fd, &one, sizeof one);
  }

  bool add_door(std::size_t from, std::size_t peer, std::string& endpoint) {
    const auto target = port_of(endpoint);
    auto port = LoopbackSocket::reserve();
    if (!target || !port) return false;
    endpoint = port->endpoint();
    return doors.emplace_back(from, peer, std::move(*port), *target).listen();
  }

  static void close(Door& door, Parted how) {
    door.parted = how;
    if (how == Parted::refused) {
      ::shutdown(door.listener.fd(), SHUT_RDWR);
      door.connections.clear();
      return;
    }
    // Who comes to a full queue is not answered.
    ::listen(door.listener.fd(), 0);
    for (int n = 0; n < 2; ++n) {
      door.fillers.push_back(LoopbackSocket::make());
      door.fillers.back().connect(door.port.port());
    }
  }

  static void open(Door& door) {
    door.parted.reset();
    door.fillers.clear();
    ::listen(door.listener.fd(), backlog);
  }

  void run() {
    while (!ending) {
      {
        const std::lock_guard lock(mutex);
        list();
      }
      ::poll(polled.data(), polled.size(), -1);
      std::uint64_t wakes = 0;
      [[maybe_unused]] const auto cleared = ::read(wake_fd, &wakes, sizeof wakes);
      const std::lock_guard lock(mutex);
      for (Door& door : doors) serve(door);
    }
  }

  void list() {
    polled.assign(1, {wake_fd, POLLIN, 0});
    for (const Door& door : doors) {
      if (door.parted) continue;
      polled.push_back({door.listener.fd(), POLLIN, 0});
      for (const Connection& one : door.connections) {
        polled.push_back({one.near.fd(), interest(one.out, one.back), 0});
        const short waits = one.reached ? interest(one.back, one.out) : short{POLLOUT};
        polled.push_back({one.far.fd(), waits, 0});
      }
    }
  }

  void serve(Door& door) {
    if (door.parted) return;
    for (;;) {
      LoopbackSocket near(
          ::accept4(door.listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (near.fd() < 0) break;
      const int one = 1;
      ::setsockopt(near.fd(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      Connection& made = door.connections.emplace_back(std::move(near), LoopbackSocket::make());
      made.far.connect(door.target);
    }
    std::erase_if(door.connections, [this](Connection& one) { return !serve(one); });
  }

  /// False when it is over.
  bool serve(Connection& one) {
    if (!one.reached) {
      pollfd far{one.far.fd(), POLLOUT, 0};
      if (::poll(&far, 1, 0) == 0) return true;
      if ((far.revents & (POLLERR | POLLHUP)) != 0) return false;
      one.reached = true;
    }
    return move(one.near, one.out, one.far) && move(one.far, one.back, one.near);
  }

  bool move(const LoopbackSocket& from, Half& half, const LoopbackSocket& to) {
    if (half.empty() && !half.read(from.fd())) return false;
    if (half.empty()) return true;
    carried += half.end - half.begin;
    if (!half.write(to.fd())) return false;
    carried -= half.end - half.begin;
    return true;
  }
};

PartedLinks::PartedLinks() : impl_(std::make_unique<Impl>()) {}
PartedLinks::~PartedLinks() = default;

bool PartedLinks::route(std::size_t index, Config& config) {
  for (std::size_t peer = 0; peer < config.roster.size(); ++peer) {
    RosterEntry& entry = config.roster[peer];
    if (peer == index) continue;
    if (!impl_->add_door(index, peer, entry.endpoint)) return false;
    if (!impl_->add_door(index, peer, entry.gossip)) return false;
  }
  return true;
}

void PartedLinks::start() {
  impl_->thread = std::thread([this] { impl_->run(); });
}

void PartedLinks::part(const std::vector<std::size_t>& island, Parted how) {
  const auto inside = [&](std::size_t peer) {
    return std::find(island.begin(), island.end(), peer) != island.end();
  };
  const std::lock_guard lock(impl_->mutex);
  for (Door& door : impl_->doors) {
    if (!door.parted && inside(door.from) != inside(door.peer)) Impl::close(door, how);
  }
  impl_->wake();
}

void PartedLinks::heal() {
  const std::lock_guard lock(impl_->mutex);
  for (Door& door : impl_->doors) {
    if (door.parted) Impl::open(door);
  }
  impl_->wake();
}

std::uint64_t PartedLinks::carried() const {
  return impl_->carried;
}

}  // namespace vouch::tools
