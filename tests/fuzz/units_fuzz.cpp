// The splitter of files and pipes: the same units however the bytes are cut, none too large.
// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

#include "vouch/schemas/limits.hpp"
#include "vouch/validator/units.hpp"

namespace vouch::fuzz {
namespace {

struct Got {
  std::string text;
  validator::Unit::State state;
  std::uint64_t line;
  std::string fault;
  bool operator==(const Got&) const = default;
};

std::vector<Got> split(std::string_view input, std::size_t piece_bytes) {
  validator::UnitSplitter splitter;
  std::vector<Got> out;
  const auto keep = [&out](const validator::Unit& unit) {
    VOUCH_CHECK(unit.text.size() <= limits::event_bytes_max);
    out.push_back({std::string(unit.text), unit.state, unit.line, std::string(unit.fault)});
  };
  while (!input.empty()) {
    std::string_view piece = input.substr(0, piece_bytes);
    input.remove_prefix(piece.size());
    while (auto unit = splitter.next(piece)) keep(*unit);
    VOUCH_CHECK(piece.empty());
  }
  while (auto unit = splitter.finish()) keep(*unit);
  return out;
}

}  // namespace

void run(std::string_view input) {
  const std::size_t piece_bytes = 1U + take_byte(input);
  VOUCH_CHECK(split(input, piece_bytes) == split(input, input.size() + 1));
}

}  // namespace vouch::fuzz
