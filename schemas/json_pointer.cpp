// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/schemas/json_patch.hpp"

namespace vouch::json {
namespace {

/// Precondition: every ~ has its 0 or 1.
void unescape(std::string& token) {
  std::size_t to = token.find('~');
  for (std::size_t at = to; at < token.size(); ++at) {
    const char c = token[at];
    token[to++] = c != '~' ? c : token[++at] == '0' ? '~' : '/';
  }
  if (to < token.size()) token.resize(to);
}

}  // namespace

bool is_pointer(std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') return false;
  for (std::size_t at = pointer.find('~'); at != pointer.npos; at = pointer.find('~', at + 2)) {
    if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1'))
      return false;
  }
  return true;
}

std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer) {
  if (!is_pointer(pointer)) return std::nullopt;
  const bool escapes = pointer.find('~') != pointer.npos;
  std::vector<std::string> tokens;
  tokens.reserve(static_cast<std::size_t>(std::ranges::count(pointer, '/')));
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    std::string& token = tokens.emplace_back(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(token.size());
    if (escapes) unescape(token);
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
