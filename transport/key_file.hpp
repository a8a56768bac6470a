// The file that holds a peer's secret: 32 bytes in hexadecimal, readable by its owner only.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "vouch/schemas/error.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::transport {

/// Errors: io (cannot read), not_allowed (others may read it, or another user owns it), malformed.
Result<crypto::Seed> load_seed(const std::filesystem::path& file);

/// Makes the file (0600); never replaces one. Errors: io.
Result<void> save_seed(const std::filesystem::path& file, const crypto::Seed& seed);

}  // namespace vouch::transport
