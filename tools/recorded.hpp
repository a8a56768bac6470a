// Recorded AG-UI streams from a JSON Lines file: {"name": ..., "events": [...]} a line.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vouch/schemas/error.hpp"

namespace vouch::tools {

struct RecordedStream {
  std::string name;
  std::vector<std::string> events;
};

/// Lines that are no streams (lists of single events for format tests, raw SSE text) are left out.
Result<std::vector<RecordedStream>> read_recorded(const std::filesystem::path& file);

}  // namespace vouch::tools
