// A peer of which nothing but the peer stays in memory: the shipping machine, carrier and lanes on
// a simulated disk that only counts the rows of released streams, and that is laid aside while
// memory is read. It never dies, and nobody keeps a ledger of what it says.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tests/sim/clock.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/memory/summaries.hpp"

#include "vouch/driver/lanes.hpp"
#include "vouch/machine/carrier.hpp"

namespace vouch::sim {

/// Keeps all rows but those of Table::released: their bytes are counted.
class SummedDisk final : public RowStore {
 public:
  Result<void> write(std::span<const Row> rows) override;
  std::optional<Result<void>> flush(bool wait) override { return rows_.flush(wait); }
  Result<std::optional<Bytes>> get(Table table, ByteView key) const override {
    return rows_.get(table, key);
  }
  Result<void> scan(Table table, ByteView from, const RowVisitor& visit) const override {
    return rows_.scan(table, from, visit);
  }
  Result<Bytes> floor_key(Table table, ByteView key, ByteView prefix) const override {
    return rows_.floor_key(table, key, prefix);
  }

  std::uint64_t summary_bytes() const { return summary_bytes_; }
  const SimDisk& rows() const { return rows_; }
  SimDisk& rows() { return rows_; }

 private:
  SimDisk rows_{1};
  std::uint64_t summary_bytes_ = 0;
};

class LeanHost final : private Wire {
 public:
  /// `network` and `now` must outlive it.
  LeanHost(transport::MemoryNetwork& network, const VirtualTime& now,
           std::unique_ptr<Signer> signer, machine::MachineConfig config, std::size_t streams);

  void start(std::uint64_t nonce);
  void receive(transport::MemoryDelivery delivery);
  void turn();
  std::optional<VirtualTime> next_turn() const;
  /// A client submits a thread of so many whole runs, and closes its stream.
  void submit(const std::string& stream, std::size_t runs);

  const machine::PeerMachine& machine() const { return machine_; }
  SummedDisk& disk() { return disk_; }
  const SummedDisk& disk() const { return disk_; }

 private:
  bool publish(ByteView frame) override;
  bool send(const PeerId& to, ByteView frame) override;
  bool reply(const std::string& route, ByteView frame) override;

  transport::MemoryNetwork& network_;
  const VirtualTime& now_;
  SimClock clock_;
  std::unique_ptr<Signer> signer_;
  SummedDisk disk_;
  Summaries summaries_;
  driver::Lanes lanes_;
  machine::PeerMachine machine_;
  machine::Carrier carrier_;
};

}  // namespace vouch::sim
