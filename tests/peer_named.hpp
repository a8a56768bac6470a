// Peers of tests that sign nothing: a key is a number.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/ids.hpp"

namespace vouch {

inline PeerId peer_named(std::uint8_t n) {
  PeerId id;
  id.bytes[0] = n;
  return id;
}

}  // namespace vouch
