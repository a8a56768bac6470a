// SPDX-License-Identifier: MIT
#include "vouch/config.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <thread>

#include "vouch/schemas/limits.hpp"
#include "vouch/sync/mode.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch {
namespace {

constexpr std::string_view tcp = "tcp://";

/// Port of tcp://host:port; 0 for "*", -1 when the text is no endpoint.
int port_of(const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  if (!endpoint.starts_with(tcp) || colon == std::string::npos || colon <= tcp.size()) return -1;
  const std::string_view port = std::string_view(endpoint).substr(colon + 1);
  if (port == "*") return 0;
  int number = -1;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == port.data() + port.size();
  return whole && number >= 1 && number <= 65535 ? number : -1;
}

std::string next_port(const std::string& endpoint) {
  const int port = port_of(endpoint);
  if (port <= 0) return endpoint;
  return endpoint.substr(0, endpoint.rfind(':') + 1) + std::to_string(port + 1);
}

/// A member of PolicySpec as the config names it.
std::string place_of(std::string_view member) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"rule_set", "ruleset"}, {"rules.", "levels."}, {"custom_rules", "custom"}};
  for (const auto& [theirs, ours] : names) {
    if (!member.starts_with(theirs)) continue;
    return "validation." + std::string(ours) + std::string(member.substr(theirs.size()));
  }
  return "validation." + std::string(member);
}

class Faults {
 public:
  void unless(bool good, std::string where, std::string what) {
    if (!good) list_.push_back({std::move(where), std::move(what)});
  }
  void endpoint(const std::string& where, const std::string& text, bool any_port) {
    const int port = port_of(text);
    unless(port > 0 || (port == 0 && any_port), where,
           "'" + text + "' is no endpoint; write tcp://host:port with a port from 1 to 65535");
  }
  void range(const std::string& where, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
    unless(value >= low && value <= high, where,
           std::to_string(value) + " is out of range; use " + std::to_string(low) + " to " +
               std::to_string(high));
  }
  void add_all(const tl::expected<validator::Policy, std::vector<ConfigFault>>& made) {
    if (!made) list_.insert(list_.end(), made.error().begin(), made.error().end());
  }
  std::vector<ConfigFault> take() { return std::move(list_); }

 private:
  std::vector<ConfigFault> list_;
};

void check_roster(const Config& config, Faults& faults) {
  std::set<PeerId> seen;
  std::size_t voters = 0;
  for (std::size_t i = 0; i < config.roster.size(); ++i) {
    const RosterEntry& entry = config.roster[i];
    const std::string where = "peers[" + std::to_string(i) + "]";
    faults.unless(crypto::curve_public_of(entry.id).has_value(), where + ".key",
                  "no key of a peer; take what vouch-peer keygen prints");
    faults.unless(seen.insert(entry.id).second, where + ".key", "this key is listed twice");
    faults.endpoint(where + ".endpoint", entry.endpoint, false);
    if (!entry.gossip.empty()) faults.endpoint(where + ".gossip", entry.gossip, false);
    voters += entry.voter ? 1 : 0;
  }
  faults.unless(config.roster.empty() || voters > 0, "peers", "none of them is a voter");
  faults.unless(voters <= limits::voters_max, "peers",
                "at most " + std::to_string(limits::voters_max) + " voters; use several groups");
  const std::size_t group = std::max<std::size_t>(voters, 1);
  faults.unless(config.validators <= group, "validators",
                "there are only " + std::to_string(group) + " voters; use 0 for the default");
  for (std::size_t i = 0; i < config.observers.size(); ++i) {
    const std::string where = "observers[" + std::to_string(i) + "].key";
    const PeerId& id = config.observers[i].id;
    faults.unless(crypto::curve_public_of(id).has_value(), where, "no key of a peer");
    faults.unless(seen.insert(id).second, where, "this key is listed twice");
  }
}

}  // namespace

tl::expected<validator::Policy, std::vector<ConfigFault>> ValidationConfig::policy() const {
  validator::PolicySpec spec;
  spec.rule_set = ruleset;
  spec.preset = preset;
  spec.profile = profile;
  if (!compat) spec.compat = false;
  spec.settings = levels;
  spec.overlays = overlays;
  spec.custom = custom;
  spec.later = later;
  auto made = validator::make_policy(spec);
  if (made) return std::move(*made);
  std::vector<ConfigFault> faults;
  for (validator::PolicyFault& fault : made.error()) {
    faults.push_back({place_of(fault.where), std::move(fault.what)});
  }
  return tl::unexpected(std::move(faults));
}

std::vector<ConfigFault> Config::validate() const {
  Faults faults;
  faults.unless(!cluster.empty(), "cluster", "a cluster has a name");
  faults.unless(!name.empty() && name.size() <= 64, "name", "a name has 1 to 64 bytes");
  faults.unless(!data.empty(), "data", "give the folder for the store");
  faults.endpoint("listen", listen, true);
  if (!gossip_listen.empty()) faults.endpoint("gossip_listen", gossip_listen, true);
  faults.add_all(validation.policy());
  faults.range("lanes", lanes, 0, 256);
  faults.unless(sync::mode_of(sync).has_value(), "sync",
                "use auto, gossip, crdt, merkle or snapshot");
  faults.range("attest_interval_ms", attest_interval_ms, 10, 60'000);
  faults.range("heartbeat_interval_ms", heartbeat_interval_ms, 50, 60'000);
  faults.range("pull_timeout_ms", pull_timeout_ms, 50, 60'000);
  faults.range("submit_queue_bytes_max", submit_queue_bytes_max, 1U << 20, std::uint64_t{1} << 40);
  faults.range("store_bytes_max", store_bytes_max, 1U << 20, std::uint64_t{1} << 46);
  faults.range("finished_kept", finished_kept, 0, 1U << 20);
  faults.range("log_bytes_kept", log_bytes_kept, 0, std::uint64_t{1} << 46);
  check_roster(*this, faults);
  return faults.take();
}

Config Config::resolved() const {
  Config out = *this;
  if (out.key_file.empty()) out.key_file = data / "peer.key";
  if (out.local_socket.empty()) out.local_socket = data / "run" / "vouch.sock";
  if (out.local_socket == "none") out.local_socket.clear();
  if (out.gossip_listen.empty()) out.gossip_listen = next_port(listen);
  if (out.lanes == 0) out.lanes = std::max(1U, std::thread::hardware_concurrency());
  for (RosterEntry& entry : out.roster) {
    if (entry.gossip.empty()) entry.gossip = next_port(entry.endpoint);
  }
  return out;
}

}  // namespace vouch
