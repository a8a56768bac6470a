// SPDX-License-Identifier: MIT
#include "vouch/validator/event.hpp"

#include <algorithm>
#include <array>

namespace vouch::validator {
namespace {

constexpr std::array<std::string_view, all_kinds_count> kind_names{
    "RUN_STARTED",
    "RUN_FINISHED",
    "RUN_ERROR",
    "STEP_STARTED",
    "STEP_FINISHED",
    "TEXT_MESSAGE_START",
    "TEXT_MESSAGE_CONTENT",
    "TEXT_MESSAGE_END",
    "TEXT_MESSAGE_CHUNK",
    "TOOL_CALL_START",
    "TOOL_CALL_ARGS",
    "TOOL_CALL_END",
    "TOOL_CALL_CHUNK",
    "TOOL_CALL_RESULT",
    "REASONING_START",
    "REASONING_END",
    "REASONING_MESSAGE_START",
    "REASONING_MESSAGE_CONTENT",
    "REASONING_MESSAGE_END",
    "REASONING_MESSAGE_CHUNK",
    "REASONING_ENCRYPTED_VALUE",
    "STATE_SNAPSHOT",
    "STATE_DELTA",
    "MESSAGES_SNAPSHOT",
    "ACTIVITY_SNAPSHOT",
    "ACTIVITY_DELTA",
    "RAW",
    "CUSTOM",
    "SUBAGENT_STARTED",
    "SUBAGENT_FINISHED",
    "SUBAGENT_ERROR",
    "THINKING_START",
    "THINKING_END",
    "THINKING_TEXT_MESSAGE_START",
    "THINKING_TEXT_MESSAGE_CONTENT",
    "THINKING_TEXT_MESSAGE_END",
};

std::optional<Kind> kind_between(std::string_view type, std::size_t first, std::size_t last) {
  const auto begin = kind_names.begin() + first, end = kind_names.begin() + last;
  const auto found = std::find(begin, end, type);
  if (found == end) return std::nullopt;
  return static_cast<Kind>(found - kind_names.begin());
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<Kind> kind_of(std::string_view type) {
  return kind_between(type, 0, kind_count);
}

std::optional<Kind> retired_kind_of(std::string_view type) {
  return kind_between(type, kind_count, all_kinds_count);
}

}  // namespace vouch::validator
