// Opening a peer: key, store, sockets, and folding stored streams again.
// SPDX-License-Identifier: MIT
#include "vouch/driver/driver.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/sync/seal.hpp"
#include "vouch/transport/key_file.hpp"
#include "vouch/version.hpp"

namespace vouch::driver {
namespace {

transport::LinkOptions link_options(const Config& config, const PeerId& self) {
  transport::LinkOptions options;
  options.direct_listen = config.listen;
  options.gossip_listen = config.gossip_listen;
  options.local_listen = config.local_socket.empty() ? "" : "ipc://" + config.local_socket.string();
  for (const auto& peer : config.roster) {
    if (peer.id != self) options.peers.push_back({peer.id, peer.endpoint, peer.gossip});
  }
  for (const auto& observer : config.observers) options.observers.push_back(observer.id);
  return options;
}

membership::Roster roster_of(const Config& config, const PeerId& self) {
  std::vector<PeerId> voters;
  for (const auto& peer : config.roster) {
    if (peer.voter) voters.push_back(peer.id);
  }
  if (config.roster.empty()) voters.push_back(self);
  return {std::move(voters), 0};
}

}  // namespace

Driver::Driver(const Config& config, NoticeSink sink) : config_(config), sink_(std::move(sink)) {}

Result<std::unique_ptr<Driver>> Driver::open(const Config& config, NoticeSink sink) {
  std::unique_ptr<Driver> driver(new Driver(config, std::move(sink)));
  if (auto opened = driver->open_parts(); !opened) return tl::unexpected(opened.error());
  return driver;
}

Result<void> Driver::open_parts() {
  const auto seed = transport::load_seed(config_.key_file);
  if (!seed) return tl::unexpected(seed.error());
  signer_ = std::make_unique<Ed25519Signer>(*seed);
  roster_ = roster_of(config_, signer_->id());
  const auto rules = validator::RuleSet::parse(config_.rule_set);
  if (!rules) return tl::unexpected(rules.error());
  auto store = store::Store::open(config_.data / "store", {config_.store_bytes_max});
  if (!store) return tl::unexpected(store.error());
  store_ = std::move(*store);
  const crypto::SigningKey key(*seed);
  auto link = transport::ZmqLink::open(key, link_options(config_, signer_->id()));
  if (!link) return tl::unexpected(link.error());
  link_ = std::move(*link);
  lanes_ = std::make_unique<Lanes>(config_.lanes, *rules, ingest::TableLimits{},
                                   config_.submit_queue_bytes_max, [this] { link_->wake(); });
  auto restored = restore();
  if (!restored) return tl::unexpected(restored.error());

  machine::MachineConfig machine;
  machine.cluster = sync::cluster_id(config_.cluster);
  machine.roster = roster_;
  machine.self = {0,
                  MemberStatus::alive,
                  config_.name,
                  link_->direct_endpoint(),
                  link_->gossip_endpoint(),
                  std::string(version),
                  rules->id()};
  machine.validators = config_.validators;
  machine.attest_interval = std::chrono::milliseconds(config_.attest_interval_ms);
  machine.heartbeat_interval = std::chrono::milliseconds(config_.heartbeat_interval_ms);
  machine.pulls.timeout = std::chrono::milliseconds(config_.pull_timeout_ms);
  machine_ =
      std::make_unique<machine::PeerMachine>(machine, *signer_, *lanes_, std::move(*restored));
  return {};
}

Result<machine::Restored> Driver::restore() {
  machine::Restored restored;
  Result<void> fault;
  const auto keep_first = [&fault](Result<void> result) {
    if (!result && fault) fault = std::move(result);
    return fault.has_value();
  };
  auto read = store_->scan(Table::frontier, {}, [&](ByteView key, ByteView row) {
    return keep_first(sync::Replica::restore_frontier(key, row, restored.frontier));
  });
  if (!read) return tl::unexpected(read.error());
  read = store_->scan(Table::cells, {}, [&](ByteView key, ByteView row) {
    return keep_first(state::restore_cell(key, row, restored.state));
  });
  if (!read) return tl::unexpected(read.error());
  if (!fault) return tl::unexpected(fault.error());
  const auto incarnation = store_->get(Table::meta, to_bytes(as_bytes("incarnation")));
  if (!incarnation) return tl::unexpected(incarnation.error());
  if (*incarnation) restored.incarnation = ByteReader(**incarnation).u32();
  if (auto streams = restore_streams(restored); !streams) return tl::unexpected(streams.error());
  return restored;
}

Result<void> Driver::restore_streams(machine::Restored& restored) {
  std::vector<sync::StreamRow> rows;
  const auto read = store_->scan(Table::streams, {}, [&rows](ByteView, ByteView value) {
    const auto row = sync::decode_stream_row(value);
    if (row) rows.push_back(*row);
    return row.has_value();
  });
  if (!read) return tl::unexpected(read.error());
  for (sync::StreamRow& row : rows) {
    if (row.settled) {
      lanes_->table_of(row.name).restore_retired(row.name, row.size);
      continue;
    }
    const auto events = restore_events(row);
    if (!events) return tl::unexpected(events.error());
    row.size = *events;
    restored.streams.push_back(std::move(row));
  }
  return {};
}

Result<std::uint64_t> Driver::restore_events(const sync::StreamRow& row) {
  std::vector<std::string> events;
  const Bytes prefix = sync::stream_row_key(row.name);
  const auto read = store_->scan(Table::payloads, prefix, [&](ByteView key, ByteView value) {
    if (key.size() < prefix.size() || !std::equal(prefix.begin(), prefix.end(), key.begin())) {
      return false;
    }
    const auto items = sync::decode_items(value);
    // A hole ends what can be folded; the rest comes again from whoever has it.
    if (!items || sync::payload_key_index(key) != events.size()) return false;
    for (const ingest::Item& item : *items) events.push_back(*item.text);
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  lanes_->table_of(row.name).restore(row.name, events, row.closed);
  return events.size();
}

}  // namespace vouch::driver
