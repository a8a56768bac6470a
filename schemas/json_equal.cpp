// Comparing and measuring trees. Recursion is bounded by the depth of the values.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <utility>

#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/json_sorted.hpp"

namespace vouch::json {
namespace {

double as_double(const Value& value) {
  if (const auto* d = value.get<double>()) return *d;
  if (const auto* i = value.get<std::int64_t>()) return static_cast<double>(*i);
  if (const auto* u = value.get<std::uint64_t>()) return static_cast<double>(*u);
  double number = 0;
  const std::string& digits = value.get<BigInteger>()->digits;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

bool equal_numbers(const Value& a, const Value& b) {
  const auto* a_signed = a.get<std::int64_t>();
  const auto* b_signed = b.get<std::int64_t>();
  const auto* a_unsigned = a.get<std::uint64_t>();
  const auto* b_unsigned = b.get<std::uint64_t>();
  if (a_signed != nullptr && b_signed != nullptr) return *a_signed == *b_signed;
  if (a_unsigned != nullptr && b_unsigned != nullptr) return *a_unsigned == *b_unsigned;
  if (a_signed != nullptr && b_unsigned != nullptr) return std::cmp_equal(*a_signed, *b_unsigned);
  if (a_unsigned != nullptr && b_signed != nullptr) return std::cmp_equal(*a_unsigned, *b_signed);
  return as_double(a) == as_double(b);
}

using Sorted = SortedMembers<const Value*>;

Sorted sorted(const Object& object) {
  Sorted out;
  for (const Member& member : object) out.add(member.first, &member.second);
  out.sort_from(0);
  return out;
}

/// The next member that counts, from `at` on: of equal names the last one.
const Sorted::Entry* next(const Sorted& members, std::size_t& at) {
  if (at == members.size()) return nullptr;
  while (at + 1 < members.size() && members[at].first == members[at + 1].first) ++at;
  return &members[at++];
}

bool equal_objects(const Object& a, const Object& b) {
  const Sorted left = sorted(a), right = sorted(b);
  std::size_t at_left = 0, at_right = 0;
  while (true) {
    const Sorted::Entry* mine = next(left, at_left);
    const Sorted::Entry* other = next(right, at_right);
    if (mine == nullptr || other == nullptr) return mine == other;
    if (mine->first != other->first || !deep_equal(*mine->second, *other->second)) return false;
  }
}

}  // namespace

bool deep_equal(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.data().index() != b.data().index()) return false;
  if (const auto* object = a.get<Object>()) return equal_objects(*object, *b.get<Object>());
  if (const auto* array = a.get<Array>())
    return std::ranges::equal(*array, *b.get<Array>(), deep_equal);
  if (const auto* text = a.get<std::string>()) return *text == *b.get<std::string>();
  if (const auto* flag = a.get<bool>()) return *flag == *b.get<bool>();
  return true;  // null
}

std::size_t member_weight(std::string_view name) {
  return value_weight + name.size();
}

std::size_t weight(const Value& value) {
  std::size_t sum = value_weight;
  if (const auto* text = value.get<std::string>()) sum += text->size();
  if (const auto* big = value.get<BigInteger>()) sum += big->digits.size();
  if (const auto* array = value.get<Array>()) {
    for (const Value& item : *array) sum += weight(item);
  }
  if (const auto* object = value.get<Object>()) {
    for (const Member& member : *object) sum += member_weight(member.first) + weight(member.second);
  }
  return sum;
}

int depth(const Value& value) {
  int deepest = -1;
  if (const auto* array = value.get<Array>()) {
    deepest = 0;
    for (const Value& item : *array) deepest = std::max(deepest, depth(item));
  }
  if (const auto* object = value.get<Object>()) {
    deepest = 0;
    for (const Member& member : *object) deepest = std::max(deepest, depth(member.second));
  }
  return deepest + 1;
}

}  // namespace vouch::json
