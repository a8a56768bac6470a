// SPDX-License-Identifier: MIT
#include "tools/recorded.hpp"

#include <fstream>

#include <fmt/format.h>

#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::tools {
namespace {

constexpr std::string_view not_a_stream = "dotnet-compat/";

/// Stream names have at most 256 bytes; recorded test names can be longer.
std::string shortened(const std::string& name) {
  if (name.size() <= limits::stream_name_bytes_max) return name;
  return name.substr(name.size() - limits::stream_name_bytes_max);
}

}  // namespace

Result<std::vector<RecordedStream>> read_recorded(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return fail(Errc::io, "cannot read " + file.string());
  std::vector<RecordedStream> streams;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    const auto value = json::parse(line);
    const std::string* name = value ? value->find_text("name") : nullptr;
    if (name == nullptr) {
      return fail(Errc::malformed, fmt::format("{}:{}: no recorded stream", file.string(), number));
    }
    const json::Value* events = value->find("events");
    if (events == nullptr || events->get<json::Array>() == nullptr ||
        name->starts_with(not_a_stream)) {
      continue;
    }
    RecordedStream stream{shortened(*name), {}};
    for (const json::Value& event : *events->get<json::Array>()) {
      stream.events.push_back(json::to_text(event));
    }
    streams.push_back(std::move(stream));
  }
  return streams;
}

}  // namespace vouch::tools
