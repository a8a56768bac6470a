// SPDX-License-Identifier: MIT
#include "tools/roster_told.hpp"

#include "tools/json_view.hpp"

#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch::tools {
namespace {

std::set<PeerId> keys(const json::Array& array) {
  std::set<PeerId> out;
  for (const json::Value& one : array) {
    const std::string* hex = one.get<std::string>();
    const auto key = hex == nullptr ? std::nullopt : PeerId::from_hex(*hex);
    if (key) out.insert(*key);
  }
  return out;
}

Result<membership::Roster> roster_in(const json::Value& object) {
  const auto bytes = from_hex(text(object, "bytes"));
  return membership::decode_roster(bytes.value_or(Bytes{}));
}

/// The first one, and those that the certificates of the chain name.
Result<std::map<std::uint32_t, membership::Roster>> chain_in(const json::Value& object) {
  std::map<std::uint32_t, membership::Roster> out;
  const json::Value* first = object.find("first");
  auto roster = roster_in(first == nullptr ? json::Value() : *first);
  if (!roster) return tl::unexpected(roster.error());
  out.emplace(roster->epoch(), std::move(*roster));
  for (const json::Value& one : list(object, "chain")) {
    const auto bytes = from_hex(text(one, "certificate"));
    const auto certificate = decode_certificate(bytes.value_or(Bytes{}));
    if (!certificate) return tl::unexpected(certificate.error());
    auto next = membership::decode_roster(certificate->roster);
    if (!next) return tl::unexpected(next.error());
    out.emplace(next->epoch(), std::move(*next));
  }
  return out;
}

}  // namespace

Result<ToldRosters> read_told(const std::string& told) {
  const auto object = json::parse(told);
  const json::Value* roster = object ? object->find("roster") : nullptr;
  if (roster == nullptr) return fail(Errc::malformed, "the peer answered something else");
  auto chain = chain_in(*roster);
  if (!chain) return tl::unexpected(chain.error());
  ToldRosters out;
  out.cluster = text(*object, "cluster");
  out.peer = PeerId::from_hex(text(*object, "peer")).value_or(PeerId{});
  out.rosters = std::move(*chain);
  for (const json::Value& one : list(*roster, "rules")) {
    out.rules[static_cast<std::uint32_t>(number(one, "epoch"))] = text(one, "rule_set");
  }
  out.in_force = flag(*object, "in_force");
  out.votes = flag(*object, "votes");
  if (object->find("handed_over") != nullptr) {
    out.handed_over = keys(list(*object, "handed_over"));
  }
  if (const json::Value* deciding = object->find("deciding")) out.deciding = *deciding;
  out.heard = keys(list(*object, "heard"));
  for (const json::Value& one : list(*object, "proposed")) {
    auto proposed = roster_in(one);
    if (!proposed) return tl::unexpected(proposed.error());
    out.proposed.push_back({std::move(*proposed), keys(list(one, "by")),
                            static_cast<std::size_t>(number(one, "needed"))});
  }
  for (const json::Value& one : list(*object, "writes_as")) {
    const auto key = PeerId::from_hex(text(one, "key"));
    if (key) out.writes_as[*key] = static_cast<std::uint32_t>(number(one, "incarnation"));
  }
  return out;
}

}  // namespace vouch::tools
