// Where a dump comes from: a running peer, a data folder, or a file made with --json.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/store/snapshot.hpp"

namespace vouch::tools {

/// `text`: an endpoint (see client::Endpoint::parse), a data folder, or a JSON file. A running peer
/// tells what is wanted alone; a folder and a file may hold more, and less.
Result<json::Value> load_dump(const std::string& text, const std::filesystem::path& key,
                              const Dump& wanted = {});
/// The store below a data folder, also while its peer runs.
Result<std::unique_ptr<store::Snapshot>> open_folder(const std::filesystem::path& folder);
Result<json::Value> load_folder(const std::filesystem::path& folder);

}  // namespace vouch::tools
