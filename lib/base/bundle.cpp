// SPDX-License-Identifier: MIT
#include "vouch/base/bundle.hpp"

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch {
namespace {

constexpr std::string_view vote_tag("vouch/vote/1\0", 13);
constexpr std::string_view node_tag("vouch/node/1\0", 13);
constexpr std::string_view bundle_tag("vouch/bundle/1\0", 15);
constexpr std::string_view subject_tag("vouch/subject/1\0", 16);

/// With room for all that is hashed here: these are made for every word that is heard.
ByteWriter begin(std::string_view tag) {
  ByteWriter out(256);
  out.raw(as_bytes(tag));
  return out;
}

Hash leaf_of(const ClusterId& cluster, const Statement& statement) {
  ByteWriter out = begin(vote_tag);
  out.raw(cluster.view());
  write_statement(out, statement);
  return crypto::blake2b(out.bytes());
}

Hash node_of(const Hash& left, const Hash& right) {
  crypto::Hasher hasher;
  hasher.update(as_bytes(node_tag));
  hasher.update(left.view());
  hasher.update(right.view());
  return hasher.finish();
}

SubjectId subject_of(const ClusterId& cluster, std::string_view kind, std::string_view name) {
  ByteWriter out = begin(subject_tag);
  out.raw(cluster.view());
  out.text(kind);
  out.text(name);
  return *SubjectId::from(crypto::blake2b(out.bytes()).view());
}

/// Fills the path of every leaf on the way up, and gives the root.
Hash climb(std::vector<Hash> level, std::vector<BundlePath>& paths) {
  std::vector<std::size_t> at(paths.size());
  for (std::size_t i = 0; i < at.size(); ++i) at[i] = i;
  while (level.size() > 1) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      const std::size_t sibling = at[i] ^ 1U;
      if (sibling < level.size()) {
        BundlePath& path = paths[i];
        if (sibling < at[i]) path.sides |= 1U << path.hashes.size();
        path.hashes.push_back(level[sibling]);
      }
      at[i] /= 2;
    }
    std::vector<Hash> above;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
      above.push_back(node_of(level[i], level[i + 1]));
    }
    if (level.size() % 2 != 0) above.push_back(level.back());
    level = std::move(above);
  }
  return level.front();
}

std::vector<SignedStatement> hang(const ClusterId& cluster, const PeerId& voter,
                                  const std::vector<Statement>& statements, Hash& root) {
  std::vector<Hash> leaves;
  for (const Statement& statement : statements) leaves.push_back(leaf_of(cluster, statement));
  std::vector<BundlePath> paths(leaves.size());
  root = climb(std::move(leaves), paths);
  std::vector<SignedStatement> out;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    out.push_back({voter, statements[i], std::move(paths[i]), {}});
  }
  return out;
}

}  // namespace

SubjectId stream_subject(const ClusterId& cluster, std::string_view stream) {
  return subject_of(cluster, "stream", stream);
}

SubjectId roster_subject(const ClusterId& cluster) {
  return subject_of(cluster, roster_name, roster_name);
}

SubjectId proposal_subject(const ClusterId& cluster, std::string_view subject) {
  return subject_of(cluster, "proposal", subject);
}

Bytes bundle_statement(const Hash& root) {
  ByteWriter out = begin(bundle_tag);
  out.raw(root.view());
  return out.take();
}

std::vector<SignedStatement> sign_bundle(const ClusterId& cluster, const Signer& signer,
                                         const std::vector<Statement>& statements) {
  VOUCH_CHECK(!statements.empty() && statements.size() <= bundle_statements_max);
  Hash root;
  auto out = hang(cluster, signer.id(), statements, root);
  const Signature signature = signer.sign(bundle_statement(root));
  for (SignedStatement& vote : out) vote.signature = signature;
  return out;
}

std::vector<SignedStatement> open_ballot(const ClusterId& cluster, const Signer& signer,
                                         const PeerId& voter, const Ballot& ballot) {
  const std::size_t count = ballot.statements.size();
  if (count == 0 || count > bundle_statements_max) return {};
  Hash root;
  auto out = hang(cluster, voter, ballot.statements, root);
  if (!signer.verify(voter, bundle_statement(root), ballot.signature)) return {};
  for (SignedStatement& vote : out) vote.signature = ballot.signature;
  return out;
}

Hash bundle_root(const ClusterId& cluster, const Statement& statement, const BundlePath& path) {
  Hash root = leaf_of(cluster, statement);
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
