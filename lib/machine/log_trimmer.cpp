// SPDX-License-Identifier: MIT
#include "vouch/machine/log_trimmer.hpp"

#include <algorithm>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch::machine {
namespace {

constexpr std::size_t prefix_bytes = PeerId::size + sizeof(Writer::incarnation);
/// A log is looked at when it has grown by this share of what is kept.
constexpr std::size_t share = 64;
constexpr std::size_t rows_max = 512;

Writer log_of(ByteView prefix) {
  ByteReader in(prefix);
  Writer log;
  log.peer = in.fixed<PeerId>();
  for (const std::uint8_t byte : in.raw(sizeof(Writer::incarnation))) {
    log.incarnation = log.incarnation << 8 | byte;
  }
  return log;
}

}  // namespace

void LogTrimmer::note(std::span<const Row> rows) {
  if (bytes_max_ == 0) return;
  for (const Row& row : rows) {
    if (row.table != Table::batches) continue;
    if (!row.value) {
      // A log that is forgotten, or all of a peer. Single ones are those of cut.
      if (row.prefix)
        std::erase_if(logs_, [&](const auto& log) { return starts_with(log.first, row.key); });
      continue;
    }
    const Bytes prefix(row.key.begin(), row.key.begin() + prefix_bytes);
    Log& log = logs_[prefix];
    log.bytes += row.value->size();
    log.grown += row.value->size();
    if (log.grown >= bytes_max_ / share) due_.insert(prefix);
  }
}

Result<void> LogTrimmer::count(const RowStore& store, const Bytes& prefix, Log& log) const {
  std::size_t bytes = 0;
  auto scanned = store.scan(Table::batches, prefix, [&](ByteView key, ByteView frame) {
    if (!starts_with(key, prefix)) return false;
    bytes += frame.size();
    return true;
  });
  if (!scanned) return scanned;
  log.bytes = bytes;
  log.counted = true;
  return {};
}

Result<std::vector<Row>> LogTrimmer::cut(const RowStore& store, const Read& read) {
  std::vector<Row> out;
  if (due_.empty()) return out;
  const Bytes prefix = *due_.begin();
  due_.erase(due_.begin());
  const auto found = logs_.find(prefix);
  if (found == logs_.end()) return out;
  Log& log = found->second;
  log.grown = 0;
  if (!log.counted) {
    if (auto counted = count(store, prefix, log); !counted) return tl::unexpected(counted.error());
  }
  if (log.bytes <= bytes_max_) return out;
  const std::uint64_t enough = read(log_of(prefix));
  // One behind: a batch ends before the next one, and the last one stays.
  Bytes oldest;
  std::size_t size = 0;
  auto scanned = store.scan(Table::batches, prefix, [&](ByteView key, ByteView frame) {
    if (!starts_with(key, prefix)) return false;
    if (!oldest.empty()) {
      if (ByteReader(key.subspan(prefix_bytes)).u64_ordered() - 1 > enough) return false;
      out.push_back({Table::batches, oldest, std::nullopt});
      log.bytes -= std::min(log.bytes, size);
    }
    oldest = to_bytes(key);
    size = frame.size();
    return log.bytes > bytes_max_ && out.size() < rows_max;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  if (log.bytes > bytes_max_ && out.size() == rows_max) due_.insert(prefix);
  return out;
}

}  // namespace vouch::machine
