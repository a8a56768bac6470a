// SPDX-License-Identifier: MIT
#include "bench/validate/floors.hpp"

#include <cstdlib>

#include <simdjson.h>

#include "vouch/transport/crypto.hpp"

namespace vouch::bench {

std::string padded(const EventStream& stream) {
  return stream.text() + std::string(simdjson::SIMDJSON_PADDING, '\0');
}

std::uint64_t parse_bare(const EventStream& stream, const std::string& text, bool hash) {
  simdjson::dom::parser parser;
  std::uint64_t sum = 0;
  const char* begin = text.data();
  for (std::size_t i = 0; i < stream.size(); ++i) {
    const std::size_t size = stream[i].size();
    simdjson::dom::element root;
    // What stands behind the event is the next one, and padding behind the last.
    if (parser.parse(begin, size, false).get(root) != simdjson::SUCCESS) std::abort();
    sum += root.is_object() ? 1 : 0;
    if (hash) sum += crypto::blake2b(as_bytes({begin, size})).bytes[0];
    begin += size + 1;
  }
  return sum;
}

}  // namespace vouch::bench
