// SPDX-License-Identifier: MIT
#include "vouch/validator/structure_judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/utf8.hpp"
#include "vouch/validator/path.hpp"

namespace vouch::validator {
namespace {

constexpr double integer_max = 9007199254740991.0;  // 2^53 - 1

std::string_view type_of(const json::Value& value) {
  constexpr std::string_view names[] = {"null",     "a boolean", "a number", "a number", "a number",
                                        "a number", "a string",  "an array", "an object"};
  return names[value.data().index()];
}

/// An integer, or a double without a fraction, within the bounds. Lexemes beyond 64 bits are beyond
/// every bound but that of a `whole`.
bool integer_within(const json::Value& value, double low, double high) {
  if (const auto* i = value.get<std::int64_t>()) {
    return static_cast<double>(*i) >= low && static_cast<double>(*i) <= high;
  }
  if (const auto* d = value.get<double>()) {
    return std::trunc(*d) == *d && *d >= low && *d <= high;
  }
  if (high == integer_max) return false;
  const auto* big = value.get<json::BigInteger>();
  return big == nullptr || !big->digits.starts_with('-');
}

class Judge {
 public:
  Judge(const JudgeContext& context, Findings& findings) : context_(context), findings_(findings) {}

  /// True when a fatal fault was found; everything returns at once then.
  bool object(const json::Value& value, const Shape& shape, const Path& path) {
    const auto* members = value.get<json::Object>();
    if (members == nullptr) return wrong(value, "an object", path);
    for (auto member = members->begin(); member != members->end(); ++member) {
      const Field* field = field_of(shape, member->first, context_.protocol);
      const Path at(path, member->first);
      if (field == nullptr) {
        if (shape.exact_in_0_0_58 && !modern()) {
          return findings_.add(1113, "the outcome has a member of its own", at.text());
        }
        opaque(member->second, at);
        continue;
      }
      const auto same = [&](const json::Member& m) { return m.first == member->first; };
      if (std::any_of(members->begin(), member, same)) {
        return findings_.add(1004, "member '" + member->first + "' appears twice", at.text());
      }
      if (this->field(member->second, *field, at)) return true;
    }
    return missing(value, shape, path);
  }

  bool one_of(const json::Value& value, const Union& options, const Path& path) {
    if (value.get<json::Object>() == nullptr) return wrong(value, "an object", path);
    const std::string* tag = value.find_text(options.tag);
    if (tag == nullptr) {
      return findings_.add(1109, "expected a string member '" + std::string(options.tag) + "'",
                           path.text());
    }
    const Variant* variant = variant_of(options, *tag, context_.protocol);
    if (variant == nullptr) {
      return findings_.add(1105, "'" + *tag + "' is no kind of " + std::string(options.name),
                           Path(path, options.tag).text());
    }
    return object(value, *variant->shape, path);
  }

 private:
  bool modern() const { return context_.protocol != Protocol::agui_0_0_58; }

  bool wrong(const json::Value& value, std::string_view expected, const Path& path) {
    return findings_.add(
        1102, "expected " + std::string(expected) + ", got " + std::string(type_of(value)),
        path.text());
  }

  bool missing(const json::Value& value, const Shape& shape, const Path& path) {
    for (const Field& field : shape.fields) {
      const bool wanted = field.required && (field.sets & set_of(context_.protocol)) != 0;
      if (!wanted || value.find(field.name) != nullptr) continue;
      return findings_.add(1101, "member '" + std::string(field.name) + "' is missing",
                           path.text());
    }
    const auto filled = [&value](std::string_view name) {
      const std::string* text = value.find_text(name);
      return text != nullptr && !text->empty();
    };
    if (shape.one_not_empty.empty() || std::ranges::any_of(shape.one_not_empty, filled)) {
      return false;
    }
    return findings_.add(1101, "it has no content: one of its texts has to be filled", path.text());
  }

  bool field(const json::Value& value, const Field& field, const Path& path) {
    if (value.is_null() && !field.required && field.type != Type::any) {
      return !field.nullable &&
             findings_.add(1103, "null where the member should be absent", path.text());
    }
    switch (field.type) {
      case Type::any:
      case Type::any_set:
        return opaque(value, path);
      case Type::object:
        if (value.get<json::Object>() == nullptr) return wrong(value, "an object", path);
        return opaque(value, path);
      case Type::array:
        if (value.get<json::Array>() == nullptr) return wrong(value, "an array", path);
        return opaque(value, path);
      case Type::timestamp:
        return integer(value, -integer_max, integer_max, path);
      case Type::count:
        return integer(value, 0, integer_max, path);
      case Type::whole:
        return integer(value, 0, std::numeric_limits<double>::max(), path);
      case Type::number:
        return !value.is_number() && wrong(value, "a number", path);
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

  bool text(const json::Value& value, const Field& field, const Path& path) {
    const auto* text = value.get<std::string>();
    if (text == nullptr) return wrong(value, "a string", path);
    if (context_.surrogates && has_surrogate(*text)) {
      const bool identifies = field.type == Type::id;
      if (findings_.add(identifies ? 1005 : 1006, "unpaired surrogate", path.text())) return true;
    }
    switch (field.type) {
      case Type::constant:
        return *text != field.constant &&
               findings_.add(1104, "expected '" + std::string(field.constant) + "'", path.text());
      case Type::text_role:
        return !is_text_role(*text) &&
               findings_.add(1105,
                             "role '" + *text + "' is none of developer, system, assistant, user",
                             path.text());
      case Type::tag:
        return !is_tag_value(field.name, *text) &&
               findings_.add(1105, "'" + *text + "' is not among the values of this member",
                             path.text());
      case Type::pointer:
        return !json::is_pointer(*text) &&
               findings_.add(1107, "'" + *text + "' is no JSON Pointer", path.text());
      default:
        return false;
    }
  }

  bool integer(const json::Value& value, double low, double high, const Path& path) {
    if (!value.is_number()) return wrong(value, "an integer", path);
    if (integer_within(value, low, high)) return false;
    return findings_.add(1106, "expected an integer within its bounds", path.text());
  }

  bool ids(const json::Value& value, const Path& path) {
    const auto* array = value.get<json::Array>();
    if (array == nullptr) return wrong(value, "an array", path);
    static constexpr Field element{"", Type::id, true};
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (text((*array)[i], element, Path(path, i))) return true;
    }
    return false;
  }

  bool list(const json::Value& value, const Field& field, const Path& path) {
    const auto* array = value.get<json::Array>();
    if (array == nullptr) return wrong(value, "an array", path);
    if (array->size() < field.min_items) {
      return findings_.add(1108, "the list is empty", path.text());
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
      const json::Value& item = (*array)[i];
      if (context_.removed.contains(&item)) continue;
      const Path at(path, i);
      if (field.options != nullptr ? one_of(item, *field.options, at)
                                   : object(item, *field.shape, at)) {
        return true;
      }
    }
    return false;
  }

  /// Nothing inside is read but for surrogates, which are worth a warning.
  bool opaque(const json::Value& value, const Path& path) {
    if (context_.surrogates && any_surrogate(value)) {
      findings_.add(1006, "unpaired surrogate", path.text());
    }
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
  Judge(context, findings).object(object, shape, Path());
}

void judge(const json::Value& object, const Union& options, const JudgeContext& context,
           Findings& findings) {
  Judge(context, findings).one_of(object, options, Path());
}

}  // namespace vouch::validator
