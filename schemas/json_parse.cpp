// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_parse.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_reader.hpp"
#include "vouch/schemas/same_text.hpp"
#include "vouch/schemas/usual_utf8.hpp"

namespace vouch::json {
namespace {

// Above this, a parser does not keep the buffers that one unit needed.
constexpr std::size_t size_kept = std::size_t{64} << 10;
constexpr std::size_t size_min = 1024;
// Events that come often have fewer members.
constexpr std::size_t familiar_members = 8;

}  // namespace

struct Parser::Impl {
  std::string padded;  ///< the unit, and zeros that the reader may look at
  std::size_t size = 0;
  std::string scratch;   ///< texts that had escapes
  char* free = nullptr;  ///< what is left of it
  std::optional<Parsed> whole;
  std::optional<std::size_t> flat;  ///< how many of `members` the unit has
  std::size_t kept = 0;             ///< how many of them the unit before has left
  std::array<FlatMember, flat_members_max> members;
  std::array<Familiar, familiar_members> familiar;
  std::vector<Value> trees;  ///< of members; never more than those, so that none of them moves

  Impl() { trees.reserve(flat_members_max); }

  /// What the unit has in common with the one before stays where it is.
  void load(std::string_view text) {
    const std::size_t wanted = text.size() + Reader::padding;
    const bool oversized = padded.size() > size_kept && wanted <= size_kept;
    const bool fresh = padded.size() < wanted || oversized;
    const std::size_t shared = fresh ? 0 : shared_prefix({padded.data(), size}, text);
    kept = flat ? keepable(padded.data() + shared) : 0;
    if (fresh) {
      padded = std::string(std::max(std::bit_ceil(wanted), size_min), '\0');
      scratch = padded;
    }
    whole.reset();
    trees.clear();
    size = text.size();
    text.copy(padded.data() + shared, size - shared, shared);
    std::memset(padded.data() + size, 0, Reader::padding);
  }

  /// How many of the first members stand in a unit that is other from `end` on: those with another
  /// member behind them that begins as it did.
  std::size_t keepable(const char* end) const {
    std::size_t count = 0;
    while (count + 1 < *flat && members[count + 1].begin < end && lasts(members[count])) ++count;
    return count;
  }

  /// All that is known of the member is in the unit itself.
  bool lasts(const FlatMember& member) const {
    const auto in_place = [&](std::string_view part) {
      return part.data() >= padded.data() && part.data() <= padded.data() + size;
    };
    if (member.type >= FlatMember::Type::array || !in_place(member.name)) return false;
    return member.type != FlatMember::Type::text || (!member.escaped && in_place(member.text));
  }

  Reader reader() { return Reader({padded.data(), size}, scratch.data()); }

  /// UTF-8 is checked where it may be broken: outside of strings all that is read is ASCII.
  std::optional<ParseFault> read(std::string_view text) {
    load(text);
    flat.reset();
    Reader quick = reader();
    flat = quick.members(members, trees, familiar, kept);
    if (flat) {
      const std::string_view foreign = quick.foreign();
      free = quick.scratch();
      const bool utf8 =
          is_usual_utf8(foreign) || simdjson::validate_utf8(foreign.data(), foreign.size());
      if (utf8) return std::nullopt;
      flat.reset();
      return ParseFault::syntax;
    }
    if (!simdjson::validate_utf8(padded.data(), size)) return ParseFault::syntax;
    Reader general = reader();
    Parsed parsed;
    if (!general.document(parsed.value)) {
      return general.too_deep() ? ParseFault::depth : ParseFault::syntax;
    }
    parsed.unpaired_surrogates = general.surrogates();
    whole = std::move(parsed);
    return std::nullopt;
  }

  /// In its place: all that is asked of the member later is answered from there.
  std::string_view unescaped(const FlatMember& member) {
    FlatMember& held = members[static_cast<std::size_t>(&member - members.data())];
    char* const begin = free;
    free = unescape(held.text, begin);
    held.text = {begin, free};
    held.escaped = false;
    return held.text;
  }

  /// What a member that nests not is as a tree.
  Value scalar(const FlatMember& member) {
    switch (member.type) {
      case FlatMember::Type::boolean:
        return Value(member.flag);
      case FlatMember::Type::integer:
        return Value(member.integer);
      case FlatMember::Type::number:
        return Value(member.number);
      case FlatMember::Type::text:
        return Value(std::string(member.escaped ? unescaped(member) : member.text));
      default:
        return {};
    }
  }
};

Parser::Parser() : impl_(std::make_unique<Impl>()) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

std::optional<ParseFault> Parser::read(std::string_view text) {
  return impl_->read(text);
}

bool Parser::is_object() const {
  return impl_->flat || (impl_->whole && impl_->whole->value.get<Object>() != nullptr);
}

bool Parser::unpaired_surrogates() const {
  return impl_->whole && impl_->whole->unpaired_surrogates;
}

std::optional<std::span<const FlatMember>> Parser::flat() const {
  if (!impl_->flat) return std::nullopt;
  return std::span<const FlatMember>(impl_->members).first(*impl_->flat);
}

std::size_t Parser::kept() const {
  return impl_->kept;
}

const Value& Parser::tree(const FlatMember& member) {
  if (member.type >= FlatMember::Type::array) return impl_->trees[member.nested];
  VOUCH_CHECK(impl_->trees.size() < flat_members_max);
  return impl_->trees.emplace_back(impl_->scalar(member));
}

std::string_view Parser::unescaped(const FlatMember& member) {
  return impl_->unescaped(member);
}

void Parser::write_canonical(const FlatMember& member, std::string& out) {
  append_string(member.name, out);
  out.push_back(':');
  switch (member.type) {
    case FlatMember::Type::text:
      append_string(text(member), out);
      break;
    case FlatMember::Type::array:
    case FlatMember::Type::object:
      json::append_canonical(impl_->trees[member.nested], out);
      break;
    default:
      json::append_canonical(impl_->scalar(member), out);
  }
}

Value Parser::tree() {
  const auto members = flat();
  if (!members) return std::move(impl_->whole->value);
  Object object;
  object.reserve(members->size());
  for (const FlatMember& member : *members) {
    const bool nests = member.type >= FlatMember::Type::array;
    object.emplace_back(std::string(member.name),
                        nests ? std::move(impl_->trees[member.nested]) : impl_->scalar(member));
  }
  return Value(std::move(object));
}

std::optional<Parsed> Parser::parse(std::string_view text, ParseFault& fault) {
  if (const auto refused = read(text)) {
    fault = *refused;
    return std::nullopt;
  }
  return Parsed{tree(), unpaired_surrogates()};
}

std::optional<Value> parse(std::string_view text) {
  ParseFault fault{};
  auto parsed = Parser().parse(text, fault);
  if (!parsed) return std::nullopt;
  return std::move(parsed->value);
}

}  // namespace vouch::json
