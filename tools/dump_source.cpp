// SPDX-License-Identifier: MIT
#include "tools/dump_source.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "vouch/client/peer_client.hpp"
#include "vouch/consensus/no_chains.hpp"
#include "vouch/observe/disputes.hpp"
#include "vouch/observe/dump.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::tools {
namespace {

constexpr std::chrono::seconds peer_timeout{5};

/// Stored rows are read without a key: nothing is signed here.
struct NoSigner final : Signer {
  PeerId nobody;
  const PeerId& id() const override { return nobody; }
  Signature sign(ByteView) const override { return {}; }
  bool verify(const PeerId&, ByteView, const Signature&) const override { return false; }
};

/// What the store keeps of the agreement. Its roster is that of the members that ever wrote.
Result<json::Array> stored_disputes(const store::Snapshot& store, const state::State& state) {
  const NoSigner signer;
  const consensus::NoChains chains;
  std::vector<PeerId> voters;
  for (const auto& [peer, cell] : state.members.entries()) voters.push_back(peer);
  consensus::Agreement agreement({{}, membership::Roster(voters, 0), signer, chains, "", 0, {}});
  std::vector<Certificate> certificates;
  std::size_t odd = 0;
  std::vector<std::pair<Bytes, Bytes>> rows;
  auto read = store.scan(Table::agreement, {}, [&](ByteView key, ByteView row) {
    if (key.size() > SubjectId::size) return true;  // of rosters, which are not looked at
    rows.emplace_back(to_bytes(key), to_bytes(row));
    return true;
  });
  odd += agreement.restore(rows);
  if (read) {
    read = store.scan(Table::certificates, {}, [&](ByteView, ByteView row) {
      auto certificate = decode_certificate(row);
      certificate ? certificates.push_back(std::move(*certificate)) : void(++odd);
      return true;
    });
  }
  if (!read) return tl::unexpected(read.error());
  if (odd > 0) return fail(Errc::malformed, fmt::format("{} rows of votes of another form", odd));
  return observe::disputes_json(
      {agreement, state, std::move(voters), std::nullopt, std::move(certificates)});
}

Result<json::Value> load_file(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  auto value = json::parse(text.str());
  if (!in || !value) return fail(Errc::malformed, file + " holds no dump; make one with --json");
  return std::move(*value);
}

Result<json::Value> load_peer(const std::string& text, const std::filesystem::path& key,
                              const Dump& wanted) {
  const auto endpoint = client::Endpoint::parse(text, key);
  if (!endpoint) return tl::unexpected(endpoint.error());
  auto peer = client::PeerClient::connect(*endpoint, key, peer_timeout);
  if (!peer) return tl::unexpected(peer.error());
  const auto dump = (*peer)->dump(wanted);
  if (!dump) return tl::unexpected(dump.error());
  auto value = json::parse(*dump);
  if (!value) return fail(Errc::malformed, "the peer's answer is no JSON");
  return std::move(*value);
}

}  // namespace

Result<std::unique_ptr<store::Snapshot>> open_folder(const std::filesystem::path& folder) {
  const auto data = std::filesystem::exists(folder / "store") ? folder : folder / "data";
  return store::Snapshot::take(data / "store");
}

Result<json::Value> load_folder(const std::filesystem::path& folder) {
  auto store = open_folder(folder);
  if (!store) return tl::unexpected(store.error());
  state::State state;
  FrontierMap frontier;
  std::size_t odd = 0;
  auto read = (*store)->scan(Table::cells, {}, [&](ByteView key, ByteView row) {
    if (!state::restore_cell(key, row, state)) ++odd;
    return true;
  });
  if (read) {
    read = (*store)->scan(Table::frontier, {}, [&](ByteView key, ByteView row) {
      if (!sync::Replica::restore_frontier(key, row, frontier)) ++odd;
      return true;
    });
  }
  if (!read) return tl::unexpected(read.error());
  if (odd > 0)
    return fail(Errc::malformed,
                fmt::format("{} rows of another form in {}", odd, folder.string()));
  auto disputes = stored_disputes(**store, state);
  if (!disputes) return tl::unexpected(disputes.error());
  json::Object out{{"folder", folder.string()}, {"live", false}};
  for (auto& member : observe::dump_stored(state, frontier)) out.push_back(std::move(member));
  out.emplace_back("disputes", std::move(*disputes));
  return json::Value(std::move(out));
}

Result<json::Value> load_dump(const std::string& text, const std::filesystem::path& key,
                              const Dump& wanted) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(text, ignored)) return load_folder(text);
  if (fs::is_regular_file(text, ignored)) return load_file(text);
  return load_peer(text, key, wanted);
}

}  // namespace vouch::tools
