// Messages of any size in frames of at most limits::part_bytes. Pure; parts may be lost, repeated or
// reordered: an incomplete message is dropped when its sender's bound is reached, and whoever waits for it
// asks again.
//   part   version u8 | message u32 | index u16 | count u16 | bytes
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::transport {

inline constexpr std::size_t part_header_bytes = 9;

/// Numbers the messages of one sender.
class PartSplitter {
 public:
  std::vector<Bytes> split(ByteView message);

 private:
  std::uint32_t next_ = 0;
};

class PartAssembler {
 public:
  explicit PartAssembler(std::size_t unfinished_bytes_max = limits::unfinished_bytes_max)
      : unfinished_bytes_max_(unfinished_bytes_max) {}

  /// The whole message when this part completes it, nothing yet otherwise. Errc::malformed for a header
  /// that no splitter makes. `sender` keeps messages of different connections apart.
  Result<std::optional<Bytes>> add(const std::string& sender, ByteView part);
  /// Messages given up because their sender had too much unfinished.
  std::uint64_t dropped() const { return dropped_; }

  static constexpr std::size_t senders_max = 1024;  ///< then the one that was silent longest is forgotten

 private:
  struct Unfinished {
    std::map<std::uint16_t, Bytes> parts;
    std::uint16_t count = 0;
    std::size_t bytes = 0;
  };
  struct Sender {
    std::map<std::uint32_t, Unfinished> messages;
    std::size_t bytes = 0;
    std::uint64_t touched = 0;
  };
  void make_room(Sender& sender, std::size_t bytes);
  Sender& sender_of(const std::string& name);

  std::size_t unfinished_bytes_max_;
  std::map<std::string, Sender> senders_;
  std::uint64_t clock_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace vouch::transport
