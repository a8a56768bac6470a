// SPDX-License-Identifier: MIT
#include "vouch/validator/compat.hpp"

#include <algorithm>
#include <initializer_list>

namespace vouch::validator {
namespace {

using json::Array;
using json::Object;
using json::Value;

void erase_member(Value& object, std::string_view name) {
  std::erase_if(*object.get<Object>(), [&](const json::Member& m) { return m.first == name; });
}

void set_member(Value& object, std::string_view name, Value value) {
  if (Value* held = object.find(name)) {
    *held = std::move(value);
  } else {
    object.get<Object>()->emplace_back(std::string(name), std::move(value));
  }
}

/// Null in an optional member that old producers wrote for "absent".
void omit_null(Value& object, std::string_view name, const std::string& path, Findings& findings) {
  const Value* value = object.find(name);
  if (value == nullptr || !value->is_null()) return;
  erase_member(object, name);
  findings.add(1304, "null was read as absent", path + "/" + std::string(name));
}

std::string part_kind(const std::string& mime) {
  for (const char* kind : {"image", "audio", "video"}) {
    if (mime.starts_with(std::string(kind) + "/")) return kind;
  }
  return "document";
}

bool not_empty(const std::string* text) {
  return text != nullptr && !text->empty();
}

/// The modern form of a binary part; nothing when it has neither data nor url.
std::optional<Value> modern_part(const Value& part) {
  const std::string* mime = part.find_text("mimeType");
  const std::string* data = part.find_text("data");
  const std::string* url = part.find_text("url");
  if (mime == nullptr || (!not_empty(data) && !not_empty(url))) return std::nullopt;
  const bool inline_data = not_empty(data);
  Object source{{"type", std::string(inline_data ? "data" : "url")},
                {"value", inline_data ? *data : *url},
                {"mimeType", *mime}};
  Object out{{"type", part_kind(*mime)}, {"source", std::move(source)}};
  if (const std::string* file = part.find_text("filename")) {
    out.emplace_back("metadata", Object{{"filename", *file}});
  }
  return Value(std::move(out));
}

bool same_part(const Value& a, const Value& b) {
  const std::string* kind_a = a.find_text("type");
  const std::string* kind_b = b.find_text("type");
  const Value* source_a = a.find("source");
  const Value* source_b = b.find("source");
  if (kind_a == nullptr || kind_b == nullptr || *kind_a != *kind_b) return false;
  if (source_a == nullptr || source_b == nullptr) return false;
  for (const char* name : {"type", "value", "mimeType"}) {
    const std::string* x = source_a->find_text(name);
    const std::string* y = source_b->find_text(name);
    if (x == nullptr || y == nullptr || *x != *y) return false;
  }
  const Value* wanted = b.find("metadata");
  const std::string* file = wanted == nullptr ? nullptr : wanted->find_text("filename");
  const Value* have = a.find("metadata");
  const std::string* held = have == nullptr ? nullptr : have->find_text("filename");
  return file == nullptr || (held != nullptr && *held == *file);
}

void translate_parts(Value& content, const std::string& path, Findings& findings) {
  auto* parts = content.get<Array>();
  if (parts == nullptr) return;
  Array out;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    Value& part = (*parts)[i];
    const std::string at = path + "/" + std::to_string(i);
    const std::string* type = part.find_text("type");
    if (type != nullptr && *type != "text" && *type != "binary")
      omit_null(part, "metadata", at, findings);
    if (type == nullptr || *type != "binary") {
      out.push_back(std::move(part));
      continue;
    }
    auto modern = modern_part(part);
    if (!modern) {
      findings.add(1306, "a binary part without data or url cannot be converted", at);
      out.push_back(std::move(part));
      continue;
    }
    findings.add(1305, "binary part was read as " + *modern->find_text("type"), at);
    const auto twin = [&](const Value& v) { return same_part(v, *modern); };
    if (!std::any_of(parts->begin(), parts->end(), twin)) out.push_back(std::move(*modern));
  }
  *parts = std::move(out);
}

void translate_messages(Value* messages, const std::string& path, Findings& findings) {
  auto* list = messages == nullptr ? nullptr : messages->get<Array>();
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    Value& message = (*list)[i];
    const std::string* role = message.find_text("role");
    Value* content = message.find("content");
    const bool has_parts = role != nullptr && (*role == "user" || *role == "tool");
    if (has_parts && content != nullptr) {
      translate_parts(*content, path + "/" + std::to_string(i) + "/content", findings);
    }
  }
}

void translate_list(Value* list, std::string_view member, const std::string& path,
                    Findings& findings) {
  auto* array = list == nullptr ? nullptr : list->get<Array>();
  if (array == nullptr) return;
  for (std::size_t i = 0; i < array->size(); ++i) {
    if ((*array)[i].get<Object>() == nullptr) continue;
    omit_null((*array)[i], member, path + "/" + std::to_string(i), findings);
  }
}

void translate_input(Value* input, Findings& findings) {
  if (input == nullptr || input->get<Object>() == nullptr) return;
  omit_null(*input, "forwardedProps", "/input", findings);
  omit_null(*input, "state", "/input", findings);
  translate_list(input->find("tools"), "parameters", "/input/tools", findings);
  translate_list(input->find("resume"), "payload", "/input/resume", findings);
  translate_messages(input->find("messages"), "/input/messages", findings);
}

}  // namespace

std::string Compat::mint() {
  // 0xFF never occurs in a wire id, so a minted one cannot equal any.
  return "\xFF" + std::to_string(++minted_);
}

void Compat::translate(json::Value& event, Findings& findings) {
  const std::string type = *event.find_text("type");
  omit_null(event, "rawEvent", "", findings);
  if (type == "RUN_FINISHED" || type == "SUBAGENT_FINISHED")
    omit_null(event, "result", "", findings);
  if (type == "RUN_FINISHED") omit_null(event, "outcome", "", findings);
  if (type == "TOOL_CALL_START" || type == "TOOL_CALL_CHUNK") {
    omit_null(event, "parentMessageId", "", findings);
  }
  if (type == "RUN_STARTED") translate_input(event.find("input"), findings);
  if (type == "MESSAGES_SNAPSHOT")
    translate_messages(event.find("messages"), "/messages", findings);
  if (type.starts_with("THINKING_")) thinking(event, type, findings);
}

void Compat::thinking(json::Value& event, const std::string& type, Findings& findings) {
  const auto become = [&](const char* modern, const std::string& id) {
    set_member(event, "type", Value(std::string(modern)));
    set_member(event, "messageId", Value(id));
    findings.add(1301, type + " was read as " + modern);
  };
  const auto current = [&](std::string& id) {
    if (id.empty()) {
      id = mint();
      findings.add(1303, type + " without its start");
    }
    return id;
  };
  if (type == "THINKING_START") {
    span_ = mint();
    become("REASONING_START", span_);
    if (event.find("title") != nullptr) {
      erase_member(event, "title");
      findings.add(1302, "the title was dropped", "/title");
    }
  } else if (type == "THINKING_END") {
    become("REASONING_END", current(span_));
    span_.clear();
  } else if (type == "THINKING_TEXT_MESSAGE_START") {
    message_ = mint();
    become("REASONING_MESSAGE_START", message_);
    set_member(event, "role", Value(std::string("reasoning")));
  } else if (type == "THINKING_TEXT_MESSAGE_CONTENT") {
    become("REASONING_MESSAGE_CONTENT", current(message_));
  } else if (type == "THINKING_TEXT_MESSAGE_END") {
    become("REASONING_MESSAGE_END", current(message_));
    message_.clear();
  }
}

}  // namespace vouch::validator
