// The strip pass and what it leaves is judged by structure_judge.cpp.
// SPDX-License-Identifier: MIT
#include "vouch/validator/structure.hpp"

#include <algorithm>

#include "vouch/validator/structure_judge.hpp"

namespace vouch::validator {
namespace {

std::string child_path(const std::string& path, std::string_view name) {
  std::string out = path + "/";
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out.push_back(c);
  }
  return out;
}

/// Removes what no table knows. True from any `strip_` member means: this value is unrecognisable.
class Stripper {
 public:
  Stripper(Protocol protocol, Findings& findings, Removed& removed)
      : protocol_(protocol), findings_(findings), removed_(removed) {}

  bool strip_object(json::Value& value, const Shape& shape, const std::string& path) {
    auto* object = value.get<json::Object>();
    if (object == nullptr) return false;  // the judge will say so
    const std::size_t before = findings_.list().size();
    for (auto member = object->begin(); member != object->end();) {
      const Field* field = field_of(shape, member->first, protocol_);
      if (field == nullptr && !shape.open) {
        findings_.add(1202, "unknown member was ignored", child_path(path, member->first));
        member = object->erase(member);
        continue;
      }
      if (field != nullptr &&
          strip_field(member->second, *field, child_path(path, member->first))) {
        if (field->required) {
          forget_since(before);
          return true;
        }
        findings_.add(1203, "unknown kind of value was ignored", child_path(path, member->first));
        member = object->erase(member);
        continue;
      }
      ++member;
    }
    return false;
  }

 private:
  /// Paths inside a removed value are not reported.
  void forget_since(std::size_t count) {
    std::vector<Finding> kept = findings_.take();
    kept.resize(count);
    for (Finding& finding : kept) findings_.add(finding.code, finding.message, finding.pointer);
  }

  bool strip_field(json::Value& value, const Field& field, const std::string& path) {
    switch (field.type) {
      case Type::shape:
        return strip_object(value, *field.shape, path);
      case Type::one_of:
        return strip_union(value, *field.options, path);
      case Type::shapes:
        strip_list(value, field, path);
        return false;
      case Type::many_of:
        strip_list(value, field, path);
        return false;
      case Type::text_or_parts:
        strip_list(value, field, path);
        return false;
      case Type::tag:
        return unknown_tag(value, field);
      default:
        return false;
    }
  }

  static bool unknown_tag(const json::Value& value, const Field& field) {
    const auto* text = value.get<std::string>();
    return text != nullptr &&
           std::ranges::find(tag_values(field.name), *text) == tag_values(field.name).end();
  }

  bool strip_union(json::Value& value, const Union& options, const std::string& path) {
    const std::string* tag = value.find_text(options.tag);
    if (tag == nullptr) return false;
    const auto known = std::ranges::find(options.variants, *tag, &Variant::tag);
    if (known == options.variants.end()) return true;
    return strip_object(value, *known->shape, path);
  }

  void strip_list(json::Value& value, const Field& field, const std::string& path) {
    auto* array = value.get<json::Array>();
    if (array == nullptr) return;
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string at = path + "/" + std::to_string(i);
      json::Value& item = (*array)[i];
      const bool unknown = field.options != nullptr ? strip_union(item, *field.options, at)
                                                    : strip_object(item, *field.shape, at);
      if (!unknown) continue;
      findings_.add(1203, "unknown kind of element was ignored", at);
      removed_.insert(&item);  // erased after judging, which reports original indices
    }
  }

  Protocol protocol_;
  Findings& findings_;
  Removed& removed_;
};

void erase_removed(json::Value& value, const Removed& removed) {
  if (removed.empty()) return;
  if (auto* array = value.get<json::Array>()) {
    json::Array kept;
    for (json::Value& item : *array) {
      if (removed.contains(&item)) continue;
      erase_removed(item, removed);
      kept.push_back(std::move(item));
    }
    *array = std::move(kept);
  } else if (auto* object = value.get<json::Object>()) {
    for (auto& [name, member] : *object) erase_removed(member, removed);
  }
}

}  // namespace

const Field* field_of(const Shape& shape, std::string_view name, Protocol protocol) {
  for (const Field& field : shape.fields) {
    if (field.name != name) continue;
    return field.since_1_1 && protocol != Protocol::agui_1_1 ? nullptr : &field;
  }
  return nullptr;
}

Enforced enforce(json::Value& object, const Shape& shape, Protocol protocol, bool surrogates,
                 Findings& findings) {
  Removed removed;
  if (Stripper(protocol, findings, removed).strip_object(object, shape, "")) {
    findings.add(1203, "unknown kind of event was ignored");
    return Enforced::dropped;
  }
  judge(object, shape, {protocol, surrogates, removed}, findings);
  if (findings.fatal()) return Enforced::rejected;
  erase_removed(object, removed);
  return Enforced::passed;
}

}  // namespace vouch::validator
