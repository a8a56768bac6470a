// Where a dump comes from: a running peer, a data folder, or a file made with --json.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/store/store.hpp"

namespace vouch::tools {

/// `text`: an endpoint (see client::Endpoint::parse), a data folder, or a JSON file. A running peer
/// tells of `stream` even when it is over and no peer speaks of it any more.
Result<json::Value> load_dump(const std::string& text, const std::filesystem::path& key,
                              const std::string& stream = "");
/// The store below a data folder, also while its peer runs.
Result<std::unique_ptr<store::Store>> open_folder(const std::filesystem::path& folder);
Result<json::Value> load_folder(const std::filesystem::path& folder);

}  // namespace vouch::tools
