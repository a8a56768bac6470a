// SPDX-License-Identifier: MIT
#include "bench/crdt/records.hpp"

#include <algorithm>

namespace vouch::bench {

Updates::Updates(std::size_t deltas, std::size_t records, std::uint32_t keys) {
  std::mt19937_64 random(7);
  std::uint64_t stamp = 1;
  for (std::size_t d = 0; d < deltas; ++d) {
    std::vector<BareRecord> bare;
    for (std::size_t n = 0; n < records; ++n) {
      bare.push_back({static_cast<std::uint32_t>(random() % keys),
                      static_cast<std::uint32_t>(random()), ++stamp});
    }
    const auto by_key = [](const BareRecord& a, const BareRecord& b) { return a.key < b.key; };
    const auto same_key = [](const BareRecord& a, const BareRecord& b) { return a.key == b.key; };
    std::stable_sort(bare.begin(), bare.end(), by_key);
    bare.erase(std::unique(bare.begin(), bare.end(), same_key), bare.end());
    Registers delta;
    for (const BareRecord& record : bare) {
      delta.join_at(record.key, {record.stamp, record.value});
    }
    records_ += bare.size();
    deltas_.push_back(std::move(delta));
    bare_.push_back(std::move(bare));
  }
}

Registers full_map(std::uint32_t keys) {
  Registers map;
  for (std::uint32_t key = 0; key < keys; ++key) map.join_at(key, {1, key});
  return map;
}

std::uint64_t join_bare(std::vector<BareRecord>& array, const std::vector<BareRecord>& delta) {
  std::uint64_t sum = 0;
  for (const BareRecord& record : delta) {
    BareRecord& held = array[record.key];
    const bool wins =
        held.stamp < record.stamp || (held.stamp == record.stamp && held.value < record.value);
    if (wins) held = record;
    sum += held.value;
  }
  return sum;
}

SignedBatches::SignedBatches(const std::vector<Registers>& deltas) : signer_(crypto::Seed{}) {
  BatchHeader header;
  header.cluster = sync::cluster_id("bench");
  header.writer.peer = signer_.id();
  header.first = 1;
  for (const Registers& delta : deltas) {
    header.count = static_cast<std::uint32_t>(delta.size());
    sync::SealedBatch batch = sync::seal_batch(header, crdt::encode(delta), signer_);
    header.first += header.count;
    header.previous = batch.hash;
    frames_.push_back(std::move(batch.frame));
  }
}

std::size_t SignedBatches::bytes() const {
  std::size_t sum = 0;
  for (const Bytes& frame : frames_) sum += frame.size();
  return sum;
}

bool SignedBatches::verify_and_join(ByteView frame, Registers& into) const {
  const auto view = split_frame(frame);
  if (!view || !sync::batch_is_signed(*view, signer_.id(), signer_)) return false;
  const auto delta = crdt::decode<Registers>(view->body);
  if (!delta) return false;
  into.join(*delta);
  return true;
}

}  // namespace vouch::bench
