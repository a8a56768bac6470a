// SPDX-License-Identifier: MIT
#include "bench/validate/official.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

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

std::optional<double> official_events_per_second(const EventStream& stream) {
  std::string folder = (fs::temp_directory_path() / "vouch-official-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return std::nullopt;
  std::ofstream(folder + "/events.jsonl") << stream.text();
  fs::copy_file(VOUCH_SOURCE_DIR "/bench/validate/official.mjs", folder + "/official.mjs");
  const auto out = output_of(fmt::format(
      "cd '{}' && npm install --silent --no-audit --no-fund --save-exact "
      "--omit-lockfile-registry-resolved @ag-ui/client@1.0.0 >&2 && node official.mjs events.jsonl",
      folder));
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  if (!out) return std::nullopt;
  return std::strtod(out->c_str(), nullptr);
}

}  // namespace vouch::bench
