// TOML in and out; the only file that knows toml++. One table of keys serves reading, hints and
// writing.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "vouch/config.hpp"
#include "vouch/schemas/nearest.hpp"

namespace vouch {
namespace {

namespace fs = std::filesystem;

using FaultList = std::vector<ConfigFault>;

/// Where a node stands, for faults.
struct Place {
  const std::string& file;
  std::string at(const toml::source_region& source) const {
    return fmt::format("{}:{}:{}", file, source.begin.line, source.begin.column);
  }
};

std::string unknown_key(std::string_view key, const std::vector<std::string_view>& known) {
  std::string text = fmt::format("unknown key '{}'", key);
  const std::string_view meant = nearest(key, known, 3);
  if (!meant.empty()) text += fmt::format("; did you mean '{}'?", meant);
  return text;
}

bool read(const toml::node& node, std::string& out) {
  const auto value = node.value_exact<std::string>();
  if (value) out = *value;
  return value.has_value();
}
bool read(const toml::node& node, fs::path& out) {
  const auto value = node.value_exact<std::string>();
  if (value) out = *value;
  return value.has_value();
}
bool read(const toml::node& node, bool& out) {
  const auto value = node.value_exact<bool>();
  if (value) out = *value;
  return value.has_value();
}
bool read(const toml::node& node, std::vector<std::string>& out) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return false;
  for (const toml::node& item : *array) {
    const auto value = item.value_exact<std::string>();
    if (!value) return false;
    out.push_back(*value);
  }
  return true;
}
template <class Number>
bool read_number(const toml::node& node, Number& out) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < 0 ||
      static_cast<std::uint64_t>(*value) > std::numeric_limits<Number>::max()) {
    return false;
  }
  out = static_cast<Number>(*value);
  return true;
}
bool read(const toml::node& node, std::uint32_t& out) {
  return read_number(node, out);
}
bool read(const toml::node& node, std::uint64_t& out) {
  return read_number(node, out);
}
bool read(const toml::node& node, PeerId& out) {
  const auto value = node.value_exact<std::string>();
  const auto id = value ? PeerId::from_hex(*value) : std::nullopt;
  if (id) out = *id;
  return id.has_value();
}

constexpr const char* expects(const std::string&) {
  return "a string in quotes";
}
constexpr const char* expects(const std::vector<std::string>&) {
  return "a list of strings in quotes";
}
constexpr const char* expects(const fs::path&) {
  return "a path in quotes";
}
constexpr const char* expects(const bool&) {
  return "true or false";
}
constexpr const char* expects(const std::uint32_t&) {
  return "a whole number, not negative";
}
constexpr const char* expects(const std::uint64_t&) {
  return "a whole number, not negative";
}
constexpr const char* expects(const PeerId&) {
  return "a key: 64 hexadecimal digits in quotes";
}

/// Calls visit(name, comment, member) for every scalar key.
template <class C, class Visit>
void visit_config(C& c, Visit visit) {
  visit("cluster", "Name of the cluster. Peers of other clusters are refused.", c.cluster);
  visit("name", "Name of this peer, for people.", c.name);
  visit("data", "Folder of the store.", c.data);
  visit("key_file", "Secret key, 0600. Empty: peer.key in the data folder.", c.key_file);
  visit("local_socket",
        "Socket for submitters and dumpers of this host, in a folder of its own (0700).\n"
        "# Empty: run/vouch.sock in the data folder. \"none\": no local socket.",
        c.local_socket);
  visit("listen", "Endpoint for requests of peers and remote clients; port * takes any.", c.listen);
  visit("gossip_listen", "Endpoint for gossip. Empty: the next port.", c.gossip_listen);
  visit("lanes", "Streams are spread over so many lanes. 0: one per core.", c.lanes);
  visit("validators",
        "Voters that validate a stream, this peer included. 0: one more than a quorum.",
        c.validators);
  visit("sync",
        "How peers are kept equal; the same on every peer. auto: batches are told to all, what\n"
        "# is missing is asked for. gossip: only told, what gets lost comes with the next start.\n"
        "# crdt: only asked for, when heartbeats show a difference: slower, least traffic.\n"
        "# merkle: told; of what was missed others are asked for the parts of the state that "
        "differ.\n"
        "# snapshot: the same with the whole state.",
        c.sync);
  visit("attest_interval_ms", "How often streams are attested when nobody waits.",
        c.attest_interval_ms);
  visit("heartbeat_interval_ms", "How often this peer says that it lives.",
        c.heartbeat_interval_ms);
  visit("pull_timeout_ms", "After this a request for missing batches counts as lost.",
        c.pull_timeout_ms);
  visit("submit_queue_bytes_max",
        "Bytes that may wait for validators; then submitters are told: busy.",
        c.submit_queue_bytes_max);
  visit("store_bytes_max", "The store never grows beyond this.", c.store_bytes_max);
  visit("finished_kept",
        "Streams that are over, and as many proposals that are decided, stay in memory. Those\n"
        "# before are on disk alone, once all voters have finished them.",
        c.finished_kept);
  visit(
      "log_bytes_kept",
      "Of each peer's log the newest batches stay in the store, so many bytes of them, and all "
      "that\n"
      "# too few voters have read. Who needs older ones takes the state from others. 0: all stay.",
      c.log_bytes_kept);
}

