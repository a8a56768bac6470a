//   roster  version u8 (1; 2 when it was forced; 3 when it changes the rules), epoch, previous 32,
//           in version 3: text rule set; count, count times: key 32, incarnation
// Integers are LEB128.
// SPDX-License-Identifier: MIT
#include "vouch/membership/roster.hpp"

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::membership {
namespace {

constexpr std::uint8_t roster_version = 1, forced_version = 2, rules_version = 3;

/// Which rule sets there are is not looked at: a later version of vouch may have others.
bool may_be_rules(std::string_view text) {
  return !text.empty() && text.size() <= limits::rule_set_bytes_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Roster Roster::next() const {
  Roster out = *this;
  ++out.epoch_;
  out.previous_ = hash_of(*this);
  out.forced_ = false;
  out.rule_set_.clear();
  return out;
}

void Roster::add(const PeerId& peer) {
  const auto at = std::lower_bound(voters_.begin(), voters_.end(), peer);
  if (at == voters_.end() || *at != peer) voters_.insert(at, peer);
}

void Roster::remove(const PeerId& peer) {
  std::erase(voters_, peer);
  incarnations_.erase(peer);
}

Bytes encode_roster(const Roster& roster) {
  ByteWriter out;
  const std::string& rules = roster.rule_set();
  VOUCH_CHECK(rules.empty() || !roster.forced());
  out.u8(roster.forced() ? forced_version : rules.empty() ? roster_version : rules_version);
  out.leb(roster.epoch());
  out.raw(roster.previous().view());
  if (!rules.empty()) out.text(rules);
  out.leb(roster.size());
  for (const PeerId& voter : roster.voters()) {
    out.raw(voter.view());
    out.leb(roster.incarnation_of(voter));
  }
  return out.take();
}

Result<Roster> decode_roster(ByteView bytes) {
  ByteReader in(bytes);
  Roster out;
  const std::uint8_t version = in.u8();
  if (version < roster_version || version > rules_version) in.spoil();
  out.forced_ = version == forced_version;
  const std::uint64_t epoch = in.leb();
  out.previous_ = in.fixed<Hash>();
  if (version == rules_version) {
    out.rule_set_ = in.text();
    if (!may_be_rules(out.rule_set_)) in.spoil();
  }
  const std::size_t count = in.count(PeerId::size + 1);
  if (epoch > UINT32_MAX || count == 0 || count > limits::voters_max) in.spoil();
  if (version != roster_version && epoch == 0) in.spoil();  // it follows on one
  out.epoch_ = static_cast<std::uint32_t>(epoch);
  for (std::size_t i = 0; in.ok() && i < count; ++i) {
    const PeerId voter = in.fixed<PeerId>();
    const std::uint64_t incarnation = in.leb();
    const bool rises = out.voters_.empty() || out.voters_.back() < voter;
    if (!rises || incarnation == 0 || incarnation > UINT32_MAX) in.spoil();
    out.voters_.push_back(voter);
    out.list(voter, static_cast<std::uint32_t>(incarnation));
  }
  if (!in.done()) return fail(Errc::malformed, "these bytes are no roster");
  return out;
}

Hash hash_of(const Roster& roster) {
  return crypto::blake2b(encode_roster(roster));
}

std::vector<PeerId> Roster::validators(std::string_view stream, const PeerId& self,
                                       std::size_t count) const {
  std::vector<std::pair<Hash, PeerId>> ranked;
  for (const PeerId& voter : voters_) {
    if (voter == self) continue;
    ByteWriter key;
    key.text(stream);
    key.raw(voter.view());
    ranked.emplace_back(crypto::blake2b(key.bytes()), voter);
  }
  std::sort(ranked.begin(), ranked.end());
  if (ranked.size() > count) ranked.resize(count);
  std::vector<PeerId> out;
  for (const auto& [rank, voter] : ranked) out.push_back(voter);
  return out;
}

}  // namespace vouch::membership
