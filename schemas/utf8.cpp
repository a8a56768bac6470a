// SPDX-License-Identifier: MIT
#include "vouch/schemas/utf8.hpp"

#include <algorithm>

namespace vouch {
namespace {

bool continuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

/// Length of the sequence that `lead` starts; 0 when it starts none.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

}  // namespace

bool valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[at]));
    if (length == 0) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if (!continuation(text, at + i)) return false;
    }
    std::size_t end = at;
    const std::uint32_t point = next_code_point(text, end);
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
    at = end;
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&out](std::uint32_t b) { out.push_back(static_cast<char>(b)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&text](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t lead = byte(at++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  std::uint32_t point = lead & (0x3FU >> more);
  for (int i = 0; i < more && at < text.size(); ++i) point = point << 6 | (byte(at++) & 0x3F);
  return point;
}

bool has_surrogate(std::string_view text) {
  for (std::size_t at = text.find('\xED'); at != std::string_view::npos;
       at = text.find('\xED', at + 1)) {
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  }
  return false;
}

bool utf16_less(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (at < common && a[at] == b[at]) ++at;
  if (at == common) return a.size() < b.size();
  const auto lead = [at](std::string_view text) { return static_cast<unsigned char>(text[at]); };
  // Byte order is code point order; the two orders part only where a character of four bytes meets
  // one that starts with ED to EF.
  constexpr unsigned char parting = 0xED;
  if (lead(a) < parting || lead(b) < parting) return lead(a) < lead(b);
  std::size_t in_a = at, in_b = at;
  const auto unit = [](std::uint32_t p) {
    return p < 0x10000 ? p : 0xD800 + ((p - 0x10000) >> 10);
  };
  const std::uint32_t pa = next_code_point(a, in_a), pb = next_code_point(b, in_b);
  if (unit(pa) != unit(pb)) return unit(pa) < unit(pb);
  // A high surrogate, unpaired on one side: the other side goes on with its low one.
  const auto second = [&unit](std::uint32_t p, std::string_view text, std::size_t next) {
    if (p >= 0x10000) return std::int64_t{0xDC00} + (p & 0x3FF);
    if (next >= text.size()) return std::int64_t{-1};
    return static_cast<std::int64_t>(unit(next_code_point(text, next)));
  };
  return second(pa, a, in_a) < second(pb, b, in_b);
}

}  // namespace vouch
