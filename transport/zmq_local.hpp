// The local endpoint: a Unix socket whose folder only its owner may enter. That folder is its whole
// protection: the socket itself asks nobody for a key.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "vouch/schemas/error.hpp"

namespace vouch::transport {

/// Makes the folder of `endpoint` (ipc:///path) with mode 0700 unless it is there. Errors: io;
/// not_allowed when the folder is open to others or belongs to another user; invalid_config when
/// this is no ipc endpoint with a folder or the path is too long for a Unix socket.
Result<void> prepare_local_folder(const std::string& endpoint);

}  // namespace vouch::transport
