// Every change is logged with what takes it back. Places in the log are positions, not names or
// addresses: undone in reverse order, each finds the document as it was just after its own change.
// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_patch.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/container/small_vector.hpp>

#include "vouch/schemas/json_parse.hpp"

namespace vouch::json {
namespace {

// Longer paths allocate, and patches that make more changes let their log grow.
constexpr std::size_t tokens_usual = 8;
constexpr std::size_t changes_usual = 4;

using Tokens = boost::container::small_vector<std::string_view, tokens_usual>;
using Steps = std::vector<std::size_t>;
using Reason = std::optional<std::string>;

constexpr std::size_t no_place = NameIndex::npos;

/// A pointer. Its tokens view the text, or what it is without escapes.
struct Path {
  Tokens tokens;
  std::vector<std::string> unescaped;
};

/// False when it is none.
bool read_path(std::string_view text, Path& out) {
  if (!is_pointer(text)) return false;
  if (text.find('~') != text.npos) {
    out.unescaped = *pointer_tokens(text);
    out.tokens.assign(out.unescaped.begin(), out.unescaped.end());
    return true;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at + 1;  // behind the slash
    at = std::min(text.find('/', from), text.size());
    out.tokens.push_back(text.substr(from, at - from));
  }
  return true;
}

/// Index below `size`: no sign, no leading zero.
std::size_t array_index(std::string_view token, std::size_t size) {
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return no_place;
  std::size_t index = 0;
  const char* end = token.data() + token.size();
  const auto read = std::from_chars(token.data(), end, index);
  return read.ec == std::errc() && read.ptr == end && index < size ? index : no_place;
}

Value& child(Value& parent, std::size_t at) {
  auto* array = parent.get<Array>();
  return array != nullptr ? (*array)[at] : (*parent.get<Object>())[at].second;
}

auto iterator(auto& container, std::size_t at) {
  return container.begin() + static_cast<std::ptrdiff_t>(at);
}

class Patcher {
 public:
  Patcher(Value& document, PatchBudget& budget, NameIndex& names)
      : document_(document), budget_(budget), names_(names), used_before_(budget.used) {
    log_.reserve(changes_usual);
  }

  Reason apply(Value& op) {
    over_budget_ = steps_ > patch_steps_max;
    if (over_budget_) return "the patch takes too many steps";
    const std::string* op_text = op.find_text("op");
    const std::string* path_text = op.find_text("path");
    if (op_text == nullptr || path_text == nullptr) return "an operation needs op and path";
    const std::string_view name = *op_text;
    Path path;
    if (!read_path(*path_text, path)) return "path is no JSON Pointer";
    const Tokens& to = path.tokens;
    if (name == "remove") return remove(to);
    if (name == "move" || name == "copy") {
      const std::string* from_text = op.find_text("from");
      Path from;
      if (from_text == nullptr || !read_path(*from_text, from)) return "from is no JSON Pointer";
      return name == "move" ? move(from.tokens, to) : copy(from.tokens, to);
    }
    Value* value = op.find("value");
    if (value == nullptr) return "the operation needs a value";
    if (name == "test") return test(to, *value);
    if (name == "replace") return replace(to, *value);
    if (name != "add") return "unknown operation '" + *op_text + "'";
    if (auto reason = pay(to, *value)) return reason;
    return put(to, std::move(*value));
  }

  void undo_all() {
    names_.forget();
    for (; !log_.empty(); log_.pop_back()) undo(log_.back());
    budget_.used = used_before_;
  }

  bool over_budget() const { return over_budget_; }

 private:
  enum class Change : std::uint8_t { assigned, added_item, added_member, took_item, took_member };
  struct Undo {
    Change change;
    Steps steps;         ///< to the value itself (assigned), else to its parent
    std::size_t at = 0;  ///< position in the parent
    Value old{};
    std::string name{};  ///< of a member that was taken
  };

