// Files that are read from front to back, pipes among them.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "vouch/schemas/error.hpp"

namespace vouch::tools {

inline constexpr const char* standard_input = "-";
inline constexpr std::size_t document_bytes_max = 64U << 20;

/// Hands the bytes of a file to `take`, piece by piece, until it refuses.
Result<void> read_bytes(const std::string& file,
                        const std::function<Result<void>(std::string_view)>& take);

/// Errc::io also for more than document_bytes_max.
Result<std::string> read_whole(const std::string& file);

}  // namespace vouch::tools
