// SPDX-License-Identifier: MIT
#include "vouch/base/stream_key.hpp"

#include <charconv>

#include "vouch/crdt/check.hpp"

namespace vouch {

std::string stream_key(std::string_view name, std::uint32_t epoch) {
  VOUCH_CHECK(name.find(stream_key_mark) == std::string_view::npos);
  std::string out(name);
  if (epoch != 0) out += stream_key_mark + std::to_string(epoch);
  return out;
}

std::optional<StreamKey> parse_stream_key(std::string_view key) {
  const std::string_view name = stream_name(key);
  if (name.empty()) return std::nullopt;
  StreamKey out{name, 0};
  if (name.size() == key.size()) return out;
  const std::string_view digits = key.substr(name.size() + 1);
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, out.epoch);
  const bool whole = read.ec == std::errc() && read.ptr == end;
  if (!whole || out.epoch == 0 || digits.front() == '0') return std::nullopt;
  return out;
}

std::string_view stream_name(std::string_view key) {
  return key.substr(0, key.find(stream_key_mark));
}

}  // namespace vouch
