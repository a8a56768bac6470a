// The work that crdt_bench measures: updates of a map of registers by random key, in deltas, beside
// the same updates of a plain array, which nothing that merges can beat.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "vouch/base/signer.hpp"
#include "vouch/crdt/g_map.hpp"
#include "vouch/crdt/lww_register.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::bench {

using Registers = crdt::GMap<std::uint32_t, crdt::LwwRegister<std::uint32_t>>;

/// A record as a program without a merge library would keep it.
struct BareRecord {
  std::uint32_t key = 0;
  std::uint32_t value = 0;
  std::uint64_t stamp = 0;
};

/// `deltas` deltas of about `records` records each (keys drawn twice in one count once), all of
/// them news for whoever joined the earlier ones.
class Updates {
 public:
  Updates(std::size_t deltas, std::size_t records, std::uint32_t keys);

  const std::vector<Registers>& deltas() const { return deltas_; }
  const std::vector<std::vector<BareRecord>>& bare() const { return bare_; }
  std::size_t records() const { return records_; }

 private:
  std::vector<Registers> deltas_;
  std::vector<std::vector<BareRecord>> bare_;
  std::size_t records_ = 0;
};

/// Every key written once.
Registers full_map(std::uint32_t keys);

/// Joins into an array indexed by key; the sum of what won, so that nothing is left out.
std::uint64_t join_bare(std::vector<BareRecord>& array, const std::vector<BareRecord>& delta);

/// Deltas as signed batches of one writer, chained, in the frames that peers exchange.
class SignedBatches {
 public:
  explicit SignedBatches(const std::vector<Registers>& deltas);

  const std::vector<Bytes>& frames() const { return frames_; }
  std::size_t bytes() const;
  /// Checks signature and form of a frame, then joins it; false if it is refused.
  bool verify_and_join(ByteView frame, Registers& into) const;

 private:
  Ed25519Signer signer_;
  std::vector<Bytes> frames_;
};

}  // namespace vouch::bench
