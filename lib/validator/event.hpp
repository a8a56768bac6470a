// An event after stages 1 to 4 of RULES section 2 (decode, compatibility, strip, judge): what the
// sequence rules read. Views point into the decoder and live until its next call. Nothing here is
// owned.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "vouch/schemas/json_value.hpp"

namespace vouch::validator {

// clang-format off: families stay together
enum class Kind : std::uint8_t {
  run_started,
  run_finished,
  run_error,
  step_started,
  step_finished,
  text_message_start,
  text_message_content,
  text_message_end,
  text_message_chunk,
  tool_call_start,
  tool_call_args,
  tool_call_end,
  tool_call_chunk,
  tool_call_result,
  reasoning_start,
  reasoning_end,
  reasoning_message_start,
  reasoning_message_content,
  reasoning_message_end,
  reasoning_message_chunk,
  reasoning_encrypted_value,
  state_snapshot,
  state_delta,
  messages_snapshot,
  activity_snapshot,
  activity_delta,
  raw,
  custom,
  subagent_started,
  subagent_finished,
  subagent_error,
  // Retired; only agui-0.0.58 has them. Elsewhere the compatibility boundary translates them.
  thinking_start,
  thinking_end,
  thinking_text_message_start,
  thinking_text_message_content,
  thinking_text_message_end,
};
// clang-format on
inline constexpr std::size_t kind_count = 31;       ///< of the 1.x rule sets
inline constexpr std::size_t all_kinds_count = 36;  ///< the retired ones included

constexpr bool is_chunk(Kind kind) {
  return kind == Kind::text_message_chunk || kind == Kind::tool_call_chunk ||
         kind == Kind::reasoning_message_chunk;
}
constexpr bool is_subagent(Kind kind) {
  return kind >= Kind::subagent_started && kind <= Kind::subagent_error;
}
/// Wire name, e.g. "RUN_STARTED".
std::string_view name_of(Kind kind);
/// One of the 31 kinds of the 1.x rule sets.
std::optional<Kind> kind_of(std::string_view type);
/// THINKING_*, which only agui-0.0.58 knows as events of their own.
std::optional<Kind> retired_kind_of(std::string_view type);

/// A string member: absent, or its unescaped text (WTF-8). A minted id starts with the byte 0xFF,
/// which no wire id can contain.
using Text = std::optional<std::string_view>;

/// Members by meaning; which ones an event kind has is said in RULES 1.2. Nested members are
/// trees from which the strip pass has removed unknown material; null pointers when absent.
struct Event {
  Kind kind = Kind::raw;
  Text subagent_run_id;  ///< the tag (owner); on SUBAGENT_* the id it is about
  std::optional<double> timestamp;
  Text thread_id, run_id, parent_run_id, protocol_version;
  Text message_id, tool_call_id, tool_call_name, parent_message_id;
  Text name;     ///< step name, message name, custom name, subagent name
  Text role;     ///< as sent; absent is not "assistant" here
  Text delta;    ///< text, args, reasoning
  Text message;  ///< of RUN_ERROR, SUBAGENT_ERROR
  Text error_code;
  Text subtype, entity_id, encrypted_value, encrypted_value_type;
  Text activity_type, source, description, parent_subagent_run_id, parent_tool_call_id;
  std::optional<bool> replace;
  const json::Value* metadata = nullptr;
  const json::Value* raw_event = nullptr;
  const json::Value* input = nullptr;  ///< RunAgentInput of RUN_STARTED
  const json::Value* result = nullptr;
  const json::Value* outcome = nullptr;
  const json::Value* usage = nullptr;
  const json::Value* content = nullptr;   ///< TOOL_CALL_RESULT, ACTIVITY_SNAPSHOT
  const json::Value* value = nullptr;     ///< CUSTOM.value, RAW.event, STATE_SNAPSHOT.snapshot
  const json::Value* patch = nullptr;     ///< STATE_DELTA.delta, ACTIVITY_DELTA.patch
  const json::Value* messages = nullptr;  ///< MESSAGES_SNAPSHOT
};

}  // namespace vouch::validator
