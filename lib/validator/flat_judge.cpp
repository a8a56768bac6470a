// Inline is what every event passes, and nothing else calls.
// SPDX-License-Identifier: MIT
#include "vouch/validator/flat_judge.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/same_text.hpp"

namespace vouch::validator {
namespace {

using MemberType = json::FlatMember::Type;

constexpr std::int64_t integer_max = 9007199254740991;  // 2^53 - 1

constexpr std::uint64_t bit(std::size_t place) {
  return std::uint64_t{1} << place;
}

// Parts of a unit are copied by so many bytes: that many can be read behind each of them.
constexpr std::size_t stride = 32;
static_assert(stride <= json::unit_padding);

/// Gives the end of the copy; what is written behind it is of no use.
char* copy_strides(std::string_view part, char* to) {
  for (std::size_t at = 0; at < part.size(); at += stride) {
    std::memcpy(to + at, part.data() + at, stride);
  }
  return to + part.size();
}

/// Number of a member that is one.
double number_of(const json::FlatMember& member) {
  return member.type == MemberType::integer ? static_cast<double>(member.integer) : member.number;
}

/// A number without a fraction that a double holds exactly, with all its neighbours.
bool is_whole(const json::FlatMember& member) {
  if (member.type == MemberType::integer) {
    return -integer_max <= member.integer && member.integer <= integer_max;
  }
  return std::trunc(member.number) == member.number &&
         std::abs(member.number) <= static_cast<double>(integer_max);
}

bool plain_op(const json::Value& op, const Union& ops, Protocol protocol) {
  const auto* members = op.get<json::Object>();
  const std::string* name = op.find_text(ops.tag);
  if (members == nullptr || name == nullptr) return false;
  const Variant* variant = variant_of(ops, *name, protocol);
  if (variant == nullptr) return false;
  std::size_t found = 0;
  for (auto member = members->begin(); member != members->end(); ++member) {
    const Field* field = field_of(*variant->shape, member->first, protocol);
    if (field == nullptr) continue;  // operations are open
    const auto same = [&](const json::Member& other) { return other.first == member->first; };
    if (std::any_of(members->begin(), member, same)) return false;
    if (field->type == Type::pointer) {
      const auto* text = member->second.get<std::string>();
      if (text == nullptr || !json::is_pointer(*text)) return false;
    }
    ++found;
  }
  return found == variant->shape->fields.size();  // all of them are required
}

bool plain_patch(const json::Value& patch, const Union& ops, Protocol protocol) {
  return std::ranges::all_of(*patch.get<json::Array>(),
                             [&](const json::Value& op) { return plain_op(op, ops, protocol); });
}

}  // namespace

FlatJudge::FlatJudge(Protocol protocol)
    : protocol_(protocol),
      names_(FlatNames::all()),
      type_place_(names_.place_of("type")),
      table_(flat_table(protocol)) {}

/// In place: an event is large, and nearly all of it is not there.
void FlatJudge::clear(Event& event) {
  static_assert(std::is_trivially_destructible_v<Event>);
  new (&event) Event;
  filled_ = 0;
}

inline bool FlatJudge::file(std::span<const Member> members, std::size_t kept) {
  for (std::size_t i = kept; i < members.size(); ++i) {
    std::size_t place = places_[i];
    if (!same_text(members[i].name, names_.name(place))) {
      place = names_.place_of(members[i].name);
      if (place == FlatNames::none) return false;
      places_[i] = place;
    }
    if ((seen_ & bit(place)) != 0) return false;
    seen_ |= bit(place);
    members_[place] = &members[i];
  }
  return true;
}

bool FlatJudge::judge(std::span<const Member> members, json::Parser& parser, Event& event) {
  const std::size_t kept_count = filled_ == 0 ? 0 : parser.kept();
  std::uint64_t kept = 0;
  for (std::size_t i = 0; i < kept_count; ++i) kept |= bit(places_[i]);
  seen_ = kept;
  if (!file(members, kept_count)) return false;
  if ((kept & bit(type_place_)) == 0 && !find_kind()) return false;
  const FlatKind& kind = table_[static_cast<std::size_t>(last_)];
  if ((seen_ & ~kind.known) != 0 || (kind.required & ~seen_) != 0) return false;
  if (seen_ != filled_ || event.kind != last_) {
    clear(event);
    kept = 0;
  }
  filled_ = seen_;
  event.kind = last_;
  kept = (kept & ~kind.held) | bit(type_place_);  // the parser's trees are made anew
  for (std::uint64_t rest = seen_ & ~kept; rest != 0; rest &= rest - 1) {
    const auto place = static_cast<std::size_t>(std::countr_zero(rest));
    const Member& member = *members_[place];
    const FlatRow& row = kind.rows[place];
    if (row.take == Take::text && row.text != nullptr && member.type == MemberType::text) {
      if (member.escaped && !(deltas_unread_ && row.text == &Event::delta)) parser.text(member);
      event.*row.text = member.text;  // nearly all are such
    } else if (!take(member, row, parser, event)) {
      return false;
    }
  }
  return true;
}

inline bool FlatJudge::find_kind() {
  if ((seen_ & bit(type_place_)) == 0) return false;
  const Member& member = *members_[type_place_];
  if (member.type != MemberType::text) return false;
  if (same_text(member.text, name_of(last_))) return true;
  Kind& next = next_[static_cast<std::size_t>(last_)];
  if (!same_text(member.text, name_of(next))) {
    auto kind = kind_of(member.text);
    if (!kind && protocol_ == Protocol::agui_0_0_58) kind = retired_kind_of(member.text);
    if (!kind) return false;
    next = *kind;
  }
  last_ = next;
  return true;
}

void FlatJudge::each_member(const auto& call) const {
  for (std::uint64_t rest = seen_; rest != 0; rest &= rest - 1) {
    call(*members_[static_cast<std::size_t>(std::countr_zero(rest))]);
  }
}

std::string_view FlatJudge::canonical(json::Parser& parser) {
  std::size_t size = 1;
  bool as_sent = true;
  each_member([&](const Member& member) {
    size += 1 + member.as_sent.size();
    as_sent &= !member.as_sent.empty();
  });
  char separator = '{';
  if (!as_sent) {
    canonical_.clear();
    each_member([&](const Member& member) {
      canonical_.push_back(std::exchange(separator, ','));
      parser.append_canonical(member, canonical_);
    });
    canonical_.push_back('}');
    return canonical_;
  }
  if (canonical_.size() < size + stride) canonical_.resize(std::bit_ceil(size + stride));
  char* to = canonical_.data();
  each_member([&](const Member& member) {
    *to++ = std::exchange(separator, ',');
    to = copy_strides(member.as_sent, to);
  });
  *to = '}';
  return {canonical_.data(), size};
}

inline bool FlatJudge::take(const Member& member, const FlatRow& row, json::Parser& parser,
                            Event& event) {
  const bool text = member.type == MemberType::text;
  if (text && row.take != Take::refuse) parser.text(member);
  const bool number = member.type == MemberType::integer || member.type == MemberType::number;
  switch (row.take) {
    case Take::refuse:
      return false;
    case Take::text:
      if (!text) return false;
      break;
    case Take::text_role:
      if (!text || !is_text_role(member.text)) return false;
      break;
    case Take::constant:
      if (!text || member.text != row.field->constant) return false;
      break;
    case Take::tag:
      if (!text || !is_tag_value(row.field->name, member.text)) return false;
      break;
    case Take::integer:
      if (!number || !is_whole(member)) return false;
      event.timestamp = number_of(member);
      return true;
    case Take::number:
      if (number) event.timestamp = number_of(member);
      return number;
    case Take::boolean:
      if (member.type != MemberType::boolean) return false;
      event.replace = member.flag;
      return true;
    default:
      return hold(member, row, parser, event);
  }
  if (row.text != nullptr) event.*row.text = member.text;
  return true;
}

bool FlatJudge::hold(const Member& member, const FlatRow& row, json::Parser& parser, Event& event) {
  const bool array = member.type == MemberType::array;
  if (row.take == Take::any_set && member.type == MemberType::null) return false;
  if (row.take == Take::object && member.type != MemberType::object) return false;
  if (row.take == Take::string && member.type != MemberType::text) return false;
  if ((row.take == Take::array || row.take == Take::patch) && !array) return false;
  const json::Value& held = parser.tree(member);
  if (row.take == Take::patch && !plain_patch(held, *row.field->options, protocol_)) return false;
  event.*row.value = &held;
  return true;
}

}  // namespace vouch::validator
