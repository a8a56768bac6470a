// SPDX-License-Identifier: MIT
#include "vouch/state/state_sum.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::state {

void StateSum::change(const State& state, const State& touched, std::uint64_t times) {
  visit_values(state, touched,
               [this, times](const Bytes& key, const Bytes& value) { change(key, value, times); });
}

void StateSum::change(ByteView key, ByteView value, std::uint64_t times) {
  ByteWriter cell(key.size() + value.size() + 4);
  cell.u32(static_cast<std::uint32_t>(key.size()));
  cell.raw(key);
  cell.raw(value);
  const Hash hash = crypto::blake2b(cell.bytes());
  ByteReader in(hash.view());
  for (std::uint64_t& word : words_) word += times * in.u64();
}

StateDigest StateSum::digest() const {
  ByteWriter out;
  for (const std::uint64_t word : words_) out.u64(word);
  return *StateDigest::from(out.bytes());
}

}  // namespace vouch::state
