// Everything that can be set about a peer, with its default and reason; from code or from TOML.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "vouch/schemas/ids.hpp"
#include "vouch/validator/policy.hpp"

namespace vouch {

/// A voter, as every peer of the cluster lists it. Endpoint and key belong together: an address
/// without a key cannot be connected to.
struct RosterEntry {
  std::string name;
  PeerId id;
  std::string endpoint;  ///< tcp://host:port of its `listen`
  std::string gossip;    ///< of its `gossip_listen`; empty = the next port
  bool voter = true;     ///< false: connected to, but without a vote
  bool operator==(const RosterEntry&) const = default;
};

/// A key that may submit and dump, but has no vote.
struct ObserverEntry {
  std::string name;
  PeerId id;
  bool operator==(const ObserverEntry&) const = default;
};

/// One thing that is wrong, and what to do about it.
struct ConfigFault {
  std::string where;  ///< "file:line:column" from TOML, or the name of the field
  std::string what;
  std::string text() const { return where.empty() ? what : where + ": " + what; }
  bool operator==(const ConfigFault&) const = default;
};

/// How this peer judges. Rule set, profile, compat, pure custom rules and levels that touch fatal
/// make the id of the rule set, which all peers of a cluster share; the rest is what this peer
/// reports.
struct ValidationConfig {
  std::string ruleset = "agui-1.1";  ///< agui-1.1, agui-1.0, agui-0.0.58
  std::string profile;               ///< strict or consumer; empty: as the preset, else strict
  bool compat = true;                ///< translate retired events
  std::string preset;  ///< strict, production, development, permissive, testing; empty: none
  std::vector<std::string> overlays;           ///< as Overlays::select takes them
  std::vector<validator::RuleSetting> levels;  ///< by number or id; win over the preset
  validator::CustomRules custom;               ///< from code alone
  /// From code alone: pure rules that judge nothing until the cluster changes to a rule set that
  /// names them (docs/ROSTER.md).
  validator::CustomRules later;
  bool operator==(const ValidationConfig&) const = default;

  /// Faults have the place "validation.<key>".
  tl::expected<validator::Policy, std::vector<ConfigFault>> policy() const;
};

struct Config {
  std::string cluster = "vouch";  ///< peers of other clusters are refused
  std::string name = "peer";
  std::filesystem::path data = "data";
  std::filesystem::path key_file;  ///< empty: peer.key in the data folder, made when new
  std::filesystem::path
      local_socket;  ///< empty: run/vouch.sock in the data folder; "none": no socket
  std::string listen = "tcp://127.0.0.1:7411";  ///< requests; port * takes any
  std::string gossip_listen;                    ///< empty: the next port
  std::uint32_t lanes = 0;                      ///< 0: one per core
  std::uint32_t validators = 0;  ///< per stream, this peer included; 0: one more than a quorum
  std::string sync = "auto";     ///< how peers are kept equal (sync/mode.hpp)
  std::uint32_t attest_interval_ms = 1000;
  std::uint32_t heartbeat_interval_ms = 1000;
  std::uint32_t pull_timeout_ms = 1000;
  std::uint64_t submit_queue_bytes_max = std::uint64_t{64}
                                         << 20;  ///< then submitters are told: busy
  std::uint64_t store_bytes_max = std::uint64_t{16} << 30;
  std::uint32_t finished_kept = 4096;  ///< streams, and proposals, that stay in memory
  std::uint64_t log_bytes_kept = std::uint64_t{64} << 20;  ///< of each log; 0: all
  ValidationConfig validation;
  std::vector<RosterEntry> roster;  ///< all voters, this peer included; empty: this peer alone
  std::vector<ObserverEntry> observers;

  bool operator==(const Config&) const = default;

  /// Every fault at once; none means the config can be used.
  std::vector<ConfigFault> validate() const;
  /// The same with every "empty: ..." default filled in.
  Config resolved() const;
};

using LoadedConfig = tl::expected<Config, std::vector<ConfigFault>>;

/// Reads a TOML file; relative paths are relative to its folder. Unknown keys, wrong types and
/// values out of range are faults with line and column, all of them at once.
LoadedConfig load_toml(const std::filesystem::path& file);
/// The same from text; `base` is what relative paths start from, `file` is named in faults.
LoadedConfig parse_toml(std::string_view text, const std::string& file,
                        const std::filesystem::path& base);

/// TOML with a comment on every key, which loads back equal (but for absolute paths).
std::string commented_config(const Config& config);

}  // namespace vouch
