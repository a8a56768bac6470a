// Messages of any size in frames of at most limits::part_bytes and a trailer. Pure. Parts may be
// lost, repeated or reordered; an incomplete message is dropped when a bound is reached, and
// whoever waits for it asks again. The trailer stands at the end so that a message of one part is
// taken over uncopied.
//   whole  bytes | kind u8
//   part   bytes | message u32 | index u16 | count u16 | kind u8
// Kind is 1 or 2, above it the wire version: a message of another version is none.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::transport {

inline constexpr std::size_t whole_trailer_bytes = 1;
inline constexpr std::size_t part_trailer_bytes = 9;
static_assert(limits::part_bytes + part_trailer_bytes <= limits::frame_bytes_max);

/// Numbers the messages of one sender.
class PartSplitter {
 public:
  /// `first` should differ from run to run: parts of an earlier run that still wait at a receiver
  /// must not be completed by ours.
  explicit PartSplitter(std::uint32_t first = 0) : next_(first) {}

  /// All parts but the last carry exactly limits::part_bytes. An empty message is one part.
  std::vector<Bytes> split(Bytes message);

 private:
  std::uint32_t next_;
};

/// Unfinished messages of many senders, each sender bounded and all together bounded.
class PartAssembler {
 public:
  /// Bytes; a larger message is refused, and what is older gives way to what is newer.
  explicit PartAssembler(std::size_t sender_bytes_max = limits::unfinished_bytes_max);

  /// The whole message when this part completes it, nothing yet otherwise. `sender` keeps messages
  /// of different connections apart. Errors: malformed (a trailer or length that no splitter
  /// makes), too_large (the message cannot fit the bound); either leaves everything as it was.
  Result<std::optional<Bytes>> add(std::string_view sender, Bytes part);

  /// Messages given up to stay inside the bounds.
  std::uint64_t dropped() const { return dropped_; }
  /// Of unfinished messages, at this moment.
  std::size_t held_bytes() const { return held_bytes_; }

  static constexpr std::size_t senders_max = 1024;
  static constexpr std::size_t messages_max = 64;  ///< unfinished ones of one sender
  /// Of all senders; then the one that was silent longest is forgotten.
  static constexpr std::size_t total_bytes_max = 64U << 20;

 private:
  struct Unfinished {
    std::uint32_t number = 0;
    std::uint16_t count = 0;
    std::map<std::uint16_t, Bytes> parts;
    std::size_t bytes = 0;
  };
  struct Sender {
    std::vector<Unfinished> messages;  ///< oldest first
    std::size_t bytes = 0;
    std::uint64_t touched = 0;
  };
  using Senders = std::map<std::string, Sender, std::less<>>;

  struct Trailer {
    std::uint32_t number;
    std::uint16_t index, count;
  };
  Result<void> check(const Trailer& trailer, std::size_t bytes) const;
  Senders::iterator sender_of(std::string_view name);
  Unfinished& message_of(Sender& sender, const Trailer& trailer);
  void drop_oldest(Sender& sender);
  void forget_quietest(const Sender* except);
  void trim(Sender& sender);
  Bytes finish(Senders::iterator sender, std::uint32_t number);

  std::size_t sender_bytes_max_;
  std::size_t total_bytes_max_;
  Senders senders_;
  std::size_t held_bytes_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace vouch::transport
