// SPDX-License-Identifier: MIT
#include "tools/roster_file.hpp"

#include "tools/input_file.hpp"
#include "tools/json_view.hpp"

#include "vouch/config.hpp"
#include "vouch/observe/dump.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::tools {
namespace {

/// From an object with epoch, f, q and voters.
Result<membership::Roster> roster_of(const json::Value& object) {
  std::vector<PeerId> keys;
  for (const json::Value& voter : list(object, "voters")) {
    const auto key = PeerId::from_hex(text(voter, "key"));
    if (!key) return fail(Errc::malformed, "a voter's key has not 64 hexadecimal digits");
    keys.push_back(*key);
  }
  membership::Roster roster(keys, static_cast<std::uint32_t>(number(object, "epoch")));
  if (keys.empty() || roster.size() != keys.size() || keys.size() > limits::voters_max) {
    return fail(Errc::malformed, "no voters, too many, or one of them twice");
  }
  for (const json::Value& voter : list(object, "voters")) {
    roster.list(*PeerId::from_hex(text(voter, "key")),
                static_cast<std::uint32_t>(number(voter, "incarnation")));
  }
  if (number(object, "f") != membership::faults_tolerated(roster.size()) ||
      number(object, "q") != membership::quorum(roster.size())) {
    return fail(Errc::malformed, "f and q do not fit the number of voters");
  }
  return roster;
}

Result<NamedRoster> roster_of_config(const std::string& file) {
  const auto config = load_toml(file);
  if (!config) {
    return fail(Errc::malformed, file + " is neither a roster nor the config of a peer");
  }
  std::vector<PeerId> voters;
  for (const RosterEntry& peer : config->roster) {
    if (peer.voter) voters.push_back(peer.id);
  }
  if (voters.empty()) {
    return fail(Errc::malformed, file + " lists no peers; take the roster from the running peer");
  }
  return NamedRoster{config->cluster, {std::move(voters), 0}};
}

}  // namespace

Result<NamedRoster> read_roster(const std::string& file) {
  const auto content = read_whole(file);
  if (!content) return tl::unexpected(content.error());
  const auto object = json::parse(*content);
  if (!object) return roster_of_config(file);
  auto roster = roster_of(*object);
  if (!roster) return fail(Errc::malformed, file + ": " + roster.error().detail);
  return NamedRoster{text(*object, "cluster"), std::move(*roster)};
}

Result<NamedRoster> roster_of_dump(const json::Value& dump) {
  const json::Value* object = dump.find("roster");
  if (object == nullptr) {
    return fail(Errc::unknown, "this source does not know the roster; ask a running peer");
  }
  auto roster = roster_of(*object);
  if (!roster) return tl::unexpected(roster.error());
  return NamedRoster{text(dump, "cluster"), std::move(*roster)};
}

json::Value roster_json(const NamedRoster& named) {
  json::Object out{{"cluster", named.cluster}};
  for (auto& member : observe::roster_json(named.roster)) out.push_back(std::move(member));
  return json::Value(std::move(out));
}

}  // namespace vouch::tools
