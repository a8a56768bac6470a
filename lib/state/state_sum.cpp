// SPDX-License-Identifier: MIT
#include "vouch/state/state_sum.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::state {
namespace {

// FNV-1a: who chooses names for one leaf makes that leaf large, and nothing else.
std::uint16_t leaf_of_name(ByteView name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t byte : name) hash = (hash ^ byte) * 0x100000001b3;
  return static_cast<std::uint16_t>((hash ^ (hash >> 32)) % limits::state_leaves);
}

}  // namespace

std::uint16_t leaf_of(ByteView key) {
  ByteReader in(key);
  const std::uint8_t kind = in.u8();
  if (kind == 's' || kind == 'f') return leaf_of_stream(in.text());
  if (kind == 'g') return leaf_of_proposal(in.fixed<SubjectId>());
  return leaf_of_name(in.rest());
}

std::uint16_t leaf_of_stream(std::string_view name) {
  return leaf_of_name(as_bytes(name));
}

std::uint16_t leaf_of_proposal(const SubjectId& proposal) {
  return leaf_of_name(proposal.view());
}

std::vector<std::uint64_t> salted_leaves(const State& state, std::uint64_t salt) {
  std::vector<std::uint64_t> leaves(limits::state_leaves);
  visit_values(state, state, [&](const Bytes& key, const Bytes& value) {
    ByteWriter cell(key.size() + value.size() + 12);
    cell.u64(salt);
    cell.u32(static_cast<std::uint32_t>(key.size()));
    cell.raw(key);
    cell.raw(value);
    const Hash hash = crypto::blake2b(cell.bytes());
    leaves[leaf_of(key)] += ByteReader(hash.view()).u64();
  });
  return leaves;
}

StateSum::StateSum() : leaves_(limits::state_leaves) {}

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
  leaves_[leaf_of(key)] += times * in.u64();
}

StateDigest StateSum::digest() const {
  ByteWriter out;
  for (const std::uint64_t word : words_) out.u64(word);
  return *StateDigest::from(out.bytes());
}

}  // namespace vouch::state
