// What voters say about the next certified point of a subject, as plain values with their exact
// bytes: a statement, statements signed together, and the certificate that a quorum of commits
// makes. Absent: hashing, signatures and quorums (lib/consensus).
// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch {

class ByteWriter;
class ByteReader;

/// Hash of what is decided about: cluster, kind and name.
using SubjectId = FixedBytes<struct SubjectTag, 32>;

/// A prefix of a stream that may be certified: `size` entries with this head. Null is the base
/// again. Of a proposal: size 1 and the hash of the proposed bytes. Of a roster: its epoch twice,
/// and the hash of its bytes.
struct Value {
  std::uint64_t size = 0;
  Hash head;
  std::uint32_t epoch = 0;  ///< of a roster; 0 elsewhere
  /// Of a prefix that ends where states are hashed: what StreamValidator::state_at gives there.
  std::optional<Hash> state = {};
  auto operator<=>(const Value&) const = default;
};
void write_value(ByteWriter& out, const Value& value);
Value read_value(ByteReader& in);

enum class Phase : std::uint8_t {
  prepare = 1,
  commit = 2,
  view_change = 3,
  new_view = 4,
  propose = 5,  ///< no vote: a leaf of a bundle, never sent as a statement
  handover = 6  ///< what a voter knows as its roster ends; no vote
};
/// For people, as in "said view-change in view 1".
std::string_view name_of(Phase phase);

/// The highest value a voter has seen prepared by a quorum.
struct Lock {
  std::uint32_t view = 0;
  Value value;
  std::uint32_t epoch = 0;  ///< that the view belongs to
  auto operator<=>(const Lock&) const = default;
};

/// One word of one voter in one view of one instance (subject, height).
struct Statement {
  Phase phase = Phase::prepare;
  SubjectId subject;
  std::uint32_t height = 1;
  std::uint32_t view = 0;
  std::uint32_t epoch = 0;        ///< of the instance's roster
  std::uint32_t incarnation = 0;  ///< of the voter
  std::optional<Value> value;     ///< a view-change may claim nothing; all others have one
  std::optional<Lock> lock;       ///< of a view-change
  Hash basis;  ///< of a new view: hash of its view-changes; of a handover: of its list; else zeros
  auto operator<=>(const Statement&) const = default;
};

/// The exact bytes that are hashed into the leaf of a bundle.
Bytes encode_statement(const Statement& statement);
void write_statement(ByteWriter& out, const Statement& statement);
/// Spoils `in` for anything that no writer makes.
Statement read_statement(ByteReader& in);

/// Statements that are signed together at most; so the certificate of the largest roster still fits
/// into one batch.
inline constexpr std::size_t bundle_depth_max = 8;
inline constexpr std::size_t bundle_statements_max = std::size_t{1} << bundle_depth_max;

/// Where a leaf hangs: bit i of `sides` is set when the i-th hash of the path stands on the left.
struct TreePath {
  std::uint32_t sides = 0;
  std::vector<Hash> hashes;  ///< from the leaf up, at most bundle_depth_max
  auto operator<=>(const TreePath&) const = default;
};
/// Where a subject and its value hang in a slate, whose voters speak of all that stands on it.
struct SlatePath : TreePath {
  std::uint32_t size = 0;  ///< subjects on the slate, at least 2
  auto operator<=>(const SlatePath&) const = default;
};
/// Where a statement hangs in a bundle: by itself, or because one about its slate does.
struct BundlePath : TreePath {
  std::optional<SlatePath> slate = {};
  auto operator<=>(const BundlePath&) const = default;
};
void write_path(ByteWriter& out, const BundlePath& path);
/// Spoils `in` for what no writer makes.
BundlePath read_path(ByteReader& in);
/// A path in a list of such, whose hashes may be written in another way. The slate of the path
/// `before`, if that has one, is not repeated.
using HashWriter = std::function<void(const Hash&)>;
using HashReader = std::function<Hash()>;
void write_path(ByteWriter& out, const BundlePath& path, const BundlePath* before,
                const HashWriter& write_hash);
BundlePath read_path(ByteReader& in, const BundlePath* before, const HashReader& read_hash);

/// A statement that anybody can check with the voter's key alone.
struct SignedStatement {
  PeerId voter;
  Statement statement;
  BundlePath path;
  Signature signature;  ///< over the root of the bundle
  bool operator==(const SignedStatement&) const = default;
};
void write_signed(ByteWriter& out, const SignedStatement& vote);
SignedStatement read_signed(ByteReader& in);

/// All statements that one voter signed at once; each is a leaf, in this order. At most
/// bundle_statements_max of them.
struct Ballot {
  std::vector<Statement> statements;
  Signature signature;
  bool operator==(const Ballot&) const = default;
};

/// A quorum's commits to one value in one view: decides an instance, for everybody and for ever.
struct Certificate {
  struct Commit {
    PeerId voter;
    std::uint32_t incarnation = 0;
    BundlePath path;
    Signature signature;
    bool operator==(const Commit&) const = default;
  };
  SubjectId subject;
  std::uint32_t height = 1;
  std::uint32_t view = 0;
  std::uint32_t epoch = 0;  ///< of the roster whose quorum this is
  Value value;
  std::vector<Commit> commits;  ///< by voter, each once
  Bytes roster = {};            ///< the bytes of the roster that is decided; empty elsewhere

  /// What each of the commits states.
  Statement statement(const Commit& commit) const;
  bool operator==(const Certificate&) const = default;
};
/// Canonical: equal certificates, equal bytes.
Bytes encode_certificate(const Certificate& certificate);
/// Errc::malformed for anything no encoder makes. Signatures are not looked at.
Result<Certificate> decode_certificate(ByteView bytes);

/// A certificate whose commits are written in another way. Each gets the path of the one before.
using CommitWriter = std::function<void(const Certificate::Commit&, const BundlePath* before)>;
using CommitReader = std::function<Certificate::Commit(const BundlePath* before)>;
void write_certificate(ByteWriter& out, const Certificate& certificate,
                       const CommitWriter& write_commit);
/// Spoils `in` for anything that no writer makes.
Certificate read_certificate(ByteReader& in, std::size_t commit_bytes_min,
                             const CommitReader& read_commit);

}  // namespace vouch
