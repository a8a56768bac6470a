// Statements signed together: one signature over the root of a hash tree whose leaves are the
// statements. A statement with its path stays transferable by itself.
//   leaf  BLAKE2b("vouch/vote/1" NUL, cluster, statement)
//   node  BLAKE2b("vouch/node/1" NUL, left, right); an odd one moves up as it is
//   signed  "vouch/bundle/1" NUL, root
// A slate is a tree of the same kind over subjects and their values. Who says something about a
// slate says it about all of them, each by a path of its own:
//   leaf  BLAKE2b("vouch/slate/1" NUL, cluster, subject, value)
// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "vouch/base/signer.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch {

/// What instances of a stream are about.
SubjectId stream_subject(const ClusterId& cluster, std::string_view stream);
/// What instances of a user's subject are about.
SubjectId proposal_subject(const ClusterId& cluster, std::string_view subject);
/// What the instances are about that decide who votes.
inline constexpr std::string_view roster_name = "roster";
SubjectId roster_subject(const ClusterId& cluster);

/// What a statement about all that stands on a slate is about.
SubjectId slate_subject(const ClusterId& cluster, const Hash& root);
Hash slate_leaf(const ClusterId& cluster, const SubjectId& subject, const Value& value);
/// The value that such a statement has.
Value slate_value(std::size_t size, const Hash& root);
/// What is said about one subject in saying `whole`, a statement about a slate.
Statement spread(const Statement& whole, const SubjectId& subject, const Value& value);
/// The same, signed: `place` is where the subject hangs.
SignedStatement spread(const SignedStatement& whole, const SubjectId& subject, const Value& value,
                       const SlatePath& place);

/// Signs all of `statements` (1 to bundle_statements_max) with one signature. The i-th result is
/// about the i-th.
std::vector<SignedStatement> sign_bundle(const ClusterId& cluster, const Signer& signer,
                                         const std::vector<Statement>& statements);
/// The statements of a ballot with their paths, the signature checked once; nothing when it is
/// wrong or there are none.
std::vector<SignedStatement> open_ballot(const ClusterId& cluster, const Signer& signer,
                                         const PeerId& voter, const Ballot& ballot);
/// The hash of a statement in a bundle.
Hash bundle_leaf(const ClusterId& cluster, const Statement& statement);
/// A tree over 1 to bundle_statements_max leaves, and the path of each.
struct BundleTree {
  Hash root;
  std::vector<TreePath> paths;
};
BundleTree hang(std::vector<Hash> leaves);
/// Root of the bundle that a statement says it hangs in.
Hash bundle_root(const ClusterId& cluster, const Statement& statement, const BundlePath& path);
/// `path` leads there from `leaf`.
Hash tree_root(const Hash& leaf, const TreePath& path);
/// What hangs in the bundle for it: its own leaf, or that of the statement about its slate.
Hash leaf_in_bundle(const ClusterId& cluster, const Statement& statement,
                    const std::optional<SlatePath>& slate);
Bytes bundle_statement(const Hash& root);
bool is_signed(const ClusterId& cluster, const Signer& signer, const SignedStatement& vote);

}  // namespace vouch
