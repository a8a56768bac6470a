//   roster  version u8 (1; 2 when it was forced), epoch, previous 32,
//           count, count times: key 32, incarnation
// Integers are LEB128.
// SPDX-License-Identifier: MIT
#include "vouch/membership/roster.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::membership {
namespace {

constexpr std::uint8_t roster_version = 1, forced_version = 2;

}  // namespace

Roster Roster::next() const {
  Roster out = *this;
  ++out.epoch_;
  out.previous_ = hash_of(*this);
  out.forced_ = false;
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
  out.u8(roster.forced() ? forced_version : roster_version);
  out.leb(roster.epoch());
  out.raw(roster.previous().view());
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
  if (version != roster_version && version != forced_version) in.spoil();
  out.forced_ = version == forced_version;
  const std::uint64_t epoch = in.leb();
  out.previous_ = in.fixed<Hash>();
  const std::size_t count = in.count(PeerId::size + 1);
  if (epoch > UINT32_MAX || count == 0 || count > limits::voters_max) in.spoil();
  if (out.forced_ && epoch == 0) in.spoil();  // it follows on one
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
