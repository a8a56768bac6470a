// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_patch.hpp"

namespace vouch::json {

bool is_pointer(std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') return false;
  for (std::size_t at = 0; at < pointer.size(); ++at) {
    if (pointer[at] != '~') continue;
    if (++at >= pointer.size() || (pointer[at] != '0' && pointer[at] != '1')) return false;
  }
  return true;
}

std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer) {
  if (!is_pointer(pointer)) return std::nullopt;
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < pointer.size(); ++at) {
    const char c = pointer[at];
    if (c == '/') {
      tokens.emplace_back();
    } else if (c != '~') {
      tokens.back().push_back(c);
    } else {
      tokens.back().push_back(pointer[++at] == '0' ? '~' : '/');
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
