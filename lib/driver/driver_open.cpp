// Opening a peer: key, store, sockets, and what the store remembers.
// SPDX-License-Identifier: MIT
#include "vouch/driver/desk.hpp"
#include "vouch/driver/driver.hpp"
#include "vouch/machine/reopen.hpp"
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

/// The link as the carrier sees it.
class LinkWire final : public Wire {
 public:
  explicit LinkWire(transport::ZmqLink& link) : link_(link) {}
  bool publish(ByteView frame) override { return link_.publish(frame); }
  bool send(const PeerId& to, ByteView frame) override { return link_.send(to, frame); }
  bool reply(const std::string& route, ByteView frame) override {
    return link_.reply(route, frame);
  }

 private:
  transport::ZmqLink& link_;
};

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
  const auto policy = config_.validation.policy();
  if (!policy) return fail(Errc::invalid_config, policy.error().front().text());
  auto store = store::Store::open(config_.data / "store", {config_.store_bytes_max, [this] {
                                                             if (running_) link_->wake();
                                                           }});
  if (!store) return tl::unexpected(store.error());
  store_ = std::move(*store);
  const crypto::SigningKey key(*seed);
  auto link = transport::ZmqLink::open(key, link_options(config_, signer_->id()));
  if (!link) return tl::unexpected(link.error());
  link_ = std::move(*link);
  released_ = std::make_unique<ReleasedRows>(sync::cluster_id(config_.cluster), *store_);
  lanes_ = std::make_unique<Lanes>(
      config_.lanes, *policy, ingest::TableLimits{}, config_.submit_queue_bytes_max,
      [this] { link_->wake(); }, released_.get());
  auto restored = machine::reopen(*store_, *lanes_, sync::cluster_id(config_.cluster));
  if (!restored) return tl::unexpected(restored.error());
  machine_ = std::make_unique<machine::PeerMachine>(machine_config(*policy), *signer_, *lanes_,
                                                    *released_, std::move(*restored));
  wire_ = std::make_unique<LinkWire>(*link_);
  const auto desk = [this](const Message& message) { return answer_client(*this, message); };
  carrier_ = std::make_unique<machine::Carrier>(
      machine::CarrierParts{*machine_, *lanes_, *store_, *wire_, std::move(sink_), desk});
  return {};
}

machine::MachineConfig Driver::machine_config(const validator::Policy& policy) const {
  machine::MachineConfig machine;
  machine.cluster = sync::cluster_id(config_.cluster);
  machine.roster = roster_;
  for (const auto& peer : config_.roster) {
    if (!peer.voter) machine.observers.insert(peer.id);
  }
  if (!roster_.contains(signer_->id())) machine.sources = roster_.voters();
  machine.self = {0,
                  MemberStatus::alive,
                  config_.name,
                  link_->direct_endpoint(),
                  link_->gossip_endpoint(),
                  std::string(version),
                  policy.rules.id()};
  machine.custom_rules = validator::runnable_ids(policy);
  machine.finished_kept = config_.finished_kept;
  machine.log_bytes = config_.log_bytes_kept;
  machine.validators = config_.validators;
  machine.sync = *sync::mode_of(config_.sync);
  machine.attest_interval = std::chrono::milliseconds(config_.attest_interval_ms);
  machine.heartbeat_interval = std::chrono::milliseconds(config_.heartbeat_interval_ms);
  machine.pulls.timeout = std::chrono::milliseconds(config_.pull_timeout_ms);
  return machine;
}

}  // namespace vouch::driver
