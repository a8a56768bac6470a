// The field tables of shapes.hpp, compiled for flat_judge.hpp: every member name of an event has a
// place, places are in canonical order, a kind of event is a row for each place. Made once, from
// shapes.hpp alone. Deliberately absent: members whose inside is judged, but for patches.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vouch/validator/shapes.hpp"

namespace vouch::validator {

/// Names of all members of events. Immutable.
class FlatNames {
 public:
  static constexpr std::size_t max = 64;
  static constexpr std::size_t none = max;

  static const FlatNames& all();

  /// The place of a name, `none` when no event has it.
  std::size_t place_of(std::string_view name) const {
    if (name.empty()) return none;
    const std::size_t place = slots_[slot(name, spread_)];
    return place < names_.size() && names_[place] == name ? place : none;
  }
  std::size_t size() const { return names_.size(); }
  std::string_view name(std::size_t place) const { return names_[place]; }

 private:
  FlatNames();
  static std::uint8_t slot(std::string_view name, std::uint32_t spread) {
    const auto at = [name](std::size_t i) { return static_cast<unsigned char>(name[i]); };
    const std::uint32_t ends = at(0) | at(name.size() / 2) << 8 | at(name.size() - 1) << 16;
    return static_cast<std::uint8_t>((ends ^ name.size() << 24) * spread >> 24);
  }

  std::vector<std::string_view> names_;  ///< in canonical order
  std::uint32_t spread_ = 1;             ///< no two names share a slot
  std::array<std::uint8_t, 256> slots_{};
};

/// What becomes of a member, and which values are ordinary.
enum class Take : std::uint8_t {
  refuse,     ///< its inside is judged
  text,       ///< string
  text_role,  ///< one of the four roles
  constant,   ///< the one string of the field
  tag,        ///< string among the values of the field
  integer,    ///< within +-(2^53 - 1)
  number,
  boolean,
  any,      ///< held as a tree, null included
  any_set,  ///< held as a tree
  object,   ///< the same
  array,    ///< the same
  string,   ///< the same
  patch,    ///< the same; every operation has what it needs and says nothing twice
};

struct FlatRow {
  Take take = Take::refuse;
  const Field* field = nullptr;
  Text Event::*text = nullptr;
  const json::Value* Event::*value = nullptr;
};

struct FlatKind {
  std::uint64_t known = 0;     ///< bit for each place
  std::uint64_t required = 0;  ///< the same
  std::uint64_t held = 0;      ///< the same: of members that are held as trees
  std::vector<FlatRow> rows;   ///< by place
};

using FlatTable = std::array<FlatKind, all_kinds_count>;
const FlatTable& flat_table(Protocol protocol);

}  // namespace vouch::validator
