// Where a walk over a tree stands: a chain of places on the stack, written out only when a finding
// needs it. A place must not outlive the ones above it.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "vouch/schemas/json_patch.hpp"

namespace vouch::validator {

class Path {
 public:
  Path() = default;  ///< the whole document
  Path(const Path& up, std::string_view name) : up_(&up), name_(name) {}
  Path(const Path& up, std::size_t index) : up_(&up), index_(index), is_index_(true) {}

  bool is_root() const { return up_ == nullptr; }
  /// RFC 6901.
  std::string text() const {
    if (up_ == nullptr) return {};
    std::string out = up_->text();
    json::append_pointer_token(is_index_ ? std::to_string(index_) : std::string(name_), out);
    return out;
  }

 private:
  const Path* up_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  bool is_index_ = false;
};

}  // namespace vouch::validator
