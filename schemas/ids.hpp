// Fixed-size identities: peers, hashes, writers. Values; compared byte by byte.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vouch/schemas/bytes.hpp"

namespace vouch {

/// Opaque bytes of a fixed length with a tag, so that a hash is never taken for a key.
template <class Tag, std::size_t Size>
struct FixedBytes {
  static constexpr std::size_t size = Size;
  std::array<std::uint8_t, Size> bytes{};

  bool operator==(const FixedBytes&) const = default;
  /// By the bytes, as memcmp. Of two ids the first word almost always tells.
  constexpr std::strong_ordering operator<=>(const FixedBytes& other) const {
    const std::uint64_t ours = first_word(), theirs = other.first_word();
    return ours != theirs ? ours <=> theirs : bytes <=> other.bytes;
  }
  ByteView view() const { return bytes; }
  std::string hex() const { return to_hex(bytes); }
  /// The first eight hexadecimal digits, for people.
  std::string short_hex() const { return hex().substr(0, 8); }

  /// Nothing unless `view` has exactly `Size` bytes.
  static std::optional<FixedBytes> from(ByteView view) {
    if (view.size() != Size) return std::nullopt;
    FixedBytes out;
    std::copy(view.begin(), view.end(), out.bytes.begin());
    return out;
  }
  static std::optional<FixedBytes> from_hex(std::string_view text) {
    const auto decoded = vouch::from_hex(text);
    if (!decoded) return std::nullopt;
    return from(*decoded);
  }

 private:
  constexpr std::uint64_t first_word() const {
    static_assert(Size >= 8);
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) word = word << 8U | bytes[i];
    return word;
  }
};

/// BLAKE2b-256.
using Hash = FixedBytes<struct HashTag, 32>;
/// The Ed25519 public key of a peer is its identity.
using PeerId = FixedBytes<struct PeerTag, 32>;
using Signature = FixedBytes<struct SignatureTag, 64>;
/// First bytes of the hash of a frontier: enough to see whether two are equal.
using FrontierDigest = FixedBytes<struct FrontierTag, 16>;
/// What a state comes to (lib/state/state_sum.hpp).
using StateDigest = FixedBytes<struct StateTag, 16>;

/// One life of a peer's log. A lost or damaged log goes on under the next incarnation.
struct Writer {
  PeerId peer;
  std::uint32_t incarnation = 0;
  auto operator<=>(const Writer&) const = default;
};

/// How far a log is read: up to this record.
struct LogEnd {
  Writer writer;
  std::uint64_t last = 0;
  auto operator<=>(const LogEnd&) const = default;
};

}  // namespace vouch
