// The file that holds a peer's secret. Only its owner may read it; a file that others can read is
// refused, because the key in it must be taken for stolen. Deliberately absent: passwords, key
// agents.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "vouch/schemas/error.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::transport {

/// Reads the first line that is neither empty nor a comment (#): 64 hexadecimal digits.
/// Errors: io (cannot read), not_allowed (group or others have any right to it, or another user
/// owns it), malformed.
Result<crypto::Seed> load_seed(const std::filesystem::path& file);

/// Makes the file with mode 0600, durable when this returns; never replaces one. Its comment names
/// the public key. Errors: io; then no file is left.
Result<void> save_seed(const std::filesystem::path& file, const crypto::Seed& seed);

}  // namespace vouch::transport