  void undo(Undo& entry) {
    Value& place = follow(entry.steps);
    switch (entry.change) {
      case Change::assigned:
        place = std::move(entry.old);
        break;
      case Change::added_item: {
        auto& array = *place.get<Array>();
        array.erase(iterator(array, entry.at));
        break;
      }
      case Change::added_member:
        place.get<Object>()->pop_back();
        break;
      case Change::took_item: {
        auto& array = *place.get<Array>();
        array.insert(iterator(array, entry.at), std::move(entry.old));
        break;
      }
      case Change::took_member: {
        auto& object = *place.get<Object>();
        object.emplace(iterator(object, entry.at), std::move(entry.name), std::move(entry.old));
        break;
      }
    }
  }

  std::size_t position(const Value& parent, std::string_view token) {
    if (const auto* array = parent.get<Array>()) return array_index(token, array->size());
    const auto* object = parent.get<Object>();
    return object == nullptr ? no_place : names_.find(*object, token);
  }

  Value& follow(const Steps& steps) {
    Value* at = &document_;
    for (const std::size_t step : steps) at = &child(*at, step);
    return *at;
  }

  /// The value that the first `count` tokens lead to, and the way there; null pointer when none.
  Value* walk(const Tokens& tokens, std::size_t count, Steps& steps) {
    steps.reserve(count);
    Value* at = &document_;
    for (std::size_t i = 0; i < count; ++i) {
      if (const auto* object = at->get<Object>()) steps_ += object->size();
      const std::size_t step = position(*at, tokens[i]);
      if (step == no_place) return nullptr;
      steps.push_back(step);
      at = &child(*at, step);
    }
    return at;
  }

  Value* find(const Tokens& tokens) {
    Steps steps;
    return walk(tokens, tokens.size(), steps);
  }

  /// Refuses what would make the document too deep or too large.
  Reason pay(const Tokens& path, const Value& value) {
    if (static_cast<int>(std::min<std::size_t>(path.size(), depth_max)) + depth(value) >
        depth_max) {
      return "the document would be nested too deep";
    }
    return charge(looked_through(value));
  }

  /// The weight, with the steps it takes to copy or compare the value.
  std::size_t looked_through(const Value& value) {
    const std::size_t sum = weight(value);
    steps_ += sum / value_weight;
    return sum;
  }

  Reason charge(std::size_t more) {
    budget_.used += more;
    over_budget_ = budget_.used > budget_.max;
    if (over_budget_) return "the document would be too large";
    return std::nullopt;
  }

  /// Something of that weight leaves its place. What weighs little holds no object that the index
  /// knows.
  void refund(std::size_t less) {
    budget_.used -= std::min(budget_.used, less);
    if (less >= NameIndex::large * value_weight) names_.forget();
  }

  Reason put(const Tokens& path, Value value) {
    if (path.empty()) return assign(path, std::move(value));
    Steps steps;
    Value* parent = walk(path, path.size() - 1, steps);
    if (parent == nullptr) return "the parent of path does not exist";
    const std::string_view last = path.back();
    if (const auto* object = parent->get<Object>()) steps_ += object->size();
    if (auto* array = parent->get<Array>()) {
      const std::size_t at = last == "-" ? array->size() : array_index(last, array->size() + 1);
      if (at == no_place) return "no place '" + std::string(last) + "' in the array";
      steps_ += array->size() - at;
      array->insert(iterator(*array, at), std::move(value));
      log_.push_back({Change::added_item, std::move(steps), at});
      return std::nullopt;
    }
    auto* object = parent->get<Object>();
    if (object == nullptr) return "a scalar has no children";
    if (names_.find(*object, last) != no_place) return assign(path, std::move(value));
    if (auto reason = charge(member_weight(last))) return reason;
    const Member* before = object->data();
    object->emplace_back(last, std::move(value));
    names_.appended(before, *object);
    log_.push_back({Change::added_member, std::move(steps), object->size() - 1});
    return std::nullopt;
  }

  /// Precondition: something is at `path`.
  Reason assign(const Tokens& path, Value value) {
    Steps steps;
    Value& target = *walk(path, path.size(), steps);
    assign(target, std::move(steps), std::move(value));
    return std::nullopt;
  }
  void assign(Value& target, Steps steps, Value value) {
    refund(looked_through(target));
    log_.push_back(
        {Change::assigned, std::move(steps), 0, std::exchange(target, std::move(value))});
  }

