// What a link between peers promises, and the words all links share. A link may drop, duplicate,
// reorder and delay any frame, and never blocks; what is built on it repairs. It never alters a
// frame, and never names a sender that it has not authenticated. Deliberately absent: retries,
// acknowledgements, topics.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch::transport {

/// How a frame came in, and so what is known of its sender.
enum class Via : std::uint8_t {
  gossip,   ///< published: from nobody in particular, the frame's signature says who
  request,  ///< sent to us: `from` is the key that the connection proved to own
  reply,    ///< came back on our connection to a peer: `from` is the key we insisted on
  local,    ///< from a process of this user on this machine
  opened,   ///< no frame: our connection to `from` stands, for the first time or again
};

struct Incoming {
  Via via = Via::gossip;
  std::optional<PeerId> from;  ///< set for request, reply and opened
  std::string route;           ///< opaque, for reply(); empty but for requests
  Bytes bytes;
};

}  // namespace vouch::transport
