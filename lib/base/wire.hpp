// Sending as the pure rooms see it: sockets in a peer, a network with faults in a simulator.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch {

/// Never blocks. True promises nothing: a frame may be lost on its way; false means it surely is.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual bool publish(ByteView frame) = 0;
  virtual bool send(const PeerId& to, ByteView frame) = 0;
  /// To whoever asked; `route` came with the request.
  virtual bool reply(const std::string& route, ByteView frame) = 0;
};

}  // namespace vouch
