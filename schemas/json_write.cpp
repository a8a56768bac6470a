// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_write.hpp"

#include "vouch/schemas/json_canonical.hpp"

namespace vouch::json {
namespace {

void write(const Value& value, std::string& out) {
  if (const auto* array = value.get<Array>()) {
    out.push_back('[');
    for (const Value& item : *array) {
      if (&item != array->data()) out.push_back(',');
      write(item, out);
    }
    out.push_back(']');
  } else if (const auto* object = value.get<Object>()) {
    out.push_back('{');
    for (const Member& member : *object) {
      if (&member != object->data()) out.push_back(',');
      append_string(member.first, out);
      out.push_back(':');
      write(member.second, out);
    }
    out.push_back('}');
  } else {
    append_canonical(value, out);
  }
}

}  // namespace

std::string to_text(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace vouch::json
