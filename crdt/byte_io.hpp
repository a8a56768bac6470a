// Little-endian integers, LEB128 and length-prefixed bytes: the alphabet of every hand-packed form.
// A reader that runs out turns bad once and for all and gives zeros; callers check ok() at the end.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "vouch/crdt/bytes.hpp"

namespace vouch {

class ByteWriter {
 public:
  ByteWriter() = default;
  /// With room for so many bytes.
  explicit ByteWriter(std::size_t room) { out_.reserve(room); }
  explicit ByteWriter(Bytes reuse) : out_(std::move(reuse)) { out_.clear(); }

  void u8(std::uint8_t v) { out_.push_back(v); }
  void u16(std::uint16_t v) { little_endian(v, 2); }
  void u32(std::uint32_t v) { little_endian(v, 4); }
  void u64(std::uint64_t v) { little_endian(v, 8); }
  /// Big-endian: for keys whose byte order must be their numeric order.
  void u64_ordered(std::uint64_t v) {
    for (int shift = 56; shift >= 0; shift -= 8) u8(static_cast<std::uint8_t>(v >> shift));
  }
  /// Unsigned LEB128, 1 to 10 bytes.
  void leb(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(static_cast<std::uint8_t>(v | 0x80));
    u8(static_cast<std::uint8_t>(v));
  }
  /// Signed, small magnitudes in few bytes.
  void zigzag(std::int64_t v) {
    leb((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63));
  }
  void raw(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void text(std::string_view text) {
    leb(text.size());
    raw(as_bytes(text));
  }
  void sized(ByteView bytes) { text(as_text(bytes)); }

  std::size_t size() const { return out_.size(); }
  const Bytes& bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  void little_endian(std::uint64_t v, int width) {
    for (int i = 0; i < width; ++i) u8(static_cast<std::uint8_t>(v >> (8 * i)));
  }
  Bytes out_;
};

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  /// Everything was read and nothing was missing.
  bool done() const { return ok_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(little_endian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(little_endian(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian(4)); }
  std::uint64_t u64() { return little_endian(8); }
  std::uint64_t u64_ordered() {
    std::uint64_t v = 0;
    for (const std::uint8_t byte : raw(8)) v = v << 8 | byte;
    return v;
  }
  /// Refuses forms longer than needed and values beyond 64 bits.
  std::uint64_t leb() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const std::uint8_t byte = u8();
      if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0)) break;
      v |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return ok_ ? v : 0;
    }
    spoil();
    return 0;
  }
  std::int64_t zigzag() {
    const std::uint64_t v = leb();
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
  }
  ByteView raw(std::size_t size) {
    if (!ok_ || rest_.size() < size) {
      spoil();
      return {};
    }
    const ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  ByteView sized() { return raw(leb()); }
  std::string_view text() { return as_text(sized()); }
  ByteView rest() { return raw(rest_.size()); }
  template <class Fixed>
  Fixed fixed() {
    return Fixed::from(raw(Fixed::size)).value_or(Fixed{});
  }
  /// A number of items to follow, each at least `item_bytes` long: refuses counts that cannot be
  /// true.
  std::size_t count(std::size_t item_bytes) {
    const std::uint64_t n = leb();
    if (n > left() / item_bytes) {
      spoil();
      return 0;
    }
    return n;
  }
  void spoil() {
    ok_ = false;
    rest_ = {};
  }

 private:
  std::uint64_t little_endian(int width) {
    std::uint64_t v = 0;
    int shift = 0;
    for (const std::uint8_t byte : raw(static_cast<std::size_t>(width))) {
      v |= static_cast<std::uint64_t>(byte) << shift;
      shift += 8;
    }
    return v;
  }
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace vouch
