// Carries out an outbox. The order is the contract: rows are committed before anything that rests
// on them leaves, and observers hear of it last. Rows that nothing rests on wait for the next
// commit or a second.
// SPDX-License-Identifier: MIT
#include "vouch/driver/clock.hpp"
#include "vouch/driver/driver.hpp"
#include "vouch/sync/answer.hpp"

namespace vouch::driver {
namespace {

constexpr Duration deferred_commit = std::chrono::milliseconds(250);
constexpr std::size_t deferred_rows_max = 4096;
constexpr std::size_t answer_bytes_max = 512U << 10;
constexpr std::size_t payload_bytes = 64U << 10;

}  // namespace

void Driver::flush() {
  // Answers and loads read the store: what they need must be in it.
  const bool reads = !outbox_.pulls.empty() || !outbox_.loads.empty() || !outbox_.settled.empty();
  const bool late = now() >= next_commit_ || outbox_.rows.size() > deferred_rows_max;
  if (outbox_.synced || reads || (late && !outbox_.rows.empty())) {
    if (!commit()) {
      // Nothing that rests on unwritten rows may leave; they stay queued and are tried again.
      outbox_.replies.clear();
      outbox_.sends.clear();
      return;
    }
  }
  transmit();
  std::vector<Notice> notices = std::move(outbox_.notices);
  outbox_.notices.clear();
  for (const Notice& notice : notices) sink_(notice);
}

bool Driver::commit() {
  const auto written = store_->commit(outbox_.rows);
  next_commit_ = now() + deferred_commit;
  degraded_ = !written;
  if (!written) {
    ++counters_.store_errors;
    return false;
  }
  outbox_.rows.clear();
  outbox_.synced = false;
  for (const std::string& stream : outbox_.settled) {
    const auto erased = store_->erase_prefix(Table::payloads, sync::stream_row_key(stream));
    if (!erased) ++counters_.store_errors;
  }
  outbox_.settled.clear();
  return true;
}

void Driver::transmit() {
  for (const Bytes& frame : outbox_.publish) link_->publish(frame);
  outbox_.publish.clear();
  for (const AnswerPull& pull : outbox_.pulls) {
    const auto scan = [this](const Bytes& from, const auto& visit) {
      if (!store_->scan(Table::batches, from, visit)) ++counters_.store_errors;
    };
    Pulled answer =
        sync::answer_pull(pull.request, machine_->replica().frontier(), scan, answer_bytes_max);
    outbox_.replies.push_back({pull.route, {pull.id, std::move(answer)}});
  }
  outbox_.pulls.clear();
  const std::vector<LoadPayload> loads = std::move(outbox_.loads);
  outbox_.loads.clear();
  for (const LoadPayload& wanted : loads) load(wanted);
  for (const Send& send : outbox_.sends) {
    send_parts(encode_message(send.message),
               [&](ByteView part) { return link_->send(send.to, part); });
  }
  outbox_.sends.clear();
  for (const Reply& reply : outbox_.replies) {
    send_parts(encode_message(reply.message),
               [&](ByteView part) { return link_->reply(reply.route, part); });
  }
  outbox_.replies.clear();
}

void Driver::send_parts(const Bytes& message, const std::function<bool(ByteView)>& send) {
  for (const Bytes& part : splitter_.split(message)) {
    if (send(part)) continue;
    ++counters_.unsent;
    return;
  }
}

void Driver::load(const LoadPayload& wanted) {
  std::vector<ingest::Item> found;
  std::size_t bytes = 0;
  const Bytes prefix = sync::stream_row_key(wanted.stream);
  const auto visit = [&](ByteView key, ByteView value) {
    if (!std::equal(prefix.begin(), prefix.end(), key.begin())) return false;
    std::uint64_t index = sync::payload_key_index(key);
    const auto items = sync::decode_items(value);
    if (!items || index > wanted.first + found.size()) return false;
    for (const ingest::Item& item : *items) {
      if (index++ != wanted.first + found.size()) continue;
      found.push_back(item);
      bytes += item.text->size();
      if (bytes >= payload_bytes) return false;
    }
    return true;
  };
  const auto from =
      store_->floor_key(Table::payloads, sync::payload_key(wanted.stream, wanted.first), prefix);
  if (!from || !store_->scan(Table::payloads, *from, visit)) ++counters_.store_errors;
  machine_->on_payload(wanted.stream, wanted.target, wanted.first, found, outbox_);
}

}  // namespace vouch::driver
