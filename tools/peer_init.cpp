// init and keygen: files that a peer starts from.
// SPDX-License-Identifier: MIT
#include <fstream>
#include <iostream>

#include "tools/commands.hpp"
#include <fmt/format.h>

#include "vouch/config.hpp"
#include "vouch/transport/crypto.hpp"
#include "vouch/transport/key_file.hpp"

namespace vouch::tools {
namespace fs = std::filesystem;

int failed(const std::string& what) {
  fmt::print(stderr, "vouch-peer: {}\n", what);
  return exit_failed;
}

int run_init(const InitOptions& options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error)
    return failed(fmt::format("cannot make {}: {}", options.folder.string(), error.message()));
  fs::permissions(options.folder, fs::perms::owner_all, error);
  const fs::path config_file = options.folder / "vouch.toml";
  const fs::path key_file = options.folder / "peer.key";
  if (fs::exists(config_file) && !options.force) {
    return failed(fmt::format("{} exists; use --force to write it anew", config_file.string()));
  }
  if (!fs::exists(key_file)) {
    if (auto saved = transport::save_seed(key_file, crypto::random_seed()); !saved) {
      return failed(saved.error().detail);
    }
  }
  const auto seed = transport::load_seed(key_file);
  if (!seed) return failed(seed.error().detail);
  const PeerId id = crypto::SigningKey(*seed).id();
  Config config;
  config.name =
      options.name.empty() ? fs::absolute(options.folder).filename().string() : options.name;
  config.data = "data";
  config.key_file = "peer.key";
  config.listen = options.listen;
  std::ofstream file(config_file, std::ios::trunc);
  file << commented_config(config);
  file.close();
  if (!file) return failed(fmt::format("cannot write {}", config_file.string()));
  fmt::print("{}\n", id.hex());
  fmt::print(stderr, "Wrote {} and {}.\nStart it:  vouch-peer run --config {}\n",
             config_file.string(), key_file.string(), config_file.string());
  return exit_ok;
}

int run_keygen(const KeygenOptions& options) {
  const fs::path& file = options.file.empty() ? options.show : options.file;
  if (!options.file.empty()) {
    if (auto saved = transport::save_seed(file, crypto::random_seed()); !saved) {
      return failed(saved.error().detail);
    }
  }
  const auto seed = transport::load_seed(file);
  if (!seed) return failed(seed.error().detail);
  fmt::print("{}\n", crypto::SigningKey(*seed).id().hex());
  return exit_ok;
}

}  // namespace vouch::tools