  Reason replace(const Tokens& path, Value& value) {
    Steps steps;
    const std::size_t before = steps_;
    Value* target = walk(path, path.size(), steps);
    if (target == nullptr) return "nothing is at path";
    steps_ += steps_ - before;  // one way to look, one to replace: counts are part of the rules
    if (auto reason = pay(path, value)) return reason;
    assign(*target, std::move(steps), std::move(value));
    return std::nullopt;
  }

  Reason remove(const Tokens& path) {
    if (find(path) == nullptr) return "nothing is at path";
    if (path.empty()) {
      budget_.used += weight(Value());
      return assign(path, Value());
    }
    take(path);
    return std::nullopt;
  }

  /// Cuts the value out and refunds it; the last log entry holds it. Precondition: it exists and
  /// is not the whole.
  void take(const Tokens& path) {
    Steps steps;
    Value& parent = *walk(path, path.size() - 1, steps);
    if (auto* array = parent.get<Array>()) {
      const std::size_t at = array_index(path.back(), array->size());
      steps_ += array->size() - at;
      refund(looked_through((*array)[at]));
      log_.push_back({Change::took_item, std::move(steps), at, std::move((*array)[at])});
      array->erase(iterator(*array, at));
      return;
    }
    // Older duplicates go first: otherwise they would come to light.
    auto& object = *parent.get<Object>();
    const std::size_t last = names_.find(object, path.back());
    names_.forget();
    for (std::size_t at = last; at-- > 0;) {
      if (object[at].first == path.back()) take_member(object, steps, at);
    }
    take_member(object, steps, find_member(object, path.back()));
  }

  void take_member(Object& object, const Steps& steps, std::size_t at) {
    auto& [name, value] = object[at];
    steps_ += object.size() - at;
    refund(member_weight(name) + looked_through(value));
    log_.push_back({Change::took_member, steps, at, std::move(value), std::move(name)});
    object.erase(iterator(object, at));
  }

  Reason test(const Tokens& path, const Value& value) {
    const Value* target = find(path);
    if (target == nullptr) return "nothing is at path";
    looked_through(*target);
    if (!deep_equal(*target, value)) return "the value differs";
    return std::nullopt;
  }

  Reason move(const Tokens& from, const Tokens& path) {
    const Value* source = find(from);
    if (source == nullptr) return "nothing is at from";
    if (from == path) return std::nullopt;
    if (from.size() < path.size() && std::equal(from.begin(), from.end(), path.begin())) {
      return "a value cannot move into itself";
    }
    take(from);
    if (auto reason = pay(path, log_.back().old)) return reason;
    return put(path, log_.back().old);
  }

  Reason copy(const Tokens& from, const Tokens& path) {
    const Value* source = find(from);
    if (source == nullptr) return "nothing is at from";
    if (auto reason = pay(path, *source)) return reason;
    return put(path, *source);
  }

  Value& document_;
  PatchBudget& budget_;
  NameIndex& names_;
  std::size_t used_before_;
  std::size_t steps_ = 0;  ///< looked at before each operation: one alone is bounded by the budget
  bool over_budget_ = false;
  std::vector<Undo> log_;
};

}  // namespace

std::optional<PatchFailure> apply_patch(Value& document, Value patch, PatchBudget& budget,
                                        NameIndex& names) {
  auto* ops = patch.get<Array>();
  if (ops == nullptr) return PatchFailure{0, "a patch is an array", false};
  Patcher patcher(document, budget, names);
  for (std::size_t i = 0; i < ops->size(); ++i) {
    if (auto reason = patcher.apply((*ops)[i])) {
      const bool over = patcher.over_budget();
      patcher.undo_all();
      return PatchFailure{i, std::move(*reason), over};
    }
  }
  return std::nullopt;
}

std::optional<PatchFailure> apply_patch(Value& document, Value patch, PatchBudget& budget) {
  NameIndex names;
  return apply_patch(document, std::move(patch), budget, names);
}

std::optional<PatchFailure> apply_patch(Value& document, Value patch) {
  PatchBudget budget{weight(document)};
  return apply_patch(document, std::move(patch), budget);
}

}  // namespace vouch::json
