// A stream as a language model makes it: one run, one long message, deltas of 20 to 200 bytes.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace vouch::bench {

/// The event at `index` of a stream on `thread`.
inline std::string text_event(const std::string& thread, std::uint64_t index) {
  if (index == 0) {
    return fmt::format(
        R"({{"type":"RUN_STARTED","threadId":"{}","runId":"r1","protocolVersion":"1.1"}})", thread);
  }
  if (index == 1) {
    return R"({"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"})";
  }
  const std::size_t size = 20 + (index * 2654435761U >> 7) % 181;
  std::string delta;
  while (delta.size() < size) delta += "the quick brown fox jumps over the lazy dog ";
  delta.resize(size);
  return fmt::format(
      R"({{"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":"{}","timestamp":{}}})", delta,
      1'790'000'000'000 + index);
}

}  // namespace vouch::bench
