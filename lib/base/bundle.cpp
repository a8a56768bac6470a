// SPDX-License-Identifier: MIT
#include "vouch/base/bundle.hpp"

#include <bit>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch {
namespace {

constexpr std::string_view vote_tag("vouch/vote/1\0", 13);
constexpr std::string_view slate_tag("vouch/slate/1\0", 14);
constexpr std::string_view node_tag("vouch/node/1\0", 13);
constexpr std::string_view bundle_tag("vouch/bundle/1\0", 15);
constexpr std::string_view subject_tag("vouch/subject/1\0", 16);

/// With room for all that is hashed here: these are made for every word that is heard.
ByteWriter begin(std::string_view tag) {
  ByteWriter out(256);
  out.raw(as_bytes(tag));
  return out;
}

Hash node_of(const Hash& left, const Hash& right) {
  crypto::Hasher hasher;
  hasher.update(as_bytes(node_tag));
  hasher.update(left.view());
  hasher.update(right.view());
  return hasher.finish();
}

SubjectId subject_of(const ClusterId& cluster, std::string_view kind, ByteView name) {
  ByteWriter out = begin(subject_tag);
  out.raw(cluster.view());
  out.text(kind);
  out.sized(name);
  return *SubjectId::from(crypto::blake2b(out.bytes()).view());
}

/// `votes` with their paths; gives the root.
Hash hang_all(const ClusterId& cluster, const PeerId& voter,
              const std::vector<Statement>& statements, std::vector<SignedStatement>& votes) {
  std::vector<Hash> leaves;
  leaves.reserve(statements.size());
  for (const Statement& statement : statements) leaves.push_back(bundle_leaf(cluster, statement));
  BundleTree tree = hang(std::move(leaves));
  votes.reserve(statements.size());
  for (std::size_t i = 0; i < statements.size(); ++i) {
    votes.push_back({voter, statements[i], {std::move(tree.paths[i]), {}}, {}});
  }
  return tree.root;
}

}  // namespace

SubjectId stream_subject(const ClusterId& cluster, std::string_view stream) {
  return subject_of(cluster, "stream", as_bytes(stream));
}

SubjectId roster_subject(const ClusterId& cluster) {
  return subject_of(cluster, roster_name, as_bytes(roster_name));
}

SubjectId proposal_subject(const ClusterId& cluster, std::string_view subject) {
  return subject_of(cluster, "proposal", as_bytes(subject));
}

SubjectId slate_subject(const ClusterId& cluster, const Hash& root) {
  return subject_of(cluster, "slate", root.view());
}

Hash slate_leaf(const ClusterId& cluster, const SubjectId& subject, const Value& value) {
  ByteWriter out = begin(slate_tag);
  out.raw(cluster.view());
  out.raw(subject.view());
  write_value(out, value);
  return crypto::blake2b(out.bytes());
}

Value slate_value(std::size_t size, const Hash& root) {
  return {size, root};
}

Statement spread(const Statement& whole, const SubjectId& subject, const Value& value) {
  Statement out = whole;
  out.subject = subject;
  out.value = value;
  return out;
}

SignedStatement spread(const SignedStatement& whole, const SubjectId& subject, const Value& value,
                       const SlatePath& place) {
  SignedStatement out{whole.voter, spread(whole.statement, subject, value), whole.path,
                      whole.signature};
  out.path.slate = place;
  return out;
}

Hash bundle_leaf(const ClusterId& cluster, const Statement& statement) {
  ByteWriter out = begin(vote_tag);
  out.raw(cluster.view());
  write_statement(out, statement);
  return crypto::blake2b(out.bytes());
}

BundleTree hang(std::vector<Hash> level) {
  VOUCH_CHECK(!level.empty() && level.size() <= bundle_statements_max);
  BundleTree tree;
  tree.paths.resize(level.size());
  const auto depth = static_cast<std::size_t>(std::bit_width(level.size() - 1));
  for (TreePath& path : tree.paths) path.hashes.reserve(depth);
  for (unsigned height = 0; level.size() > 1; ++height) {
    for (std::size_t i = 0; i < tree.paths.size(); ++i) {
      const std::size_t at = i >> height, sibling = at ^ 1U;
      if (sibling >= level.size()) continue;
      TreePath& path = tree.paths[i];
      if (sibling < at) path.sides |= 1U << path.hashes.size();
      path.hashes.push_back(level[sibling]);
    }
    std::size_t above = 0;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
      level[above++] = node_of(level[i], level[i + 1]);
    }
    if (level.size() % 2 != 0) level[above++] = level.back();
    level.resize(above);
  }
  tree.root = level.front();
  return tree;
}

Bytes bundle_statement(const Hash& root) {
  ByteWriter out = begin(bundle_tag);
  out.raw(root.view());
  return out.take();
}

std::vector<SignedStatement> sign_bundle(const ClusterId& cluster, const Signer& signer,
                                         const std::vector<Statement>& statements) {
  VOUCH_CHECK(!statements.empty() && statements.size() <= bundle_statements_max);
  std::vector<SignedStatement> out;
  const Hash root = hang_all(cluster, signer.id(), statements, out);
  const Signature signature = signer.sign(bundle_statement(root));
  for (SignedStatement& vote : out) vote.signature = signature;
  return out;
}

std::vector<SignedStatement> open_ballot(const ClusterId& cluster, const Signer& signer,
                                         const PeerId& voter, const Ballot& ballot) {
  const std::size_t count = ballot.statements.size();
  if (count == 0 || count > bundle_statements_max) return {};
  std::vector<SignedStatement> out;
  const Hash root = hang_all(cluster, voter, ballot.statements, out);
  if (!signer.verify(voter, bundle_statement(root), ballot.signature)) return {};
  for (SignedStatement& vote : out) vote.signature = ballot.signature;
  return out;
}

Hash bundle_root(const ClusterId& cluster, const Statement& statement, const BundlePath& path) {
  return tree_root(leaf_in_bundle(cluster, statement, path.slate), path);
}

Hash leaf_in_bundle(const ClusterId& cluster, const Statement& statement,
                    const std::optional<SlatePath>& slate) {
  if (!slate || !statement.value) return bundle_leaf(cluster, statement);
  const Hash leaf = slate_leaf(cluster, statement.subject, *statement.value);
  const Hash root = tree_root(leaf, *slate);
  return bundle_leaf(
      cluster, spread(statement, slate_subject(cluster, root), slate_value(slate->size, root)));
}

Hash tree_root(const Hash& leaf, const TreePath& path) {
  Hash root = leaf;
  for (std::size_t i = 0; i < path.hashes.size(); ++i) {
    const bool left = (path.sides >> i & 1U) != 0;
    root = left ? node_of(path.hashes[i], root) : node_of(root, path.hashes[i]);
  }
  return root;
}

bool is_signed(const ClusterId& cluster, const Signer& signer, const SignedStatement& vote) {
  const Hash root = bundle_root(cluster, vote.statement, vote.path);
  return signer.verify(vote.voter, bundle_statement(root), vote.signature);
}

}  // namespace vouch
