// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_patch.hpp"

namespace vouch::json {

std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/') return std::nullopt;
  for (std::size_t at = 0; at < pointer.size(); ++at) {
    const char c = pointer[at];
    if (c == '/') {
      tokens.emplace_back();
    } else if (c != '~') {
      tokens.back().push_back(c);
    } else {
      if (++at >= pointer.size() || (pointer[at] != '0' && pointer[at] != '1')) return std::nullopt;
      tokens.back().push_back(pointer[at] == '0' ? '~' : '/');
    }
  }
  return tokens;
}

void append_pointer_token(std::string_view token, std::string& pointer) {
  pointer.push_back('/');
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer.push_back(c);
    }
  }
}

}  // namespace vouch::json
