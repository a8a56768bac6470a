// SPDX-License-Identifier: MIT
#include "vouch/membership/certificate.hpp"

#include <optional>
#include <vector>

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
  return all_signed(cluster, signer, certificate) ? Doubt::none : Doubt::bad_signature;
}

bool all_signed(const ClusterId& cluster, const Signer& signer, const Certificate& certificate) {
  // All state the same on one slate, but for the incarnation, which is the same most of the time.
  const Certificate::Commit* before = nullptr;
  Hash leaf;
  for (const Certificate::Commit& commit : certificate.commits) {
    const bool same = before != nullptr && before->incarnation == commit.incarnation &&
                      before->path.slate == commit.path.slate;
    if (!same) {
      leaf = leaf_in_bundle(cluster, certificate.statement(commit), commit.path.slate);
    }
    before = &commit;
    const Hash root = tree_root(leaf, commit.path);
    if (!signer.verify(commit.voter, bundle_statement(root), commit.signature)) return false;
  }
  return true;
}

Certificate certificate_from(std::span<const SignedStatement* const> commits) {
  VOUCH_CHECK(!commits.empty());
  const Statement& first = commits.front()->statement;
  Certificate out{first.subject, first.height, first.view, first.epoch, *first.value, {}};
  out.commits.reserve(commits.size());
  for (const SignedStatement* vote : commits) {
    VOUCH_CHECK(out.commits.empty() || out.commits.back().voter < vote->voter);
    out.commits.push_back({vote->voter, vote->statement.incarnation, vote->path, vote->signature});
  }
  return out;
}

Certificate certificate_from(const std::map<PeerId, SignedStatement>& commits) {
  std::vector<const SignedStatement*> votes;
  for (const auto& [voter, vote] : commits) votes.push_back(&vote);
  return certificate_from(votes);
}

}  // namespace vouch::membership
