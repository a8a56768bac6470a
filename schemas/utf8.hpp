// UTF-8 and its superset WTF-8, in which an unpaired surrogate stands as three bytes (ED A0..BF
// xx).
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vouch {

/// Strict UTF-8: no surrogates, no overlong forms, at most U+10FFFF.
bool valid_utf8(std::string_view text);

/// Appends a code point; also an unpaired surrogate.
void append_utf8(std::string& out, std::uint32_t point);

/// The code point at `at`, which moves behind it. Precondition: WTF-8, at < text.size().
std::uint32_t next_code_point(std::string_view text, std::size_t& at);

/// True when WTF-8 text has an unpaired surrogate.
bool has_surrogate(std::string_view text);

/// Order of RFC 8785: by UTF-16 code units.
bool utf16_less(std::string_view a, std::string_view b);

}  // namespace vouch
