// The commands of vouch-peer. Each takes its parsed options and gives the exit code.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tools/exit_codes.hpp"

namespace vouch::tools {

struct InitOptions {
  std::filesystem::path folder;
  std::string name;
  std::string listen = "tcp://127.0.0.1:7411";
  bool force = false;
};
int run_init(const InitOptions& options);

struct KeygenOptions {
  std::filesystem::path file;  ///< where the new key goes; empty: only show `show`
  std::filesystem::path show;  ///< print the public key of this file
};
int run_keygen(const KeygenOptions& options);

struct RunOptions {
  std::filesystem::path config;
  bool check = false;  ///< only check the config
};
int run_peer(const RunOptions& options);

struct SubmitOptionsCli {
  std::string peer;
  std::filesystem::path key;
  std::string stream;
  std::string file = "-";
  bool close = false;
  bool quiet = false;
  std::uint32_t timeout_ms = 10'000;
};
int run_submit(const SubmitOptionsCli& options);

struct DemoOptions {
  std::filesystem::path streams;
  std::uint32_t peers = 4;
  std::uint32_t seconds = 55;
  bool keep = false;  ///< keep the temporary folder
  bool json = false;
};
int run_demo(const DemoOptions& options);

struct RulesOptions {
  std::string name;             ///< number or id of one rule; empty: all of them
  std::string format = "text";  ///< text or json; json is one object a line
};
int run_rules(const RulesOptions& options);

/// Prints "vouch-peer: <what>" and what to do on standard error; gives exit_failed.
int failed(const std::string& what);

}  // namespace vouch::tools
