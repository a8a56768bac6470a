// Integers are LEB128 unless said otherwise.
//   value        size, head 32, epoch, plus 2^32 when there is: [state 32]
//   statement    phase u8, flags u8 (1 value, 2 lock, 4 basis, 8 lock of an earlier epoch),
//                subject 32, height, view, epoch, incarnation, [value],
//                [[lock epoch], lock view, lock value], [basis 32]
//   path         count, plus 16 when there is a slate, or 32 when it is that of the path before:
//                [sides, hashes 32 each], 16: [size of the slate, count, sides, hashes 32 each]
//   signed       voter 32, statement, path, signature 64
//   certificate  version u8, subject 32, height, view, epoch, value, count, then per commit:
//                voter 32, incarnation, path, signature 64; version 2: and a roster, sized
// SPDX-License-Identifier: MIT
#include "vouch/schemas/votes.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch {
namespace {

constexpr std::uint8_t certificate_version = 1;
constexpr std::uint8_t roster_version = 2;
/// Beside an epoch: a state follows. What has none has the same bytes as ever.
constexpr std::uint64_t has_state = std::uint64_t{1} << 32;
/// Beside a count of hashes, which is smaller.
constexpr std::uint64_t has_slate = 16;
constexpr std::uint64_t has_same_slate = 32;
enum Flag : std::uint8_t { has_value = 1, has_lock = 2, has_basis = 4, earlier_epoch = 8 };

std::uint32_t read_u32(ByteReader& in) {
  const std::uint64_t number = in.leb();
  if (number > UINT32_MAX) in.spoil();
  return static_cast<std::uint32_t>(number);
}

/// Which parts a statement of a phase has.
bool flags_fit(Phase phase, std::uint8_t flags) {
  switch (phase) {
    case Phase::prepare:
    case Phase::commit:
      return flags == has_value;
    case Phase::view_change:
      return (flags & has_basis) == 0 && (flags & (has_lock | earlier_epoch)) != earlier_epoch;
    case Phase::new_view:
      return flags == (has_value | has_basis) || flags == has_value;
    case Phase::handover:
      return flags == has_basis;
    case Phase::propose:
      return false;
  }
  return false;
}

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::prepare:
      return "prepare";
    case Phase::commit:
      return "commit";
    case Phase::view_change:
      return "view-change";
    case Phase::new_view:
      return "new-view";
    case Phase::propose:
      return "propose";
    case Phase::handover:
      return "handover";
  }
  return "";
}

void write_value(ByteWriter& out, const Value& value) {
  out.leb(value.size);
  out.raw(value.head.view());
  out.leb(value.epoch | (value.state ? has_state : 0));
  if (value.state) out.raw(value.state->view());
}

Value read_value(ByteReader& in) {
  Value value;
  value.size = in.leb();
  value.head = in.fixed<Hash>();
  const std::uint64_t epoch = in.leb();
  if (epoch >= 2 * has_state) in.spoil();
  value.epoch = static_cast<std::uint32_t>(epoch);
  if (epoch >= has_state) value.state = in.fixed<Hash>();
  return value;
}

void write_path(ByteWriter& out, const BundlePath& path, const BundlePath* before,
                const HashWriter& write_hash) {
  const auto write_rest = [&](const TreePath& tree) {
    if (!tree.hashes.empty()) out.leb(tree.sides);
    for (const Hash& hash : tree.hashes) write_hash(hash);
  };
  const bool same = path.slate && before != nullptr && before->slate == path.slate;
  out.leb(path.hashes.size() + (same ? has_same_slate : path.slate ? has_slate : 0));
  write_rest(path);
  if (!path.slate || same) return;
  out.leb(path.slate->size);
  out.leb(path.slate->hashes.size());
  write_rest(*path.slate);
}

void write_path(ByteWriter& out, const BundlePath& path) {
  write_path(out, path, nullptr, [&out](const Hash& hash) { out.raw(hash.view()); });
}

BundlePath read_path(ByteReader& in, const BundlePath* before, const HashReader& read_hash) {
  const auto read_rest = [&](std::uint64_t count, TreePath& tree) {
    if (count > bundle_depth_max) in.spoil();
    if (count == 0 || !in.ok()) return;
    tree.sides = read_u32(in);
    if (tree.sides >> count != 0) in.spoil();
    tree.hashes.reserve(count);
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) tree.hashes.push_back(read_hash());
  };
  BundlePath path;
  const std::uint64_t count = in.leb();
  const bool same = count >= has_same_slate;
  const bool slate = count >= has_slate && !same;
  read_rest(count - (same ? has_same_slate : slate ? has_slate : 0), path);
  if (same && (before == nullptr || !before->slate)) in.spoil();
  if (same && in.ok()) path.slate = before->slate;
  if (!slate || !in.ok()) return path;
  path.slate.emplace().size = read_u32(in);
  if (path.slate->size < 2 || path.slate->size > bundle_statements_max) in.spoil();
  const std::uint64_t depth = in.leb();
  if (depth == 0) in.spoil();
  read_rest(depth, *path.slate);
  if (before != nullptr && before->slate == path.slate) in.spoil();
  return path;
}

BundlePath read_path(ByteReader& in) {
  return read_path(in, nullptr, [&in] { return in.fixed<Hash>(); });
}

