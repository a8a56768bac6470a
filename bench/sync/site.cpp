// SPDX-License-Identifier: MIT
#include "bench/sync/site.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::bench {
namespace {

constexpr std::size_t answer_bytes_max = 512U << 10;  // as lib/machine/carrier_flush.cpp

/// A figure of work that was not done would be worth nothing.
void must(bool held, const char* what) {
  if (held) return;
  fmt::print(stderr, "sync_bench: {}\n", what);
  std::exit(1);
}

Hash head_of(std::uint64_t voter, std::uint64_t stream) {
  Hash head;
  std::uint64_t x = voter << 40U ^ stream;
  for (std::uint8_t& byte : head.bytes) {
    x = x * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
    byte = static_cast<std::uint8_t>(x >> 56U);
  }
  return head;
}

}  // namespace

Voters::Voters(std::size_t count) : logs_(count) {
  std::vector<PeerId> ids;
  for (std::size_t i = 0; i < count; ++i) {
    crypto::Seed seed;
    seed.bytes.fill(static_cast<std::uint8_t>(i + 1));
    signers_.push_back(std::make_unique<Ed25519Signer>(seed));
    ids.push_back(signers_.back()->id());
  }
  config_ = {sync::cluster_id("bench"), {ids.begin(), ids.end()}, membership::Roster(ids, 0)};
}

Bytes Voters::write(std::size_t number, std::size_t records) {
  Log& log = logs_[number];
  Records body;
  for (std::size_t i = 0; i < records; ++i) {
    Attestation a;
    a.stream = fmt::format("thread-{:07}", log.streams);
    a.upto = 63 + 64 * (log.streams % 7);
    a.head = head_of(number, log.streams++);
    a.summary.accepted = a.upto + 1;
    body.attestations.push_back(std::move(a));
  }
  BatchHeader header;
  header.cluster = config_.cluster;
  header.writer = {signers_[number]->id(), 1};
  header.first = log.end.last + 1;
  header.count = static_cast<std::uint32_t>(records);
  header.previous = log.end.chain;
  sync::SealedBatch batch = sync::seal_batch(header, encode_records(body), *signers_[number]);
  log.end = {header.last(), batch.hash};
  return std::move(batch.frame);
}

Site::Site(const Voters& voters, std::size_t number)
    : replica_(std::make_unique<sync::Replica>(voters.config(), voters.signer(number),
                                               state::State(), FrontierMap())),
      other_(voters.signer(1 - number).id()),
      puller_({other_}, {}) {
  wake();
}

Site::Site(const Voters& voters, std::size_t number, const Site& other)
    : replica_(std::make_unique<sync::Replica>(voters.config(), voters.signer(number),
                                               other.replica().state(),
                                               other.replica().frontier())),
      other_(voters.signer(1 - number).id()),
      puller_({other_}, {}) {}

void Site::take(ByteView frame) {
  must(replica_->receive(frame, outbox_).result == sync::Accepted::news, "a batch was refused");
  keep();
}

void Site::keep() {
  for (Row& row : outbox_.rows) {
    if (row.table == Table::batches) log_.insert_or_assign(std::move(row.key), *row.value);
  }
  outbox_ = {};
}

std::vector<Bytes> Site::ask() {
  puller_.on_tick(now_, *replica_, outbox_);
  std::vector<Bytes> frames;
  for (const Send& send : outbox_.sends) frames = splitter_.split(encode_message(send.message));
  outbox_.sends.clear();
  return frames;
}

std::vector<Bytes> Site::answer(std::vector<Bytes> question) {
  const Message message = join(std::move(question));
  if (const auto* check = std::get_if<Check>(&message.body)) {
    must(check->frontier == replica_->short_digest(), "equal replicas have different digests");
    return {};
  }
  const auto* pull = std::get_if<Pull>(&message.body);
  must(pull != nullptr, "a question was lost");
  Pulled pulled = sync::answer_pull({other_, {}}, *pull, replica_->frontier(),
                                    replica_->state().proofs, log_reader(), answer_bytes_max);
  return splitter_.split(encode_message({message.id, std::move(pulled)}));
}

void Site::hear(std::vector<Bytes> answer) {
  const Message message = join(std::move(answer));
  const auto* pulled = std::get_if<Pulled>(&message.body);
  must(pulled != nullptr, "an answer was lost");
  for (const Bytes& frame : pulled->batches) take(frame);
  puller_.on_pulled(now_, other_, message.id, *pulled, !pulled->batches.empty());
}

Message Site::join(std::vector<Bytes> parts) {
  std::optional<Bytes> whole;
  for (Bytes& part : parts) {
    auto added = assembler_.add("other", std::move(part));
    if (added && *added) whole = std::move(**added);
  }
  must(whole.has_value(), "parts make no message");
  auto message = decode_message(*whole);
  must(message.has_value(), "a message cannot be read");
  return std::move(*message);
}

sync::LogReader Site::log_reader() const {
  sync::LogReader reader;
  reader.scan = [this](const Bytes& from, const auto& visit) {
    for (auto at = log_.lower_bound(from); at != log_.end(); ++at) {
      if (!visit(at->first, at->second)) return;
    }
  };
  reader.floor = [this](const Bytes& key, const Bytes& prefix) {
    const auto after = log_.upper_bound(key);
    if (after == log_.begin()) return key;
    const Bytes& found = std::prev(after)->first;
    return std::equal(prefix.begin(), prefix.end(), found.begin()) ? found : key;
  };
  return reader;
}

}  // namespace vouch::bench
