// Stages 2 to 4 of RULES section 2 for an event that touches no rule: straight from its members,
// without a tree. Invariant: what passes here, the tree would pass without a finding, as the same
// Event and with the same canonical form. Deliberately absent: findings. Whatever is unusual is
// left to the tree.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "vouch/schemas/json_parse.hpp"
#include "vouch/validator/flat_table.hpp"

namespace vouch::validator {

/// Not thread-safe.
class FlatJudge {
 public:
  explicit FlatJudge(Protocol protocol);

  /// See Decoder::leave_deltas.
  void leave_deltas() { deltas_unread_ = true; }

  /// True when the event is valid: `event` views `parser` until it reads again. It is empty, or
  /// what this judge left in it: members that the last event had, too, are only written over, or
  /// left alone if the parser has kept them; so parser and event are the same ones each time, and
  /// nothing flat is read that is not judged. False when the tree has to decide; the event is of no
  /// use then, and clear() comes next.
  bool judge(std::span<const json::FlatMember> members, json::Parser& parser, Event& event);
  void clear(Event& event);
  /// The canonical form of the event that was just found valid; lives until the next call.
  std::string_view canonical(json::Parser& parser);

 private:
  using Member = json::FlatMember;

  /// Files the members by place; false when one is unknown or repeated. The first `kept` ones are
  /// filed already.
  bool file(std::span<const Member> members, std::size_t kept);
  /// False when there is no type, or no event has it.
  bool find_kind();
  bool take(const Member& member, const FlatRow& row, json::Parser& parser, Event& event);
  bool hold(const Member& member, const FlatRow& row, json::Parser& parser, Event& event);

  /// Calls it with the members by place.
  void each_member(const auto& call) const;

  Protocol protocol_;
  bool deltas_unread_ = false;
  const FlatNames& names_;
  std::size_t type_place_;
  const FlatTable& table_;
  std::uint64_t seen_ = 0;
  std::uint64_t filled_ = 0;  ///< what the event has of the last one; 0 = nothing
  std::array<const Member*, FlatNames::max> members_{};
  std::array<std::size_t, json::flat_members_max> places_{};  ///< of the last event: they repeat
  Kind last_ = Kind::text_message_content;                    ///< streams repeat kinds
  std::array<Kind, all_kinds_count> next_{};                  ///< and what comes behind each
  std::string canonical_;                                     ///< a buffer: longer than the form
};

}  // namespace vouch::validator
