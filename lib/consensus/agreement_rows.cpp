// What is kept of rosters, and how it is read back.
//   rows of Table::agreement beside that of the subject of rosters, by its id and
//     'b', hash: the bytes of a roster that may become the next one
//     'l', epoch (8 bytes, ordered): the certificate that decides the roster of this epoch
//     'h', voter, and 'p', hash: handovers.hpp
//     'f': the roster that the chain begins with
//     'e': the epoch and the incarnation that this voter entered
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::consensus {
Bytes Agreement::roster_key(char kind, ByteView rest) const {
  ByteWriter key;
  key.raw(roster_id_.view());
  key.u8(static_cast<std::uint8_t>(kind));
  key.raw(rest);
  return key.take();
}

Result<void> Agreement::restore_roster_row(ByteView key, ByteView row) {
  const auto malformed = [] {
    return fail(Errc::malformed, "a stored row of the rosters has another form");
  };
  ByteReader in(row);
  const char kind = static_cast<char>(key[SubjectId::size]);
  if (const auto forced = restore_forced_row(kind, row))
    return *forced ? Result<void>() : malformed();
  if (kind == 'l') {
    const auto certificate = decode_certificate(row);
    if (certificate) setting_.rosters->accept(certificate->value);  // it was followed
    if (!certificate || !setting_.rosters->add(setting_.signer, *certificate)) return malformed();
    if (setting_.entered && setting_.entered->epoch == certificate->value.epoch) {
      setting_.roster = setting_.rosters->newest();
    }
    return {};
  }
  if (kind == 'e') {
    Entered entered;
    entered.epoch = static_cast<std::uint32_t>(in.leb());
    entered.incarnation = static_cast<std::uint32_t>(in.leb());
    if (!in.done()) return malformed();
    setting_.entered = entered;
    return {};
  }
  if (kind == 'b') {
    const auto roster = membership::decode_roster(row);
    if (!roster) return malformed();
    spelled_[value_of(*roster)] = to_bytes(row);
    return {};
  }
  if (kind == 'f') {
    if (!(membership::decode_roster(row) == setting_.rosters->first())) return malformed();
    return {};
  }
  if (!handovers_.restore(kind, key.subspan(SubjectId::size + 1), row)) return malformed();
  return {};
}

std::optional<membership::Roster> Agreement::first_roster(
    const ClusterId& cluster, const std::vector<std::pair<Bytes, Bytes>>& rows) {
  Bytes key = to_bytes(roster_subject(cluster).view());
  key.push_back('f');
  const auto row = std::ranges::find(rows, key, &std::pair<Bytes, Bytes>::first);
  if (row == rows.end()) return std::nullopt;
  auto first = membership::decode_roster(row->second);
  return first ? std::optional(std::move(*first)) : std::nullopt;
}

std::vector<membership::Roster> Agreement::later_rosters(
    const ClusterId& cluster, const std::vector<std::pair<Bytes, Bytes>>& rows) {
  Bytes prefix = to_bytes(roster_subject(cluster).view());
  prefix.push_back('l');
  std::vector<membership::Roster> out;
  for (const auto& [key, row] : rows) {
    if (!starts_with(key, prefix)) continue;
    const auto certificate = decode_certificate(row);
    auto roster = membership::decode_roster(certificate ? certificate->roster : Bytes{});
    if (roster) out.push_back(std::move(*roster));
  }
  return out;
}

}  // namespace vouch::consensus
