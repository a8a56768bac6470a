// SPDX-License-Identifier: MIT
#include "vouch/validator/flat_table.hpp"

#include <algorithm>
#include <bitset>
#include <utility>

#include "vouch/crdt/check.hpp"

namespace vouch::validator {
namespace {

constexpr Protocol protocols[] = {Protocol::agui_1_1, Protocol::agui_1_0, Protocol::agui_0_0_58};

/// Where the texts of a member go, by its name.
constexpr std::pair<std::string_view, Text Event::*> text_places[] = {
    {"subagentRunId", &Event::subagent_run_id},
    {"threadId", &Event::thread_id},
    {"runId", &Event::run_id},
    {"parentRunId", &Event::parent_run_id},
    {"protocolVersion", &Event::protocol_version},
    {"messageId", &Event::message_id},
    {"toolCallId", &Event::tool_call_id},
    {"toolCallName", &Event::tool_call_name},
    {"parentMessageId", &Event::parent_message_id},
    {"stepName", &Event::name},
    {"name", &Event::name},
    {"role", &Event::role},
    {"delta", &Event::delta},
    {"message", &Event::message},
    {"code", &Event::error_code},
    {"subtype", &Event::subtype},
    {"entityId", &Event::entity_id},
    {"encryptedValue", &Event::encrypted_value},
    {"encryptedValueType", &Event::encrypted_value_type},
    {"activityType", &Event::activity_type},
    {"parentSubagentRunId", &Event::parent_subagent_run_id},
    {"parentToolCallId", &Event::parent_tool_call_id},
};

/// The same for members that stay trees.
constexpr std::pair<std::string_view, const json::Value * Event::*> value_places[] = {
    {"metadata", &Event::metadata}, {"rawEvent", &Event::raw_event}, {"result", &Event::result},
    {"content", &Event::content},   {"event", &Event::value},        {"snapshot", &Event::value},
    {"value", &Event::value},       {"patch", &Event::patch},        {"delta", &Event::patch},
};

auto place_among(const auto& places, std::string_view name) {
  const auto found = std::ranges::find(places, name, [](const auto& place) { return place.first; });
  return found == std::end(places) ? nullptr : found->second;
}

Take take_of(const Field& field) {
  switch (field.type) {
    case Type::id:
    case Type::text:
      return Take::text;
    case Type::text_role:
      return Take::text_role;
    case Type::constant:
      return Take::constant;
    case Type::tag:
      return Take::tag;
    case Type::timestamp:
      return Take::integer;
    case Type::number:
      return Take::number;
    case Type::boolean:
      return Take::boolean;
    case Type::any:
      return Take::any;
    case Type::any_set:
      return Take::any_set;
    case Type::object:
      return Take::object;
    case Type::array:
      return Take::array;
    case Type::text_or_parts:
      return Take::string;
    case Type::many_of:
      return field.options->name == "PatchOp" ? Take::patch : Take::refuse;
    default:
      return Take::refuse;
  }
}

FlatRow row_of(const Field& field) {
  FlatRow row{take_of(field), &field, nullptr, nullptr};
  if (row.take >= Take::any || field.name == "content") {
    row.value = place_among(value_places, field.name);
    if (row.take < Take::any) row.take = Take::string;
    if (row.value == nullptr) row.take = Take::refuse;
  } else {
    row.text = place_among(text_places, field.name);
  }
  return row;
}

FlatKind compile(const Shape& shape, Protocol protocol) {
  const FlatNames& names = FlatNames::all();
  FlatKind out;
  out.rows.resize(names.size());
  for (const Field& field : shape.fields) {
    if ((field.sets & set_of(protocol)) == 0) continue;
    const std::size_t place = names.place_of(field.name);
    out.known |= std::uint64_t{1} << place;
    if (field.required) out.required |= std::uint64_t{1} << place;
    out.rows[place] = row_of(field);
    if (out.rows[place].take >= Take::any) out.held |= std::uint64_t{1} << place;
  }
  return out;
}

FlatTable compile(Protocol protocol) {
  FlatTable out;
  for (std::size_t i = 0; i < all_kinds_count; ++i) {
    const auto kind = static_cast<Kind>(i);
    if (protocol == Protocol::agui_0_0_58 && is_subagent(kind)) continue;  // knows no member
    out[i] = compile(shape_of(kind), protocol);
  }
  return out;
}

}  // namespace

FlatNames::FlatNames() {
  for (std::size_t i = 0; i < all_kinds_count; ++i) {
    for (const Field& field : shape_of(static_cast<Kind>(i)).fields) names_.push_back(field.name);
  }
  std::ranges::sort(names_);  // ASCII: by bytes is by UTF-16 units
  names_.erase(std::ranges::unique(names_).begin(), names_.end());
  VOUCH_CHECK(names_.size() <= max);
  const auto collides = [this](std::uint32_t spread) {
    std::bitset<256> used;
    return std::ranges::any_of(names_, [&](std::string_view name) {
      const std::uint8_t at = slot(name, spread);
      const bool taken = used[at];
      used.set(at);
      return taken;
    });
  };
  while (collides(spread_)) spread_ = spread_ * 1664525U + 1013904223U;  // any walk does
  slots_.fill(none);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    slots_[slot(names_[i], spread_)] = static_cast<std::uint8_t>(i);
  }
}

const FlatNames& FlatNames::all() {
  static const FlatNames names;
  return names;
}

const FlatTable& flat_table(Protocol protocol) {
  static const FlatTable tables[] = {compile(protocols[0]), compile(protocols[1]),
                                     compile(protocols[2])};
  return tables[static_cast<std::size_t>(protocol)];
}

}  // namespace vouch::validator
