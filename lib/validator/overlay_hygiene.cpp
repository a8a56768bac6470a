// Rules 8001 to 8015 and 8017: one event by itself.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "vouch/validator/overlay.hpp"
#include "vouch/validator/owners.hpp"

namespace vouch::validator {
namespace {

constexpr std::size_t text_bytes_max = 10'000;
constexpr std::size_t args_bytes_max = 50'000;
constexpr std::size_t line_bytes_max = 1'000;
constexpr std::size_t id_bytes_max = 256;

constexpr std::array<bool, 256> id_bytes = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789._:/+=@-")) {
    out[static_cast<unsigned char>(c)] = true;
  }
  return out;
}();

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_letters(char a, char b) {
  return lower(a) == lower(b);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x7F || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r');
}

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    longest = std::max(longest, end - start);
    start = end + 1;
  }
  return longest;
}

void check_id(const Text& id, const char* pointer, Findings& out) {
  if (!id || id->starts_with('\xFF')) return;  // absent, or minted here
  if (id->empty()) out.add(8005, "the id is empty", pointer);
  if (id->size() > id_bytes_max) {
    out.add(8006, "the id has " + std::to_string(id->size()) + " bytes", pointer);
  }
  const auto plain = [](char c) { return id_bytes[static_cast<unsigned char>(c)]; };
  if (!std::ranges::all_of(*id, plain)) {
    out.add(8004, "the id " + quoted(*id) + " has other characters", pointer);
  }
}

void check_ids(const Event& e, Findings& out) {
  check_id(e.thread_id, "/threadId", out);
  check_id(e.run_id, "/runId", out);
  check_id(e.parent_run_id, "/parentRunId", out);
  check_id(e.message_id, "/messageId", out);
  check_id(e.tool_call_id, "/toolCallId", out);
  check_id(e.parent_message_id, "/parentMessageId", out);
  check_id(e.entity_id, "/entityId", out);
  check_id(e.subagent_run_id, "/subagentRunId", out);
  check_id(e.parent_subagent_run_id, "/parentSubagentRunId", out);
  check_id(e.parent_tool_call_id, "/parentToolCallId", out);
}

void check_delta(const Event& e, Findings& out) {
  if (!e.delta) return;
  const std::string_view delta = *e.delta;
  const bool args = e.kind == Kind::tool_call_args || e.kind == Kind::tool_call_chunk;
  if (delta.empty()) out.add(8017, "the delta is empty", "/delta");
  if (!args && delta.size() > text_bytes_max) {
    out.add(8001, "the delta has " + std::to_string(delta.size()) + " bytes", "/delta");
  }
  if (args && delta.size() > args_bytes_max) {
    out.add(8003, "the delta has " + std::to_string(delta.size()) + " bytes", "/delta");
  }
  if (delta.find('\0') != std::string_view::npos) {
    out.add(8008, "the delta has U+0000", "/delta");
  } else if (!args && std::ranges::any_of(delta, is_control)) {
    out.add(8002, "the delta has control characters", "/delta");
  }
  if (const std::size_t line = longest_line(delta); line > line_bytes_max) {
    out.add(8007, "a line of the delta has " + std::to_string(line) + " bytes", "/delta");
  }
  if (!std::ranges::search(delta, std::string_view("javascript:"), same_letters).empty()) {
    out.add(8009, "the delta has a javascript: URI", "/delta");
  }
}

void check_custom(std::string_view name, Findings& out) {
  constexpr std::string_view reserved[] = {"system", "internal", "reserved", "ag-ui"};
  const auto equals = [name](std::string_view word) {
    return std::ranges::equal(name, word, same_letters);
  };
  if (name.empty()) {
    out.add(8013, "the custom event has no name", "/name");
  } else if (std::ranges::any_of(reserved, equals)) {
    out.add(8011, "the name " + quoted(name) + " is reserved", "/name");
  } else if (name.find_first_of(".:/") == std::string_view::npos) {
    out.add(8012, "the name " + quoted(name) + " has no prefix", "/name");
  }
}

void check_raw(const json::Value& event, Findings& out) {
  if (event.is_null()) out.add(8010, "the raw event is null", "/event");
  const std::string* type = event.find_text("type");
  if (type != nullptr && (kind_of(*type) || retired_kind_of(*type))) {
    out.add(8014, "the raw event is " + *type, "/event");
  }
}

}  // namespace

void check_hygiene(const Event& e, Findings& out) {
  check_ids(e, out);
  check_delta(e, out);
  if (e.kind == Kind::custom && e.name) check_custom(*e.name, out);
  if (e.kind == Kind::raw && e.value != nullptr) check_raw(*e.value, out);
  if (!e.timestamp) out.add(8015, "the event has no timestamp");
}

}  // namespace vouch::validator
