// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_names.hpp"

#include <algorithm>
#include <bit>
#include <functional>

#include "vouch/schemas/same_text.hpp"

namespace vouch::json {
namespace {

// Walks of that many times its size pay for a table.
constexpr std::size_t patience = 2;
// More neighbours than chance makes: somebody chose the names.
constexpr std::size_t probes_max = 128;

std::size_t hash_of(std::string_view name) {
  return std::hash<std::string_view>()(name);
}

}  // namespace

std::size_t find_member(const Object& object, std::string_view name) {
  for (std::size_t i = object.size(); i-- > 0;) {
    if (same_text(object[i].first, name)) return i;
  }
  return NameIndex::npos;
}

std::size_t NameIndex::find(const Object& object, std::string_view name) {
  if (object.size() < large) return find_member(object, name);
  Table& table = table_of(object);
  if (table.slots.empty() && !table.unfit && table.walked >= patience * object.size()) {
    build(table, object);
  }
  if (table.slots.empty()) {
    const std::size_t at = find_member(object, name);
    table.walked += object.size() - (at == npos ? 0 : at);
    return at;
  }
  const std::size_t mask = table.slots.size() - 1;
  for (std::size_t slot = hash_of(name) & mask; table.slots[slot] != 0; slot = (slot + 1) & mask) {
    const std::size_t at = table.slots[slot] - 1;
    if (object[at].first == name) return at;
  }
  return npos;
}

void NameIndex::appended(const Member* before, const Object& object) {
  const auto table = std::ranges::find(tables_, before, &Table::buffer);
  if (table == tables_.end()) return;
  table->buffer = object.data();
  if (table->slots.empty()) return;
  if (object.size() * 2 > table->slots.size()) {
    build(*table, object);
  } else {
    insert(*table, object, object.size() - 1);
  }
}

NameIndex::Table& NameIndex::table_of(const Object& object) {
  const auto found = std::ranges::find(tables_, object.data(), &Table::buffer);
  if (found != tables_.end()) {
    std::rotate(tables_.begin(), found, found + 1);
  } else {
    if (tables_.size() == tables_max) tables_.pop_back();
    tables_.insert(tables_.begin(), Table{object.data(), 0, {}, false});
  }
  return tables_.front();
}

void NameIndex::build(Table& table, const Object& object) {
  table.slots.assign(std::bit_ceil(object.size() * 2), 0);
  for (std::size_t i = 0; i < object.size() && !table.unfit; ++i) insert(table, object, i);
}

void NameIndex::insert(Table& table, const Object& object, std::size_t position) {
  const std::string_view name = object[position].first;
  const std::size_t mask = table.slots.size() - 1;
  std::size_t slot = hash_of(name) & mask;
  for (std::size_t probes = 0; table.slots[slot] != 0; slot = (slot + 1) & mask) {
    if (object[table.slots[slot] - 1].first == name) break;
    if (++probes < probes_max) continue;
    table.unfit = true;
    table.slots = {};
    return;
  }
  table.slots[slot] = static_cast<std::uint32_t>(position + 1);
}

}  // namespace vouch::json
