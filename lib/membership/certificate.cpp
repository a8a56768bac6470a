// SPDX-License-Identifier: MIT
#include "vouch/membership/certificate.hpp"

#include "vouch/base/bundle.hpp"
#include "vouch/crdt/check.hpp"

namespace vouch::membership {

Doubt doubt_of(const ClusterId& cluster, const Roster& roster, const Signer& signer,
               const Certificate& certificate) {
  if (certificate.epoch != roster.epoch()) return Doubt::other_epoch;
  if (certificate.commits.size() < quorum(roster.size())) return Doubt::too_few;
  const PeerId* before = nullptr;
  for (const Certificate::Commit& commit : certificate.commits) {
    if (!roster.lists(commit.voter, commit.incarnation)) return Doubt::not_a_voter;
    if (before != nullptr && commit.voter <= *before) return Doubt::not_a_voter;
    before = &commit.voter;
  }
  for (const Certificate::Commit& commit : certificate.commits) {
    const SignedStatement vote{commit.voter, certificate.statement(commit), commit.path,
                               commit.signature};
    if (!is_signed(cluster, signer, vote)) return Doubt::bad_signature;
  }
  return Doubt::none;
}

Certificate certificate_from(const std::map<PeerId, SignedStatement>& commits) {
  VOUCH_CHECK(!commits.empty());
  const Statement& first = commits.begin()->second.statement;
  Certificate out{first.subject, first.height, first.view, first.epoch, *first.value, {}};
  for (const auto& [voter, vote] : commits) {
    out.commits.push_back({voter, vote.statement.incarnation, vote.path, vote.signature});
  }
  return out;
}

}  // namespace vouch::membership
