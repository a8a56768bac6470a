// What the store of a voter holds of a user's subject that was decided long ago.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/messages.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {

/// The n-th of them, as a row of Table::agreement.
inline std::pair<Bytes, Bytes> decided_row(const ClusterId& cluster, std::size_t n) {
  const std::string name = "subject " + std::to_string(n);
  ByteWriter row;
  row.u8(static_cast<std::uint8_t>(SubjectKind::proposal));
  row.text(name);
  row.leb(1);
  write_value(row, Value{1, crypto::blake2b(as_bytes(name)), 0});
  row.leb(0);
  row.sized({});
  row.sized({});
  return {to_bytes(proposal_subject(cluster, name).view()), row.take()};
}

}  // namespace vouch::consensus
