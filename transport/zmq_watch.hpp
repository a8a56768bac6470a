// Which connections to other peers stand. ZeroMQ tells it by a socket of events for each of its
// sockets; all of them are behind one descriptor here, so that waiting costs the same for any
// number of peers. Deliberately absent: subscribers, since one socket has the connections to all
// publishers and its events name addresses as they were resolved.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <vector>

#include <zmq.hpp>

#include "vouch/schemas/ids.hpp"

namespace vouch::transport {

/// Belongs to one thread; the watched sockets must outlive it. Members throw zmq::error_t.
class ZmqWatch {
 public:
  ZmqWatch();
  ~ZmqWatch();
  ZmqWatch(const ZmqWatch&) = delete;
  ZmqWatch& operator=(const ZmqWatch&) = delete;

  bool ready() const { return fd_ >= 0; }  ///< false: no descriptor was left
  /// Readable when look() has something to read.
  int fd() const { return fd_; }
  /// `socket`, which has this one peer, must not have connected yet.
  void add(zmq::context_t& context, const PeerId& peer, zmq::socket_t& socket);
  void forget(const PeerId& peer);
  /// Appends the peers whose connections have opened since the last call.
  void look(std::vector<PeerId>& opened);
  /// Nobody answers there: neither is it open nor under way to be.
  bool apart(const PeerId& peer) const;

 private:
  struct Watched {
    zmq::socket_t events;
    void* socket;
    bool apart = true;
  };
  using Node = std::pair<const PeerId, Watched>;
  int fd_;
  std::map<PeerId, Watched> watched_;  ///< the epoll set points at its nodes
};

}  // namespace vouch::transport
