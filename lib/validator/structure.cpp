// The strip pass; what it leaves is judged by structure_judge.cpp.
// SPDX-License-Identifier: MIT
#include "vouch/validator/structure.hpp"

#include <algorithm>

#include "vouch/validator/path.hpp"
#include "vouch/validator/structure_judge.hpp"

namespace vouch::validator {
namespace {

/// Removes what no table knows. True from any `strip_` member means: this value is unrecognisable.
/// agui-0.0.58 knows nothing unrecognisable; its unknown members go without a word.
class Stripper {
 public:
  Stripper(Protocol protocol, Removed& removed)
      : protocol_(protocol), legacy_(protocol == Protocol::agui_0_0_58), removed_(removed) {}

  bool strip_object(json::Value& value, const Shape& shape, const Path& path) {
    auto* object = value.get<json::Object>();
    if (object == nullptr) return false;  // the judge will say so
    const std::size_t noted = notes_.size();
    bool unrecognisable = false;
    // The names stay in place until all are looked at: paths of the notes view them.
    std::vector<bool> gone(object->size());
    for (std::size_t i = 0; i < object->size() && !unrecognisable; ++i) {
      auto& [name, member] = (*object)[i];
      const Path at(path, name);
      const Field* field = field_of(shape, name, protocol_);
      if (field == nullptr) {
        gone[i] = !kept(shape, path);
        if (gone[i]) note(1202, at);
      } else if (strip_field(member, *field, at)) {
        unrecognisable = field->required;
        gone[i] = true;
        note(1203, at);
      }
    }
    if (unrecognisable) {
      notes_.resize(noted);  // paths inside a removed value are not reported
      return true;
    }
    std::size_t i = 0;
    std::erase_if(*object, [&](const json::Member&) { return gone[i++]; });
    return false;
  }

  bool strip_union(json::Value& value, const Union& options, const Path& path) {
    const std::string* tag = value.find_text(options.tag);
    if (tag == nullptr) return false;
    const Variant* variant = variant_of(options, *tag, protocol_);
    if (variant == nullptr) return !legacy_;
    return strip_object(value, *variant->shape, path);
  }

  void report(Findings& findings) const {
    for (const auto& [code, pointer] : notes_) {
      findings.add(
          code, code == 1202 ? "unknown member was ignored" : "unknown kind of value was ignored",
          pointer);
    }
  }

 private:
  struct Note {
    std::uint16_t code = 0;
    std::string pointer;
  };

  void note(std::uint16_t code, const Path& path) {
    if (!legacy_) notes_.push_back({code, path.text()});
  }

  /// An unknown member stays: in open objects, and where agui-0.0.58 keeps or refuses it.
  bool kept(const Shape& shape, const Path& path) const {
    return shape.open || (legacy_ && (path.is_root() || shape.exact_in_0_0_58));
  }

  bool strip_field(json::Value& value, const Field& field, const Path& path) {
    switch (field.type) {
      case Type::shape:
        return strip_object(value, *field.shape, path);
      case Type::one_of:
        return strip_union(value, *field.options, path);
      case Type::shapes:
      case Type::many_of:
      case Type::text_or_parts:
        strip_list(value, field, path);
        return false;
      case Type::tag: {
        const auto* text = value.get<std::string>();
        return !legacy_ && text != nullptr && !is_tag_value(field.name, *text);
      }
      default:
        return false;
    }
  }

  void strip_list(json::Value& value, const Field& field, const Path& path) {
    auto* array = value.get<json::Array>();
    if (array == nullptr) return;
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Path at(path, i);
      json::Value& item = (*array)[i];
      const bool unknown = field.options != nullptr ? strip_union(item, *field.options, at)
                                                    : strip_object(item, *field.shape, at);
      if (!unknown) continue;
      note(1203, at);
      removed_.insert(&item);  // erased after judging, which reports original indices
    }
  }

  Protocol protocol_;
  bool legacy_;
  Removed& removed_;
  std::vector<Note> notes_;
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

/// `strip` runs one of the Stripper's passes, `judge` what fits it.
Enforced enforce_with(json::Value& value, Protocol protocol, Findings& findings, const auto& strip,
                      const auto& judge) {
  Removed removed;
  Stripper stripper(protocol, removed);
  const bool unrecognisable = strip(stripper);
  stripper.report(findings);
  if (unrecognisable) {
    findings.add(1203, "unknown kind of value was ignored");
    return Enforced::dropped;
  }
  judge(removed);
  if (findings.fatal()) return Enforced::rejected;
  erase_removed(value, removed);
  return Enforced::passed;
}

}  // namespace

Enforced enforce(json::Value& object, const Shape& shape, Protocol protocol, bool surrogates,
                 Findings& findings) {
  return enforce_with(
      object, protocol, findings,
      [&](Stripper& stripper) { return stripper.strip_object(object, shape, Path()); },
      [&](const Removed& removed) {
        judge(object, shape, {protocol, surrogates, removed}, findings);
      });
}

Enforced enforce(json::Value& object, const Union& options, Protocol protocol, bool surrogates,
                 Findings& findings) {
  return enforce_with(
      object, protocol, findings,
      [&](Stripper& stripper) { return stripper.strip_union(object, options, Path()); },
      [&](const Removed& removed) {
        judge(object, options, {protocol, surrogates, removed}, findings);
      });
}

}  // namespace vouch::validator
