// Tags that keep digests of different things apart.
// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "vouch/schemas/ids.hpp"

namespace vouch::validator {

inline constexpr std::string_view event_tag("vouch/event/1\0",
                                            14);                 ///< canonical form of an object
inline constexpr std::string_view raw_tag("vouch/raw/1\0", 12);  ///< a unit that is none
inline constexpr std::string_view close_tag("vouch/close/1\0",
                                            14);  ///< the mark that ends a stream

/// BLAKE2b-256 over tag and bytes.
Hash tagged_digest(std::string_view tag, std::string_view bytes);

}  // namespace vouch::validator
