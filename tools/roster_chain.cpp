// SPDX-License-Identifier: MIT
#include "tools/roster_chain.hpp"

#include <fmt/format.h>

#include "vouch/base/signer.hpp"
#include "vouch/membership/rosters.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::tools {
namespace {

using membership::Doubt;
using membership::Roster;

std::string_view describe(Doubt doubt) {
  switch (doubt) {
    case Doubt::none:
      return "";
    case Doubt::other_epoch:
      return "it is of another epoch";
    case Doubt::not_a_voter:
      return "it is signed by somebody who is not a voter of the roster before";
    case Doubt::too_few:
      return "fewer voters than a quorum of the roster before signed";
    case Doubt::bad_signature:
      return "a signature is wrong";
    case Doubt::no_roster:
      return "it does not name a roster that follows on the one before";
    case Doubt::not_unanimous:
      return "it is forced, and not signed by all voters that remain, and by nobody else";
    case Doubt::forced_by_few:
      return "it is forced, by so few voters of the roster before that all of them may lie; take "
             "the forced roster from somebody you trust";
  }
  return "";
}

tl::unexpected<Error> out_of_reach(const NamedRoster& trusted, std::uint32_t epoch,
                                   std::uint32_t last) {
  return fail(
      Errc::unknown,
      fmt::format(
          "it is of epoch {}, the roster that is trusted of epoch {}, and the chain "
          "between them is not there{}: give what `vouch-dump roster` prints at a "
          "peer with --chain FILE",
          epoch, trusted.roster.epoch(),
          last == trusted.roster.epoch() ? std::string() : fmt::format(" beyond epoch {}", last)));
}

Result<Roster> later(const NamedRoster& trusted, const NamedRoster& told, std::uint32_t epoch) {
  const Ed25519Signer verifier{crypto::Seed{}};
  const ClusterId cluster = sync::cluster_id(trusted.cluster);
  membership::Rosters rosters(cluster, trusted.roster);
  for (const Certificate& one : told.chain) {
    const std::uint32_t decided = one.value.epoch;
    if (decided <= trusted.roster.epoch() || decided > epoch) continue;
    if (decided != rosters.newest().epoch() + 1) break;  // a gap
    Doubt doubt = rosters.doubt_of(verifier, one);
    if (doubt == Doubt::none && !rosters.named_in(one)) doubt = Doubt::no_roster;
    if (doubt != Doubt::none) {
      return fail(
          Errc::bad_signature,
          fmt::format("the chain of rosters does not hold: the certificate of epoch {} does "
                      "not convince, {}",
                      decided, describe(doubt)));
    }
    rosters.add(verifier, one);
  }
  const Roster* found = rosters.find(epoch);
  if (found == nullptr) return out_of_reach(trusted, epoch, rosters.newest().epoch());
  return *found;
}

/// What a file says of the roster of one epoch, unchecked.
std::optional<Roster> claimed(const NamedRoster& told, std::uint32_t epoch) {
  if (told.roster.epoch() == epoch) return told.roster;
  if (told.first && told.first->epoch() == epoch) return told.first;
  for (const Certificate& one : told.chain) {
    if (one.value.epoch != epoch) continue;
    if (auto roster = membership::decode_roster(one.roster)) return std::move(*roster);
  }
  return std::nullopt;
}

Result<Roster> earlier(const NamedRoster& trusted, const NamedRoster& told, std::uint32_t epoch) {
  Roster at = trusted.roster;
  while (at.epoch() > epoch) {
    auto before = claimed(told, at.epoch() - 1);
    if (!before) return out_of_reach(trusted, epoch, at.epoch());
    if (!membership::follows(*before, at)) {
      return fail(Errc::bad_signature,
                  fmt::format("the chain of rosters does not hold: the roster of epoch {} is "
                              "another one than that of epoch {} names",
                              before->epoch(), at.epoch()));
    }
    at = std::move(*before);
  }
  return at;
}

}  // namespace

Result<Roster> roster_of_epoch(const NamedRoster& trusted, const NamedRoster& told,
                               std::uint32_t epoch) {
  return epoch < trusted.roster.epoch() ? earlier(trusted, told, epoch)
                                        : later(trusted, told, epoch);
}

std::set<std::uint32_t> forced_epochs(const Roster& roster, const NamedRoster& told) {
  std::set<std::uint32_t> out;
  Roster at = roster;
  for (;;) {
    if (at.forced()) out.insert(at.epoch());
    auto before = at.epoch() == 0 ? std::nullopt : claimed(told, at.epoch() - 1);
    if (!before || !membership::follows(*before, at)) return out;
    at = std::move(*before);
  }
}

}  // namespace vouch::tools
