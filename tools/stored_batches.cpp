// SPDX-License-Identifier: MIT
#include "tools/stored_batches.hpp"

#include <fmt/format.h>

#include "vouch/observe/batches.hpp"
#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/envelope.hpp"

namespace vouch::tools {
namespace {

Result<sync::WrittenBatch> read_batch(ByteView raw) {
  const auto frame = split_frame(raw);
  if (!frame) return tl::unexpected(frame.error());
  if (frame->kind != FrameKind::batch) return fail(Errc::malformed, "no batch");
  const auto header = decode_batch_header(*frame);
  if (!header) return tl::unexpected(header.error());
  const auto records = decode_records(frame->body);
  if (!records) return tl::unexpected(records.error());
  return sync::WrittenBatch{
      header->writer, header->first, header->last(), sync::counts_of(*records), {}};
}

}  // namespace

Result<json::Array> stored_batches(const store::Snapshot& store, std::size_t newest) {
  std::deque<Bytes> frames;  // of one log: rows are in the order of logs and numbers
  Bytes log;
  std::deque<sync::WrittenBatch> batches;
  std::size_t odd = 0;
  const auto take = [&] {
    for (const Bytes& frame : frames) {
      auto batch = read_batch(frame);
      batch ? batches.push_back(std::move(*batch)) : void(++odd);
    }
    frames.clear();
  };
  const auto read = store.scan(Table::batches, {}, [&](ByteView key, ByteView frame) {
    const ByteView of = key.first(key.size() - std::min(key.size(), sizeof(std::uint64_t)));
    if (to_bytes(of) != log) take();
    log = to_bytes(of);
    frames.push_back(to_bytes(frame));
    if (frames.size() > newest) frames.pop_front();
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  take();
  if (odd > 0) return fail(Errc::malformed, fmt::format("{} batches of another form", odd));
  return observe::batches_json(batches);
}

}  // namespace vouch::tools
