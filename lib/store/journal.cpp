// SPDX-License-Identifier: MIT
#include "vouch/store/journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::store {
namespace {

constexpr std::size_t digest_bytes = sizeof(Hash);
constexpr std::size_t head_bytes = digest_bytes + 8 + 4;

std::size_t in_blocks(std::size_t record_bytes) {
  const std::size_t blocks =
      (head_bytes + record_bytes + Journal::block_bytes - 1) / Journal::block_bytes;
  return blocks * Journal::block_bytes;
}

tl::unexpected<Error> failed(const std::string& doing, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  return fail(full ? Errc::storage_full : Errc::io, doing + ": " + std::strerror(code));
}

/// Zero, or the error.
int write_all(int file, ByteView bytes, std::size_t at) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return wrote < 0 ? errno : EIO;
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    at += static_cast<std::size_t>(wrote);
  }
  return 0;
}

bool read_all(int file, std::span<std::uint8_t> out, std::size_t at) {
  while (!out.empty()) {
    const ssize_t got = ::pread(file, out.data(), out.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
    at += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

Result<void> Journal::make(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed("making " + path.string(), errno);
  int code = write_all(file, Bytes(file_bytes), 0);
  if (code == 0 && ::fsync(file) != 0) code = errno;
  ::close(file);
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (code == 0 && (folder < 0 || ::fsync(folder) != 0)) code = errno;
  if (folder >= 0) ::close(folder);
  if (code != 0) return failed("making " + path.string(), code);
  return {};
}

Result<void> Journal::open(const std::filesystem::path& path, std::uint64_t generation) {
  return open_as(O_RDWR, path, generation);
}

Result<void> Journal::open_read_only(const std::filesystem::path& path, std::uint64_t generation) {
  return open_as(O_RDONLY, path, generation);
}

Result<void> Journal::open_as(int access, const std::filesystem::path& path,
                              std::uint64_t generation) {
  VOUCH_CHECK(file_ < 0);
  path_ = path;
  file_ = ::open(path.c_str(), access | O_CLOEXEC);
  if (file_ < 0 && errno == ENOENT) {
    return fail(Errc::malformed, path.string() +
                                     " is missing, and with it what was written last; "
                                     "put the data folder back whole, or move it away");
  }
  if (file_ < 0) return failed("opening " + path.string(), errno);
  restart(generation);
  while (const auto record = read(end_)) end_ += in_blocks(record->size());
  settle();
  for (std::size_t at = end_; at < file_bytes; at += block_bytes) {
    if (!read(at)) continue;
    return fail(Errc::malformed, path.string() + " is damaged at byte " + std::to_string(end_) +
                                     ": records behind it can be read, that one cannot; put the "
                                     "data folder back from a copy, or move it away");
  }
  return {};
}

bool Journal::fits(std::size_t record_bytes) const {
  return record_bytes <= record_max && in_blocks(record_bytes) <= file_bytes - end_;
}

Result<void> Journal::append(ByteView record) {
  VOUCH_CHECK(settled() && fits(record.size()));
  ByteWriter all(in_blocks(record.size()));
  all.raw(Hash{}.view());
  all.u64(generation_);
  all.u32(static_cast<std::uint32_t>(record.size()));
  all.raw(record);
  Bytes blocks = all.take();
  const Hash digest = crypto::blake2b(ByteView(blocks).subspan(digest_bytes));
  std::ranges::copy(digest.bytes, blocks.begin());
  blocks.resize(in_blocks(record.size()));
  const int code = write_all(file_, blocks, end_);
  if (code != 0) return failed("writing to " + path_.string(), code);
  end_ += blocks.size();
  return {};
}

Result<void> Journal::flush() const {
  if (::fdatasync(file_) != 0) return failed("writing to " + path_.string(), errno);
  return {};
}

Result<void> Journal::replay(const Visitor& visit) const {
  for (std::size_t at = 0; at < end_;) {
    const auto record = read(at);
    if (!record) return fail(Errc::io, "cannot read " + path_.string() + " again");
    if (!visit(*record)) return {};
    at += in_blocks(record->size());
  }
  return {};
}

void Journal::restart(std::uint64_t generation) {
  generation_ = generation;
  end_ = 0;
  settled_ = 0;
}

/// The record of this generation that stands at a block; nothing when none stands there whole.
std::optional<Bytes> Journal::read(std::size_t at) const {
  Bytes head(head_bytes);
  if (at + block_bytes > file_bytes || !read_all(file_, head, at)) return std::nullopt;
  ByteReader in(head);
  const auto digest = in.fixed<Hash>();
  const std::uint64_t generation = in.u64();
  const std::size_t size = in.u32();
  if (generation != generation_ || size > record_max || in_blocks(size) > file_bytes - at)
    return std::nullopt;
  Bytes covered(head_bytes - digest_bytes + size);
  if (!read_all(file_, covered, at + digest_bytes)) return std::nullopt;
  if (crypto::blake2b(covered) != digest) return std::nullopt;
  return Bytes(covered.begin() + static_cast<std::ptrdiff_t>(head_bytes - digest_bytes),
               covered.end());
}

}  // namespace vouch::store
