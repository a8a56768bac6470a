// SPDX-License-Identifier: MIT
#include "tools/roster_file.hpp"

#include <algorithm>

#include "tools/input_file.hpp"
#include "tools/json_view.hpp"
#include <fmt/format.h>

#include "vouch/config.hpp"
#include "vouch/observe/rosters.hpp"
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
  if (object.find("bytes") == nullptr) return roster;
  auto whole = membership::decode_roster(from_hex(text(object, "bytes")).value_or(Bytes{}));
  const bool same =
      whole && whole->epoch() == roster.epoch() && whole->voters() == roster.voters() &&
      std::ranges::all_of(
          keys, [&](const PeerId& key) { return whole->lists(key, roster.incarnation_of(key)); });
  if (!same) return fail(Errc::malformed, "the bytes of a roster say something else than the rest");
  return whole;
}

/// Roster, first one and chain.
Result<NamedRoster> named_of(std::string cluster, const json::Value& object) {
  auto roster = roster_of(object);
  if (!roster) return tl::unexpected(roster.error());
  NamedRoster out{std::move(cluster), std::move(*roster)};
  if (const json::Value* first = object.find("first")) {
    auto read = roster_of(*first);
    if (!read) return tl::unexpected(read.error());
    out.first = std::move(*read);
  }
  out.rules = list(object, "rules");
  for (const json::Value& one : list(object, "chain")) {
    auto certificate = decode_certificate(from_hex(text(one, "certificate")).value_or(Bytes{}));
    if (!certificate || certificate->value.epoch != number(one, "epoch")) {
      return fail(Errc::malformed, fmt::format("what the chain has of epoch {} is no certificate",
                                               number(one, "epoch")));
    }
    out.chain.push_back(std::move(*certificate));
  }
  return out;
}

/// For people: who votes from an epoch on, beside the bytes of the certificate that says so.
json::Value link_json(const Certificate& certificate) {
  json::Object out{{"epoch", std::uint64_t{certificate.value.epoch}}};
  if (const auto roster = membership::decode_roster(certificate.roster)) {
    for (auto& member : observe::roster_json(*roster)) {
      if (member.first != "epoch" && member.first != "bytes") out.push_back(std::move(member));
    }
  }
  out.emplace_back("certificate", to_hex(encode_certificate(certificate)));
  return out;
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
  auto named = named_of(text(*object, "cluster"), *object);
  if (!named) return fail(Errc::malformed, file + ": " + named.error().detail);
  return named;
}

Result<NamedRoster> roster_of_dump(const json::Value& dump) {
  const json::Value* object = dump.find("roster");
  if (object == nullptr) {
    return fail(Errc::unknown, "this source does not know the roster; ask a running peer");
  }
  return named_of(text(dump, "cluster"), *object);
}

json::Value roster_json(const NamedRoster& named) {
  json::Object out{{"cluster", named.cluster}};
  for (auto& member : observe::roster_json(named.roster)) out.push_back(std::move(member));
  if (named.first && !named.chain.empty()) {
    out.emplace_back("first", observe::roster_json(*named.first));
    json::Array chain;
    for (const Certificate& one : named.chain) chain.push_back(link_json(one));
    out.emplace_back("chain", std::move(chain));
  }
  if (!named.rules.empty()) out.emplace_back("rules", named.rules);
  return json::Value(std::move(out));
}

}  // namespace vouch::tools
