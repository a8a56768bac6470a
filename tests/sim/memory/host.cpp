// SPDX-License-Identifier: MIT
#include "tests/sim/memory/host.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace vouch::sim {
namespace {

/// Of events that a peer takes and others do not have yet: of all runs of a round.
constexpr std::size_t round_bytes_max = 64U << 20;

transport::SharedFrame shared_copy(ByteView frame) {
  return std::make_shared<const Bytes>(frame.begin(), frame.end());
}

}  // namespace

Result<void> SummedDisk::write(std::span<const Row> rows) {
  const auto is_summary = [](const Row& row) { return row.table == Table::released; };
  while (!rows.empty()) {
    const auto summary = std::ranges::find_if(rows, is_summary);
    const auto before = static_cast<std::size_t>(summary - rows.begin());
    if (auto written = rows_.write(rows.first(before)); !written) return written;
    if (summary == rows.end()) break;
    summary_bytes_ += summary->key.size() + summary->value->size();
    rows = rows.subspan(before + 1);
  }
  return {};
}

LeanHost::LeanHost(transport::MemoryNetwork& network, const VirtualTime& now,
                   std::unique_ptr<Signer> signer, machine::MachineConfig config,
                   std::size_t streams)
    : network_(network),
      now_(now),
      signer_(std::move(signer)),
      summaries_(config.cluster, streams),
      lanes_(
          1, validator::Policy{}, ingest::TableLimits{}, round_bytes_max, [] {}, &summaries_),
      machine_(std::move(config), *signer_, lanes_, summaries_, {}),
      carrier_({machine_, lanes_, disk_, *this, [](const Notice&) {},
                [](const Message&) { return std::optional<Message>(); }}) {}

void LeanHost::start(std::uint64_t nonce) {
  network_.attach(now_, signer_->id());
  carrier_.start(clock_.at(now_), nonce);
}

void LeanHost::receive(transport::MemoryDelivery delivery) {
  const Instant now = clock_.at(now_);
  carrier_.receive(
      now, {delivery.via, delivery.from, std::move(delivery.route), Bytes(*delivery.frame)});
  carrier_.turn(now);
}

void LeanHost::turn() {
  carrier_.turn(clock_.at(now_));
}

std::optional<VirtualTime> LeanHost::next_turn() const {
  const auto local = carrier_.next_turn();
  if (!local) return std::nullopt;
  return std::max(clock_.when(*local), now_);
}

void LeanHost::submit(const std::string& stream, std::size_t runs) {
  std::uint64_t index = 0;
  const auto take = [&](const std::string& event) {
    VOUCH_CHECK(lanes_.submit(stream, event, index++, false).has_value());
  };
  for (std::size_t run = 0; run < runs; ++run) {
    const std::string ids = fmt::format(R"("threadId":"{}","runId":"r{}")", stream, run);
    const std::string message = fmt::format(R"("messageId":"m{}")", run);
    take(R"({"type":"RUN_STARTED",)" + ids + "}");
    take(R"({"type":"TEXT_MESSAGE_START","role":"assistant",)" + message + "}");
    take(R"({"type":"TEXT_MESSAGE_CONTENT","delta":"as a model says it",)" + message + "}");
    take(R"({"type":"TEXT_MESSAGE_END",)" + message + "}");
    take(R"({"type":"RUN_FINISHED",)" + ids + "}");
  }
  VOUCH_CHECK(lanes_.close(stream).has_value());
}

bool LeanHost::publish(ByteView frame) {
  return network_.publish(now_, signer_->id(), shared_copy(frame));
}

bool LeanHost::send(const PeerId& to, ByteView frame) {
  return network_.send(now_, signer_->id(), to, shared_copy(frame));
}

bool LeanHost::reply(const std::string& route, ByteView frame) {
  return network_.reply(now_, signer_->id(), route, shared_copy(frame));
}

}  // namespace vouch::sim