/// The same for [validation].
template <class V, class Visit>
void visit_validation(V& v, Visit visit) {
  visit("ruleset", "agui-1.1, agui-1.0 or agui-0.0.58; the same on every peer of the cluster.",
        v.ruleset);
  visit("profile",
        "strict: is this producer correct. consumer: what a conforming client would do.\n"
        "# Empty: as the preset says, else strict. The same on every peer.",
        v.profile);
  visit("compat", "Translate retired events. The same on every peer.", v.compat);
  visit("preset", "strict, production, development, permissive or testing. Empty: none.", v.preset);
  visit("overlays",
        "More checks: hygiene, timing, local; the last two also as \"timing:strict\" or\n"
        "# \"timing:permissive\".",
        v.overlays);
}

template <class E, class Visit>
void visit_peer(E& e, Visit visit) {
  visit("name", e.name);
  visit("key", e.id);
  visit("endpoint", e.endpoint);
  visit("gossip", e.gossip);
  visit("voter", e.voter);
}

template <class E, class Visit>
void visit_observer(E& e, Visit visit) {
  visit("name", e.name);
  visit("key", e.id);
}

class Loader {
 public:
  Loader(const std::string& file, FaultList& faults) : place_{file}, faults_(faults) {}

  /// Where the value that `where` names stands in the file, or just the file.
  std::string place_of(const std::string& where) const {
    const auto found = values_.find(where);
    return found == values_.end() ? place_.file : place_.at(found->second);
  }

  /// Its form is a fault already, so what its default value lacks is not worth a second one.
  bool faulted(const std::string& where) const { return faulted_.contains(where); }

  Config load(const toml::table& root) {
    Config config;
    std::vector<std::string_view> known{"peers", "observers", "validation"};
    visit_config(config, [&](std::string_view name, const char*, auto& member) {
      known.push_back(name);
      take(root, name, std::string(name), member);
    });
    refuse_unknown(root, known);
    load_validation(root, config.validation);
    load_list(root, "peers", config.roster, [](auto& e, auto visit) { visit_peer(e, visit); });
    load_list(root, "observers", config.observers,
              [](auto& e, auto visit) { visit_observer(e, visit); });
    return config;
  }

 private:
  template <class Member>
  bool take(const toml::table& table, std::string_view name, const std::string& where,
            Member& member) {
    const toml::node* node = table.get(name);
    if (node == nullptr) return false;
    values_.emplace(where, node->source());
    if (read(*node, member)) return true;
    faulted_.insert(where);
    faults_.push_back(
        {place_.at(node->source()), fmt::format("{} expects {}", name, expects(member))});
    return true;
  }

  void load_validation(const toml::table& root, ValidationConfig& out) {
    const toml::node* node = root.get("validation");
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    if (table == nullptr) {
      faults_.push_back({place_.at(node->source()), "write it as a table: [validation]"});
      return;
    }
    const std::string where = "validation.";
    std::vector<std::string_view> known{"levels"};
    visit_validation(out, [&](std::string_view name, const char*, auto& member) {
      known.push_back(name);
      take(*table, name, where + std::string(name), member);
    });
    refuse_unknown(*table, known);
    if (const toml::array* overlays = table->get_as<toml::array>("overlays")) {
      for (std::size_t i = 0; i < overlays->size(); ++i) {
        values_.emplace(fmt::format("validation.overlays[{}]", i), overlays->get(i)->source());
      }
    }
    const toml::node* levels = table->get("levels");
    if (levels == nullptr) return;
    if (levels->as_table() == nullptr) {
      faults_.push_back({place_.at(levels->source()), "write it as a table: [validation.levels]"});
      return;
    }
    load_levels(*levels->as_table(), "", out.levels);
  }

  /// A rule's id has a dot, which TOML reads as a table in a table unless it is quoted.
  void load_levels(const toml::table& table, const std::string& before,
                   std::vector<validator::RuleSetting>& out) {
    for (const auto& [key, node] : table) {
      const std::string rule = before + std::string(key.str());
      if (const toml::table* deeper = node.as_table()) {
        load_levels(*deeper, rule + ".", out);
        continue;
      }
      values_.emplace("validation.levels." + rule, key.source());
      const auto level = node.value_exact<std::string>();
      if (level) {
        out.push_back({rule, *level});
      } else {
        faults_.push_back(
            {place_.at(node.source()),
             fmt::format("{} expects a level in quotes: off, info, warning or fatal", rule)});
      }
    }
  }

