// SPDX-License-Identifier: MIT
#include "vouch/validator/shapes.hpp"

#include <array>
#include <vector>

#include "vouch/schemas/same_text.hpp"

namespace vouch::validator {
namespace {

using T = Type;

constexpr Field need(std::string_view name, T type) {
  return {name, type, true};
}
constexpr Field may(std::string_view name, T type) {
  return {name, type, false};
}
constexpr Field need(std::string_view name, T type, const Shape& shape) {
  return {name, type, true, &shape};
}
constexpr Field may(std::string_view name, T type, const Shape& shape) {
  return {name, type, false, &shape};
}
constexpr Field need(std::string_view name, T type, const Union& options) {
  return {name, type, true, nullptr, &options};
}
constexpr Field may(std::string_view name, T type, const Union& options) {
  return {name, type, false, nullptr, &options};
}
constexpr Field fixed(std::string_view name, std::string_view value, bool required) {
  return {name, T::constant, required, nullptr, nullptr, value};
}
constexpr Field new_in_1_1(Field field) {
  field.sets = in_1_1;
  return field;
}
constexpr Field modern(Field field) {
  field.sets = in_1_x;
  return field;
}
constexpr Field legacy(Field field) {
  field.sets = in_0_0_58;
  return field;
}
constexpr Field nullable(Field field) {
  field.nullable = true;
  return field;
}
constexpr Field not_empty(Field field) {
  field.min_items = 1;
  return field;
}

// --- nested types, leaves first (RULES 1.3)

constexpr Field source_data[] = {need("type", T::text), need("value", T::text),
                                 need("mimeType", T::text)};
constexpr Field source_url[] = {need("type", T::text), need("value", T::text),
                                may("mimeType", T::text)};
constexpr Field source_file[] = {need("type", T::text), need("value", T::text),
                                 may("provider", T::text), may("mimeType", T::text)};
constexpr Shape source_data_shape{"PartSource", source_data};
constexpr Shape source_url_shape{"PartSource", source_url};
constexpr Shape source_file_shape{"PartSource", source_file};
constexpr Variant sources[] = {
    {"data", &source_data_shape}, {"url", &source_url_shape}, {"file", &source_file_shape, in_1_x}};
constexpr Union source_union{"PartSource", "type", sources};

constexpr Field part_text[] = {need("type", T::text), need("text", T::text),
                               modern(may("id", T::id)), modern(may("metadata", T::any_set))};
constexpr Field part_media[] = {need("type", T::text), need("source", T::one_of, source_union),
                                modern(may("id", T::id)), modern(may("metadata", T::any_set)),
                                legacy(may("metadata", T::any))};
constexpr Field part_binary[] = {need("type", T::text), need("mimeType", T::text),
                                 may("id", T::id),      may("url", T::text),
                                 may("data", T::text),  may("filename", T::text)};
constexpr std::string_view binary_contents[] = {"id", "url", "data"};
constexpr Shape part_text_shape{"ContentPart", part_text};
constexpr Shape part_media_shape{"ContentPart", part_media};
constexpr Shape part_binary_shape{"ContentPart", part_binary, false, false, binary_contents};
constexpr Variant parts[] = {
    {"text", &part_text_shape},      {"image", &part_media_shape},
    {"audio", &part_media_shape},    {"video", &part_media_shape},
    {"document", &part_media_shape}, {"binary", &part_binary_shape, in_0_0_58}};
constexpr Union part_union{"ContentPart", "type", parts};

constexpr Field function_fields[] = {need("name", T::id), need("arguments", T::text)};
constexpr Shape function_shape{"FunctionCall", function_fields};
constexpr Field tool_call_fields[] = {need("id", T::id),
                                      fixed("type", "function", true),
                                      need("function", T::shape, function_shape),
                                      may("encryptedValue", T::text),
                                      new_in_1_1(may("encryptedValueType", T::text)),
                                      modern(may("metadata", T::object))};
constexpr Shape tool_call_shape{"ToolCall", tool_call_fields};

constexpr Field message_plain[] = {need("id", T::id),
                                   need("role", T::text),
                                   need("content", T::text),
                                   may("name", T::id),
                                   may("encryptedValue", T::text),
                                   new_in_1_1(may("encryptedValueType", T::text)),
                                   modern(may("metadata", T::object)),
                                   modern(may("subagentRunId", T::id))};
constexpr Field message_assistant[] = {need("id", T::id),
                                       need("role", T::text),
                                       may("content", T::text),
                                       may("toolCalls", T::shapes, tool_call_shape),
                                       may("name", T::id),
                                       may("encryptedValue", T::text),
                                       new_in_1_1(may("encryptedValueType", T::text)),
                                       modern(may("metadata", T::object)),
                                       modern(may("subagentRunId", T::id))};
constexpr Field message_user[] = {need("id", T::id),
                                  need("role", T::text),
                                  need("content", T::text_or_parts, part_union),
                                  may("name", T::id),
                                  may("encryptedValue", T::text),
                                  new_in_1_1(may("encryptedValueType", T::text)),
                                  modern(may("metadata", T::object)),
                                  modern(may("subagentRunId", T::id))};
constexpr Field message_tool[] = {need("id", T::id),
                                  need("role", T::text),
                                  modern(need("content", T::text_or_parts, part_union)),
                                  legacy(need("content", T::text)),
                                  need("toolCallId", T::id),
                                  may("error", T::text),
                                  may("encryptedValue", T::text),
                                  new_in_1_1(may("encryptedValueType", T::text)),
                                  modern(may("metadata", T::object)),
                                  modern(may("subagentRunId", T::id))};
constexpr Field message_activity[] = {need("id", T::id),
                                      need("role", T::text),
                                      need("activityType", T::id),
                                      need("content", T::object),
                                      modern(may("metadata", T::object)),
                                      modern(may("subagentRunId", T::id))};
constexpr Field message_reasoning[] = {need("id", T::id),
                                       need("role", T::text),
                                       need("content", T::text),
                                       may("encryptedValue", T::text),
                                       new_in_1_1(may("encryptedValueType", T::text)),
                                       modern(may("metadata", T::object)),
                                       modern(may("subagentRunId", T::id))};
constexpr Shape message_plain_shape{"Message", message_plain};
constexpr Shape message_assistant_shape{"Message", message_assistant};
constexpr Shape message_user_shape{"Message", message_user};
constexpr Shape message_tool_shape{"Message", message_tool};
constexpr Shape message_activity_shape{"Message", message_activity};
constexpr Shape message_reasoning_shape{"Message", message_reasoning};
constexpr Variant message_variants[] = {
    {"developer", &message_plain_shape},     {"system", &message_plain_shape},
    {"assistant", &message_assistant_shape}, {"user", &message_user_shape},
    {"tool", &message_tool_shape},           {"activity", &message_activity_shape},
    {"reasoning", &message_reasoning_shape}};
constexpr Union message_union{"Message", "role", message_variants};

constexpr Field op_value[] = {need("op", T::text), need("path", T::pointer), need("value", T::any)};
constexpr Field op_remove[] = {need("op", T::text), need("path", T::pointer)};
constexpr Field op_from[] = {need("op", T::text), need("from", T::pointer),
                             need("path", T::pointer)};
constexpr Shape op_value_shape{"PatchOp", op_value, true};
constexpr Shape op_remove_shape{"PatchOp", op_remove, true};
constexpr Shape op_from_shape{"PatchOp", op_from, true};
constexpr Variant ops[] = {{"add", &op_value_shape},  {"replace", &op_value_shape},
                           {"test", &op_value_shape}, {"remove", &op_remove_shape},
                           {"move", &op_from_shape},  {"copy", &op_from_shape}};
constexpr Union op_union{"PatchOp", "op", ops};

constexpr Field usage_fields[] = {may("provider", T::text),
                                  may("model", T::text),
                                  modern(may("inputTokens", T::count)),
                                  modern(may("outputTokens", T::count)),
                                  modern(may("totalTokens", T::count)),
                                  modern(may("reasoningTokens", T::count)),
                                  modern(may("cachedInputTokens", T::count)),
                                  modern(may("cacheWriteInputTokens", T::count)),
                                  legacy(may("inputTokens", T::whole)),
                                  legacy(may("outputTokens", T::whole)),
                                  legacy(may("totalTokens", T::whole)),
                                  legacy(may("reasoningTokens", T::whole)),
                                  legacy(may("cachedInputTokens", T::whole))};
constexpr Shape usage_shape{"TokenUsage", usage_fields};

constexpr Field interrupt_fields[] = {need("id", T::id),
                                      need("reason", T::text),
                                      may("message", T::text),
                                      may("toolCallId", T::id),
                                      may("responseSchema", T::object),
                                      may("expiresAt", T::text),
                                      may("metadata", T::object),
                                      modern(may("subagentRunId", T::id))};
constexpr Shape interrupt_shape{"Interrupt", interrupt_fields};
constexpr Field outcome_success[] = {need("type", T::text),
                                     modern(may("pendingToolCallIds", T::ids))};
constexpr Field outcome_interrupt[] = {need("type", T::text),
                                       not_empty(need("interrupts", T::shapes, interrupt_shape))};
constexpr Field outcome_cancelled[] = {need("type", T::text)};
constexpr Field outcome_suspended[] = {need("type", T::text), may("interruptIds", T::ids)};
constexpr Shape outcome_success_shape{"RunFinishedOutcome", outcome_success, false, true};
constexpr Shape outcome_interrupt_shape{"RunFinishedOutcome", outcome_interrupt, false, true};
constexpr Shape outcome_cancelled_shape{"RunFinishedOutcome", outcome_cancelled};
constexpr Shape subagent_success_shape{"SubagentOutcome", outcome_cancelled};
constexpr Shape subagent_suspended_shape{"SubagentOutcome", outcome_suspended};
constexpr Variant outcomes[] = {{"success", &outcome_success_shape},
                                {"interrupt", &outcome_interrupt_shape},
                                {"cancelled", &outcome_cancelled_shape, in_1_x}};
constexpr Variant subagent_outcomes[] = {{"success", &subagent_success_shape},
                                         {"suspended", &subagent_suspended_shape}};
constexpr Union outcome_union{"RunFinishedOutcome", "type", outcomes};
constexpr Union subagent_outcome_union{"SubagentOutcome", "type", subagent_outcomes};

constexpr Field tool_fields[] = {need("name", T::id), need("description", T::text),
                                 modern(may("parameters", T::any_set)),
                                 legacy(may("parameters", T::any)), may("metadata", T::object)};
constexpr Field context_fields[] = {need("description", T::text), need("value", T::text)};
constexpr Field resume_fields[] = {
    need("interruptId", T::id), need("status", T::tag), modern(may("payload", T::any_set)),
    legacy(may("payload", T::any)), modern(may("metadata", T::object))};
constexpr Shape tool_shape{"Tool", tool_fields};
constexpr Shape context_shape{"Context", context_fields};
constexpr Shape resume_shape{"ResumeEntry", resume_fields};
constexpr Field input_fields[] = {need("threadId", T::id),
                                  need("runId", T::id),
                                  need("messages", T::many_of, message_union),
                                  modern(may("protocolVersion", T::text)),
                                  may("parentRunId", T::id),
                                  modern(may("state", T::any_set)),
                                  legacy(may("state", T::any)),
                                  modern(may("tools", T::shapes, tool_shape)),
                                  legacy(need("tools", T::shapes, tool_shape)),
                                  modern(may("context", T::shapes, context_shape)),
                                  legacy(need("context", T::shapes, context_shape)),
                                  modern(may("forwardedProps", T::any_set)),
                                  legacy(may("forwardedProps", T::any)),
                                  may("resume", T::shapes, resume_shape)};
constexpr Shape input_shape{"RunAgentInput", input_fields};

// --- events (RULES 1.2); every list starts with the fields of all events, then the tag where it
// has one

using Fields = std::vector<Field>;

Fields event(bool attributable, Fields own) {
  Fields all{need("type", T::text),
             modern(may("timestamp", T::timestamp)),
             modern(may("rawEvent", T::any_set)),
             modern(may("metadata", T::object)),
             legacy(may("timestamp", T::number)),
             legacy(may("rawEvent", T::any))};
  if (attributable) all.push_back(modern(may("subagentRunId", T::id)));
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

const std::array<Fields, all_kinds_count>& event_fields() {
  static const Field usage = may("usage", T::shapes, usage_shape);
  static const Fields message_only{need("messageId", T::id)};
  static const Fields message_delta{need("messageId", T::id), need("delta", T::text)};
  static const std::array<Fields, all_kinds_count> fields{
      event(false,
            {need("threadId", T::id), need("runId", T::id), modern(may("protocolVersion", T::text)),
             may("parentRunId", T::id), may("input", T::shape, input_shape)}),
      event(false,
            {need("threadId", T::id), need("runId", T::id), modern(may("result", T::any_set)),
             legacy(may("result", T::any)), modern(may("outcome", T::one_of, outcome_union)),
             legacy(nullable(may("outcome", T::one_of, outcome_union))), usage}),
      event(false, {need("message", T::text), may("code", T::text), usage}),
      event(true, {need("stepName", T::id)}),
      event(true, {need("stepName", T::id)}),
      event(true, {need("messageId", T::id), may("role", T::text_role), may("name", T::id)}),
      event(true, message_delta),
      event(true, message_only),
      event(true, {may("messageId", T::id), may("role", T::text_role), may("delta", T::text),
                   may("name", T::id)}),
      event(true, {need("toolCallId", T::id), need("toolCallName", T::id),
                   modern(may("parentMessageId", T::id)),
                   legacy(nullable(may("parentMessageId", T::id)))}),
      event(true, {need("toolCallId", T::id), need("delta", T::text)}),
      event(true, {need("toolCallId", T::id)}),
      event(true, {may("toolCallId", T::id), may("toolCallName", T::id),
                   modern(may("parentMessageId", T::id)),
                   legacy(nullable(may("parentMessageId", T::id))), may("delta", T::text)}),
      event(true, {need("messageId", T::id), need("toolCallId", T::id),
                   modern(need("content", T::text_or_parts, part_union)),
                   legacy(need("content", T::text)), fixed("role", "tool", false)}),
      event(true, message_only),
      event(true, message_only),
      event(true, {need("messageId", T::id), fixed("role", "reasoning", true)}),
      event(true, message_delta),
      event(true, message_only),
      event(true, {may("messageId", T::id), may("delta", T::text)}),
      event(true,
            {need("subtype", T::tag), need("entityId", T::id), need("encryptedValue", T::text),
             new_in_1_1(may("encryptedValueType", T::text))}),
      event(true, {modern(need("snapshot", T::any)), legacy(may("snapshot", T::any))}),
      event(true, {modern(need("delta", T::many_of, op_union)), legacy(need("delta", T::array))}),
      event(false, {need("messages", T::many_of, message_union)}),
      event(true, {need("messageId", T::id), need("activityType", T::id),
                   need("content", T::object), may("replace", T::boolean)}),
      event(true, {need("messageId", T::id), need("activityType", T::id),
                   modern(need("patch", T::many_of, op_union)), legacy(need("patch", T::array))}),
      event(true,
            {modern(need("event", T::any)), legacy(may("event", T::any)), may("source", T::text)}),
      event(true,
            {need("name", T::id), modern(need("value", T::any)), legacy(may("value", T::any))}),
      event(false, {need("subagentRunId", T::id), need("name", T::id), may("description", T::text),
                    may("parentSubagentRunId", T::id), may("parentToolCallId", T::id),
                    may("parentMessageId", T::id)}),
      event(false, {need("subagentRunId", T::id), may("result", T::any_set),
                    may("outcome", T::one_of, subagent_outcome_union)}),
      event(false, {need("subagentRunId", T::id), need("message", T::text), may("code", T::text)}),
      event(false, {may("title", T::text)}),
      event(false, {}),
      event(false, {}),
      event(false, {need("delta", T::text)}),
      event(false, {}),
  };
  return fields;
}

}  // namespace

const Shape& shape_of(Kind kind) {
  static const std::array<Shape, all_kinds_count> shapes = [] {
    std::array<Shape, all_kinds_count> out{};
    for (std::size_t i = 0; i < all_kinds_count; ++i) {
      out[i] = Shape{name_of(static_cast<Kind>(i)), event_fields()[i]};
    }
    return out;
  }();
  return shapes[static_cast<std::size_t>(kind)];
}

const Field* field_of(const Shape& shape, std::string_view name, Protocol protocol) {
  for (const Field& field : shape.fields) {
    if (same_text(field.name, name) && (field.sets & set_of(protocol)) != 0) return &field;
  }
  return nullptr;
}

const Variant* variant_of(const Union& options, std::string_view tag, Protocol protocol) {
  for (const Variant& variant : options.variants) {
    if (same_text(variant.tag, tag) && (variant.sets & set_of(protocol)) != 0) return &variant;
  }
  return nullptr;
}

const Shape& run_agent_input_shape() {
  return input_shape;
}

bool is_text_role(std::string_view text) {
  return text == "assistant" || text == "user" || text == "system" || text == "developer";
}

bool is_tag_value(std::string_view field, std::string_view text) {
  if (field == "status") return text == "resolved" || text == "cancelled";
  return text == "tool-call" || text == "message";
}

}  // namespace vouch::validator
