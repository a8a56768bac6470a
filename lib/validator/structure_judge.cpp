// SPDX-License-Identifier: MIT
#include "vouch/validator/structure_judge.hpp"

#include <algorithm>
#include <cmath>

#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/utf8.hpp"

namespace vouch::validator {
namespace {

constexpr double integer_max = 9007199254740991.0;  // 2^53 - 1
constexpr std::string_view text_roles[] = {"developer", "system", "assistant", "user"};

std::string_view type_of(const json::Value& value) {
  constexpr std::string_view names[] = {"null",     "a boolean", "a number", "a number", "a number",
                                        "a number", "a string",  "an array", "an object"};
  return names[value.data().index()];
}

/// The number as a double when it is an integer within the bounds.
bool integer_within(const json::Value& value, double low, double high) {
  double number = 0;
  if (const auto* i = value.get<std::int64_t>()) {
    return static_cast<double>(*i) >= low && static_cast<double>(*i) <= high;
  }
  if (const auto* d = value.get<double>()) {
    number = *d;
  } else {
    return false;
  }
  return std::trunc(number) == number && number >= low && number <= high;
}

class Judge {
 public:
  Judge(const JudgeContext& context, Findings& findings) : context_(context), findings_(findings) {}

  /// True when a fatal fault was found; everything returns at once then.
  bool object(const json::Value& value, const Shape& shape, const std::string& path) {
    const auto* members = value.get<json::Object>();
    if (members == nullptr) return wrong(value, "an object", path);
    for (auto member = members->begin(); member != members->end(); ++member) {
      const Field* field = field_of(shape, member->first, context_.protocol);
      const std::string at = path + "/" + member->first;
      if (field == nullptr) {
        if (opaque(member->second, at)) return true;
        continue;
      }
      const auto same = [&](const json::Member& m) { return m.first == member->first; };
      if (std::any_of(members->begin(), member, same)) {
        return findings_.add(1004, "member '" + member->first + "' appears twice", at);
      }
      if (this->field(member->second, *field, at)) return true;
    }
    for (const Field& field : shape.fields) {
      const bool known = field_of(shape, field.name, context_.protocol) != nullptr;
      if (!known || !field.required || value.find(field.name) != nullptr) continue;
      return findings_.add(1101, "member '" + std::string(field.name) + "' is missing", path);
    }
    return false;
  }

 private:
  bool wrong(const json::Value& value, std::string_view expected, const std::string& path) {
    return findings_.add(
        1102, "expected " + std::string(expected) + ", got " + std::string(type_of(value)), path);
  }

  bool field(const json::Value& value, const Field& field, const std::string& path) {
    if (value.is_null() && !field.required && field.type != Type::any) {
      return findings_.add(1103, "null where the member should be absent", path);
    }
    switch (field.type) {
      case Type::any:
      case Type::any_set:
        return opaque(value, path);
      case Type::object:
        if (value.get<json::Object>() == nullptr) return wrong(value, "an object", path);
        return opaque(value, path);
      case Type::timestamp:
        return number(value, -integer_max, path);
      case Type::count:
        return number(value, 0, path);
      case Type::boolean:
        return value.get<bool>() == nullptr && wrong(value, "a boolean", path);
      case Type::ids:
        return ids(value, path);
      case Type::shape:
        return object(value, *field.shape, path);
      case Type::one_of:
        return one_of(value, *field.options, path);
      case Type::shapes:
      case Type::many_of:
        return list(value, field, path);
      case Type::text_or_parts:
        if (value.get<std::string>() != nullptr) return text(value, field, path);
        if (value.get<json::Array>() == nullptr) return wrong(value, "a string or an array", path);
        return list(value, field, path);
      default:
        return text(value, field, path);
    }
  }

  bool text(const json::Value& value, const Field& field, const std::string& path) {
    const auto* text = value.get<std::string>();
    if (text == nullptr) return wrong(value, "a string", path);
    if (context_.surrogates && has_surrogate(*text)) {
      const bool identifies = field.type == Type::id;
      if (findings_.add(identifies ? 1005 : 1006, "unpaired surrogate", path)) return true;
    }
    if (field.type == Type::constant && *text != field.constant) {
      return findings_.add(1104, "expected '" + std::string(field.constant) + "'", path);
    }
    if (field.type == Type::text_role &&
        std::ranges::find(text_roles, *text) == std::end(text_roles)) {
      return findings_.add(
          1105, "role '" + *text + "' is none of developer, system, assistant, user", path);
    }
    if (field.type == Type::pointer && !json::pointer_tokens(*text)) {
      return findings_.add(1107, "'" + *text + "' is no JSON Pointer", path);
    }
    return false;
  }

  bool number(const json::Value& value, double low, const std::string& path) {
    if (!value.is_number()) return wrong(value, "an integer", path);
    if (integer_within(value, low, integer_max)) return false;
    return findings_.add(1106, "expected an integer within its bounds", path);
  }

  bool ids(const json::Value& value, const std::string& path) {
    const auto* array = value.get<json::Array>();
    if (array == nullptr) return wrong(value, "an array", path);
    static constexpr Field element{"", Type::id, true};
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (text((*array)[i], element, path + "/" + std::to_string(i))) return true;
    }
    return false;
  }

  bool one_of(const json::Value& value, const Union& options, const std::string& path) {
    if (value.get<json::Object>() == nullptr) return wrong(value, "an object", path);
    const std::string* tag = value.find_text(options.tag);
    if (tag == nullptr) {
      return findings_.add(1109, "expected a string member '" + std::string(options.tag) + "'",
                           path);
    }
    return object(value, *std::ranges::find(options.variants, *tag, &Variant::tag)->shape, path);
  }

  bool list(const json::Value& value, const Field& field, const std::string& path) {
    const auto* array = value.get<json::Array>();
    if (array == nullptr) return wrong(value, "an array", path);
    if (array->size() < field.min_items) return findings_.add(1108, "the list is empty", path);
    for (std::size_t i = 0; i < array->size(); ++i) {
      const json::Value& item = (*array)[i];
      if (context_.removed.contains(&item)) continue;
      const std::string at = path + "/" + std::to_string(i);
      if (field.options != nullptr ? one_of(item, *field.options, at)
                                   : object(item, *field.shape, at)) {
        return true;
      }
    }
    return false;
  }

  /// Nothing inside is read but for surrogates, which are worth a warning.
  bool opaque(const json::Value& value, const std::string& path) {
    if (context_.surrogates && any_surrogate(value))
      findings_.add(1006, "unpaired surrogate", path);
    return false;
  }

  static bool any_surrogate(const json::Value& value) {
    if (const auto* text = value.get<std::string>()) return has_surrogate(*text);
    if (const auto* array = value.get<json::Array>())
      return std::ranges::any_of(*array, any_surrogate);
    const auto* object = value.get<json::Object>();
    return object != nullptr && std::ranges::any_of(*object, [](const json::Member& m) {
             return has_surrogate(m.first) || any_surrogate(m.second);
           });
  }

  const JudgeContext& context_;
  Findings& findings_;
};

}  // namespace

void judge(const json::Value& object, const Shape& shape, const JudgeContext& context,
           Findings& findings) {
  Judge(context, findings).object(object, shape, "");
}

}  // namespace vouch::validator
