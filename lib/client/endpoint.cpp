// SPDX-License-Identifier: MIT
#include "vouch/client/peer_client.hpp"
#include "vouch/config.hpp"

namespace vouch::client {
namespace {

constexpr std::string_view tcp = "tcp://";
constexpr std::string_view ipc = "ipc://";

std::optional<PeerId> key_from_config(const std::string& address,
                                      const std::filesystem::path& key_file) {
  const auto config_file = key_file.parent_path() / "vouch.toml";
  if (key_file.empty() || !std::filesystem::exists(config_file)) return std::nullopt;
  const auto config = load_toml(config_file);
  if (!config) return std::nullopt;
  for (const auto& peer : config->roster) {
    if (peer.endpoint == address) return peer.id;
  }
  return std::nullopt;
}

}  // namespace

Result<Endpoint> Endpoint::parse(const std::string& text, const std::filesystem::path& key_file) {
  if (text.starts_with(ipc)) return Endpoint{text, std::nullopt};
  if (!text.starts_with(tcp)) return Endpoint{std::string(ipc) + text, std::nullopt};
  if (key_file.empty()) {
    return fail(Errc::invalid_config,
                "a tcp address needs --key FILE with a key that the peer allows");
  }
  const std::string rest = text.substr(tcp.size());
  const auto at = rest.find('@');
  if (at != std::string::npos) {
    const auto peer = PeerId::from_hex(rest.substr(0, at));
    if (!peer)
      return fail(Errc::invalid_config, "before the @ stands the peer's key, 64 hex digits");
    return Endpoint{std::string(tcp) + rest.substr(at + 1), peer};
  }
  const auto peer = key_from_config(text, key_file);
  if (!peer) {
    return fail(Errc::invalid_config,
                "which key must answer at " + text +
                    "? Write tcp://KEY@host:port; the ready line of the peer shows it");
  }
  return Endpoint{text, peer};
}

}  // namespace vouch::client