void write_statement(ByteWriter& out, const Statement& s) {
  const bool based = s.basis != Hash{};
  out.u8(static_cast<std::uint8_t>(s.phase));
  const bool earlier = s.lock && s.lock->epoch != s.epoch;
  out.u8(static_cast<std::uint8_t>((s.value ? has_value : 0) | (s.lock ? has_lock : 0) |
                                   (based ? has_basis : 0) | (earlier ? earlier_epoch : 0)));
  out.raw(s.subject.view());
  for (const std::uint32_t number : {s.height, s.view, s.epoch, s.incarnation}) out.leb(number);
  if (s.value) write_value(out, *s.value);
  if (s.lock) {
    if (earlier) out.leb(s.lock->epoch);
    out.leb(s.lock->view);
    write_value(out, s.lock->value);
  }
  if (based) out.raw(s.basis.view());
}

Statement read_statement(ByteReader& in) {
  Statement s;
  const std::uint8_t phase = in.u8();
  const std::uint8_t flags = in.u8();
  s.phase = static_cast<Phase>(phase);
  if (phase < 1 || phase > 6 || flags > 15 || !flags_fit(s.phase, flags)) in.spoil();
  s.subject = in.fixed<SubjectId>();
  for (std::uint32_t* number : {&s.height, &s.view, &s.epoch, &s.incarnation}) {
    *number = read_u32(in);
  }
  if (s.height == 0) in.spoil();
  if ((flags & has_value) != 0) s.value = read_value(in);
  if ((flags & has_lock) != 0) {
    const bool earlier = (flags & earlier_epoch) != 0;
    s.lock.emplace();
    s.lock->epoch = earlier ? read_u32(in) : s.epoch;
    if (earlier && s.lock->epoch >= s.epoch) in.spoil();
    s.lock->view = read_u32(in);
    s.lock->value = read_value(in);
  }
  if ((flags & has_basis) != 0) {
    s.basis = in.fixed<Hash>();
    if (s.basis == Hash{}) in.spoil();
  }
  return s;
}

Bytes encode_statement(const Statement& statement) {
  ByteWriter out;
  write_statement(out, statement);
  return out.take();
}

void write_signed(ByteWriter& out, const SignedStatement& vote) {
  out.raw(vote.voter.view());
  write_statement(out, vote.statement);
  write_path(out, vote.path);
  out.raw(vote.signature.view());
}

SignedStatement read_signed(ByteReader& in) {
  SignedStatement vote;
  vote.voter = in.fixed<PeerId>();
  vote.statement = read_statement(in);
  vote.path = read_path(in);
  vote.signature = in.fixed<Signature>();
  return vote;
}

Statement Certificate::statement(const Commit& commit) const {
  Statement out;
  out.phase = Phase::commit;
  out.subject = subject;
  out.height = height;
  out.view = view;
  out.epoch = epoch;
  out.incarnation = commit.incarnation;
  out.value = value;
  return out;
}

void write_certificate(ByteWriter& out, const Certificate& c, const CommitWriter& write_commit) {
  out.u8(c.roster.empty() ? certificate_version : roster_version);
  out.raw(c.subject.view());
  for (const std::uint32_t number : {c.height, c.view, c.epoch}) out.leb(number);
  write_value(out, c.value);
  out.leb(c.commits.size());
  const BundlePath* before = nullptr;
  for (const Certificate::Commit& commit : c.commits) {
    write_commit(commit, before);
    before = &commit.path;
  }
  if (!c.roster.empty()) out.sized(c.roster);
}

Certificate read_certificate(ByteReader& in, std::size_t commit_bytes_min,
                             const CommitReader& read_commit) {
  Certificate c;
  const std::uint8_t version = in.u8();
  if (version != certificate_version && version != roster_version) in.spoil();
  c.subject = in.fixed<SubjectId>();
  for (std::uint32_t* number : {&c.height, &c.view, &c.epoch}) *number = read_u32(in);
  if (c.height == 0) in.spoil();
  c.value = read_value(in);
  const std::size_t count = in.count(commit_bytes_min);
  if (count > limits::voters_max) in.spoil();
  if (in.ok()) c.commits.reserve(count);
  for (std::size_t i = 0; in.ok() && i < count; ++i) {
    Certificate::Commit commit = read_commit(i > 0 ? &c.commits[i - 1].path : nullptr);
    c.commits.push_back(std::move(commit));
    if (i > 0 && c.commits[i].voter <= c.commits[i - 1].voter) in.spoil();
  }
  if (version == roster_version) {
    c.roster = to_bytes(in.sized());
    if (c.roster.empty() || c.roster.size() > limits::roster_bytes_max) in.spoil();
  }
  return c;
}

Bytes encode_certificate(const Certificate& c) {
  constexpr std::size_t commit_bytes = PeerId::size + Signature::size + 4 * Hash::size;
  ByteWriter out(2 * Hash::size + 32 + c.commits.size() * commit_bytes);
  const auto write_hash = [&out](const Hash& hash) { out.raw(hash.view()); };
  write_certificate(out, c, [&](const Certificate::Commit& commit, const BundlePath* before) {
    out.raw(commit.voter.view());
    out.leb(commit.incarnation);
    write_path(out, commit.path, before, write_hash);
    out.raw(commit.signature.view());
  });
  return out.take();
}

Result<Certificate> decode_certificate(ByteView bytes) {
  ByteReader in(bytes);
  const auto read_hash = [&in] { return in.fixed<Hash>(); };
  constexpr std::size_t commit_bytes_min = PeerId::size + Signature::size + 2;
  Certificate c = read_certificate(in, commit_bytes_min, [&](const BundlePath* before) {
    Certificate::Commit commit;
    commit.voter = in.fixed<PeerId>();
    commit.incarnation = read_u32(in);
    commit.path = read_path(in, before, read_hash);
    commit.signature = in.fixed<Signature>();
    return commit;
  });
  if (!in.done()) return fail(Errc::malformed, "these bytes are no certificate");
  return c;
}

}  // namespace vouch
