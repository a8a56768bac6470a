// SPDX-License-Identifier: MIT
#include "vouch/membership/roster_change.hpp"

#include "vouch/schemas/limits.hpp"

namespace vouch::membership {

Result<Roster> changed(const Roster& before, const RosterChange& change) {
  Roster out = before.next();
  for (const PeerId& peer : change.remove) {
    if (!before.contains(peer)) return fail(Errc::malformed, peer.hex() + " has no vote now");
    if (change.list.contains(peer)) {
      return fail(Errc::malformed, peer.hex() + " cannot be removed and listed at once");
    }
    out.remove(peer);
  }
  for (const auto& [peer, incarnation] : change.list) {
    if (incarnation == 0) return fail(Errc::malformed, peer.hex() + ": incarnations start at 1");
    if (before.contains(peer) && incarnation < before.incarnation_of(peer)) {
      return fail(Errc::malformed, peer.hex() + " is listed under a higher incarnation already: " +
                                       "what it wrote before is over");
    }
    out.add(peer);
    out.list(peer, incarnation);
  }
  if (out.size() == 0) return fail(Errc::malformed, "nobody would be left to vote");
  if (out.size() > limits::voters_max) {
    return fail(Errc::malformed,
                "more than " + std::to_string(limits::voters_max) + " voters would be listed");
  }
  if (change.rule_set.empty()) return out;
  out.change_rules(change.rule_set);
  if (!decode_roster(encode_roster(out))) {
    return fail(Errc::malformed, "a rule set has at most " +
                                     std::to_string(limits::rule_set_bytes_max) +
                                     " printable characters, and no spaces");
  }
  return out;
}

}  // namespace vouch::membership
