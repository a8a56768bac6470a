// The local endpoint: a Unix socket whose folder only its owner may enter.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "vouch/schemas/error.hpp"

namespace vouch::transport {

/// Makes the folder of `endpoint` (ipc:///path) with mode 0700. Errors: io, not_allowed when the folder is
/// open to others, invalid_config when the path is too long for a Unix socket.
Result<void> prepare_local_folder(const std::string& endpoint);

}  // namespace vouch::transport
