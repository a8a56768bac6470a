// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_value.hpp"

#include "vouch/schemas/same_text.hpp"

namespace vouch::json {

const Value* Value::find(std::string_view name) const {
  const Object* object = get<Object>();
  if (object == nullptr) return nullptr;
  for (auto member = object->rbegin(); member != object->rend(); ++member) {
    if (same_text(member->first, name)) return &member->second;
  }
  return nullptr;
}

Value* Value::find(std::string_view name) {
  return const_cast<Value*>(static_cast<const Value*>(this)->find(name));
}

const std::string* Value::find_text(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? nullptr : value->get<std::string>();
}

}  // namespace vouch::json