  void refuse_unknown(const toml::table& table, const std::vector<std::string_view>& known) {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      faults_.push_back({place_.at(key.source()), unknown_key(key.str(), known)});
    }
  }

  template <class Entry, class Members>
  void load_list(const toml::table& root, std::string_view name, std::vector<Entry>& out,
                 Members members) {
    const toml::node* node = root.get(name);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr || !array->is_homogeneous<toml::table>()) {
      faults_.push_back(
          {place_.at(node->source()), fmt::format("write every entry as [[{}]]", name)});
      return;
    }
    for (const toml::node& item : *array) {
      const toml::table& table = *item.as_table();
      Entry entry;
      std::vector<std::string_view> known;
      const std::string where = fmt::format("{}[{}].", name, out.size());
      members(entry, [&](std::string_view key, auto& member) {
        known.push_back(key);
        const bool present = take(table, key, where + std::string(key), member);
        if (!present && (key == "key" || key == "endpoint")) {
          faulted_.insert(where + std::string(key));
          faults_.push_back({place_.at(table.source()), fmt::format("this entry lacks '{}'", key)});
        }
      });
      refuse_unknown(table, known);
      out.push_back(std::move(entry));
    }
  }

  Place place_;
  FaultList& faults_;
  std::set<std::string> faulted_;
  std::map<std::string, toml::source_region> values_;  ///< by the name that validate() uses
};

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

std::string written(const std::string& value) {
  return quoted(value);
}
std::string written(const fs::path& value) {
  return quoted(value.string());
}
std::string written(bool value) {
  return value ? "true" : "false";
}
std::string written(std::uint32_t value) {
  return std::to_string(value);
}
std::string written(std::uint64_t value) {
  return std::to_string(value);
}
std::string written(const PeerId& value) {
  return quoted(value.hex());
}

std::string written(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() > 1 ? ", " : "") + quoted(value);
  return out + "]";
}

constexpr const char* levels_comment = R"(
# Levels of single rules, by number or id: off, info, warning or fatal. What touches fatal changes
# the id of the rule set, which every peer of the cluster shares.
[validation.levels]
)";

constexpr const char* roster_comment = R"(
# All voters that the cluster began with, this peer included; none: this peer alone. Every peer
# lists the same. Who votes later is decided by them: vouch-peer roster. Whoever joins is listed
# with voter = false, and that stays.
# [[peers]]
# name = "a"
# key = "<what vouch-peer keygen printed there>"
# endpoint = "tcp://10.0.0.1:7411"   # its listen
# gossip = "tcp://10.0.0.1:7412"     # its gossip_listen; default: the next port
# voter = true
)";

constexpr const char* observer_comment = R"(
# Keys that may submit and dump over tcp, but have no vote.
# [[observers]]
# name = "agent"
# key = "<public key>"
)";

}  // namespace

LoadedConfig parse_toml(std::string_view text, const std::string& file, const fs::path& base) {
  FaultList faults;
  Config config;
  Loader loader(file, faults);
  try {
    config = loader.load(toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    faults.push_back({Place{file}.at(error.source()), std::string(error.description())});
    return tl::unexpected(std::move(faults));
  }
  for (fs::path* path : {&config.data, &config.key_file, &config.local_socket}) {
    if (!path->empty() && *path != "none" && path->is_relative()) *path = base / *path;
  }
  for (ConfigFault& fault : config.validate()) {
    if (loader.faulted(fault.where)) continue;
    fault.where = loader.place_of(fault.where) + ": " + fault.where;
    faults.push_back(std::move(fault));
  }
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return config;
}

LoadedConfig load_toml(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    return tl::unexpected(
        FaultList{{file.string(), "cannot be read; make one with vouch-peer init DIR"}});
  }
  return parse_toml(text.str(), file.string(), fs::absolute(file).parent_path());
}

std::string commented_config(const Config& config) {
  std::string out = "# Configuration of a vouch peer. Relative paths are relative to this file.\n";
  visit_config(config, [&out](const char* name, const char* comment, const auto& member) {
    out += fmt::format("\n# {}\n{} = {}\n", comment, name, written(member));
  });
  out += "\n# How this peer judges.\n[validation]\n";
  visit_validation(config.validation,
                   [&out](const char* name, const char* comment, const auto& member) {
                     out += fmt::format("\n# {}\n{} = {}\n", comment, name, written(member));
                   });
  out += levels_comment;
  for (const validator::RuleSetting& one : config.validation.levels) {
    out += fmt::format("{} = {}\n", quoted(one.rule), quoted(one.level));
  }
  out += roster_comment;
  for (const RosterEntry& entry : config.roster) {
    out += "\n[[peers]]\n";
    visit_peer(entry, [&out](const char* name, const auto& member) {
      out += fmt::format("{} = {}\n", name, written(member));
    });
  }
  out += observer_comment;
  for (const ObserverEntry& entry : config.observers) {
    out += "\n[[observers]]\n";
    visit_observer(entry, [&out](const char* name, const auto& member) {
      out += fmt::format("{} = {}\n", name, written(member));
    });
  }
  return out;
}

}  // namespace vouch
