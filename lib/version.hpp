// SPDX-License-Identifier: MIT
// The version of the software, as members announce it. Kept equal to CMakeLists.txt by a test.
#pragma once

#include <string_view>

namespace vouch {

inline constexpr std::string_view version = "0.1.0";

}  // namespace vouch
