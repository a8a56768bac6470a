// SPDX-License-Identifier: MIT
#include "bench/npm.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

namespace vouch::bench {
namespace {

namespace fs = std::filesystem;

/// What a shell command prints; nothing when it fails.
std::optional<std::string> output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string out;
  std::array<char, 256> part;
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) out += part.data();
  if (::pclose(pipe) != 0) return std::nullopt;
  return out;
}

}  // namespace

std::optional<std::string> output_of_script(const fs::path& script, const std::string& packages,
                                            const std::string& input) {
  std::string folder = (fs::temp_directory_path() / "vouch-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return std::nullopt;
  std::ofstream(folder + "/input") << input;
  fs::copy_file(script, folder + "/script.mjs");
  const auto out =
      output_of(fmt::format("cd '{}' && npm install --silent --no-audit --no-fund --save-exact "
                            "--omit-lockfile-registry-resolved {} >&2 && node script.mjs input",
                            folder, packages));
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return out;
}

}  // namespace vouch::bench
