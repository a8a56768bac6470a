// Text of strangers made fit for a format: findings quote events, file names are any bytes.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace vouch::tools {

/// Valid UTF-8: every byte that is none, unpaired surrogates included, becomes U+FFFD.
std::string valid_text(std::string_view text);

/// For a terminal: also control characters become escapes, so that an event cannot steer it.
std::string printable(std::string_view text);

/// A stream, for a terminal: its name, and of which epoch its rules are, if not of the first one.
std::string stream_text(std::string_view key);

/// Content of an XML 1.0 attribute or element, quotes and line ends escaped; characters that XML
/// has no way to write become U+FFFD.
std::string xml_text(std::string_view text);

}  // namespace vouch::tools
