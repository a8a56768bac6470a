// What leaves: rows first, then ballots as records and words as messages. One signature covers all
// statements that leave together.
//   row of Table::agreement, by subject: kind u8, name, height, base (size, head, epoch), nulls,
//     last certificate (sized, empty when none), open instance (sized); of a slate: its entries
//   and by subject, 'v' and hash: the bytes of a value that this voter was for, or that is decided
//   row of Table::certificates, by subject and height (8 bytes, ordered): the certificate
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::consensus {
namespace {

/// Words to one voter travel in messages of about this size.
constexpr std::size_t message_bytes = 256U << 10;
/// From so many open subjects on statements gather, for this share of what a decision takes.
constexpr std::size_t gather_open_min = 16;
constexpr std::int64_t gather_share = 8;
constexpr Duration gather_time_max = std::chrono::milliseconds(10);

}  // namespace

void Agreement::tell(const PeerId& to, const Subject& subject, Body body) {
  if (subject.name.empty()) return;
  mail_[to].words.push_back(
      std::make_shared<const Bytes>(encode_word({subject.kind, subject.name, std::move(body)})));
}

void Agreement::tell_all(const Subject& subject, const Body& body) {
  if (subject.name.empty()) return;
  const auto word = std::make_shared<const Bytes>(encode_word({subject.kind, subject.name, body}));
  for (const PeerId& voter : setting_.roster.voters()) {
    if (voter != setting_.self()) mail_[voter].words.push_back(word);
  }
}

/// Voters of all epochs.
void Agreement::tell_ever(const Subject& subject, const Body& body) {
  if (subject.name.empty()) return;
  const auto word = std::make_shared<const Bytes>(encode_word({subject.kind, subject.name, body}));
  for (const PeerId& voter : setting_.rosters->voters()) {
    if (voter != setting_.self()) mail_[voter].words.push_back(word);
  }
}

/// As the leaf of its bundle; nothing, and told to all, when it is no such word.
std::optional<Bytes> Agreement::ride(const Subject& subject, Body body) {
  if (subject.name.empty()) return std::nullopt;
  const Word word{subject.kind, subject.name, std::move(body)};
  auto leaf = encode_leaf(word);
  if (!leaf) tell_all(subject, word.body);
  return leaf;
}

std::vector<Statement> Agreement::next_statements(std::vector<Pending>& pending) {
  const std::size_t count = std::min(pending.size(), bundle_statements_max);
  const auto end = pending.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Statement> out;
  for (auto it = pending.begin(); it != end; ++it) out.push_back(it->statement);
  pending.erase(pending.begin(), end);
  counters_.votes += count;
  ++counters_.bundles;
  return out;
}

/// Own statements, signed, are heard like those of others. What all voters are to hear of them
/// travels under the one signature.
void Agreement::hear_own(Instant now, const std::vector<SignedStatement>& votes) {
  std::vector<Bytes> leaves;
  leaves.reserve(votes.size());
  bool any = false;
  for (const SignedStatement& vote : votes) {
    auto told = hear_own(now, vote);
    any |= told.has_value();
    leaves.push_back(told ? std::move(*told) : Bytes{});
  }
  if (!any) return;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (!leaves[i].empty()) continue;
    leaves[i] = encode_leaf(bundle_leaf(setting_.cluster, votes[i].statement));
  }
  const auto bundle = std::make_shared<const Bytes>(encode_bundle(votes.front().signature, leaves));
  for (const PeerId& voter : setting_.roster.voters()) {
    if (voter != setting_.self()) mail_[voter].bundles.push_back(bundle);
  }
}

/// What of it is to be told in its bundle.
std::optional<Bytes> Agreement::hear_own(Instant now, const SignedStatement& vote) {
  Subject* subject = find(vote.statement.subject);
  if (vote.statement.phase == Phase::handover) {
    say_handover(now, vote);
    return std::nullopt;
  }
  if (subject == nullptr || subject->open == nullptr) return std::nullopt;
  if (is_forced(vote.statement)) {
    say_forced(now, vote);
    return std::nullopt;
  }
  const bool roster = subject->kind == SubjectKind::roster;
  if (vote.statement.phase == Phase::propose && roster) {
    const auto backed = backed_.find(*vote.statement.value);
    if (backed == backed_.end()) return std::nullopt;
    Proposal own = backed->second.by.at(setting_.self());
    own.path = vote.path;
    own.signature = vote.signature;
    backed->second.by[setting_.self()] = own;
    tell_all(*subject, own);
    return std::nullopt;
  }
  if (vote.statement.phase == Phase::propose) {
    Proposal& own = subject->proposals.at(*vote.statement.value);
    own.path = vote.path;
    own.signature = vote.signature;
    return ride(*subject, own);
  }
  if (subject->open->height() != vote.statement.height) return std::nullopt;
  Effects effects;
  subject->open->spoken(now, vote, effects);
  std::optional<Bytes> leaf;
  if (!effects.tell.empty()) {  // the word of this statement; all else follows from it later
    leaf = ride(*subject, as_told(*subject, std::move(effects.tell.front())));
    effects.tell.erase(effects.tell.begin());
  }
  take(now, *subject, std::move(effects));
  return leaf;
}

std::optional<Ballot> Agreement::next_ballot(Instant now, Outbox& out) {
  if (records_.empty()) return std::nullopt;
  Ballot ballot{next_statements(records_), {}};
  persist(out, Unsaid::wait);
  const auto votes = sign_bundle(setting_.cluster, setting_.signer, ballot.statements);
  ballot.signature = votes.front().signature;
  hear_own(now, votes);
  return ballot;
}

/// In messages of about message_bytes: bundles first, what stands alone may rest on them.
void Agreement::post(const PeerId& to, const Mail& mail, Outbox& out) {
  auto bundle = mail.bundles.begin();
  auto word = mail.words.begin();
  while (bundle != mail.bundles.end() || word != mail.words.end()) {
    const auto first_bundle = bundle;
    const auto first_word = word;
    std::size_t bytes = 0;
    while (bundle != mail.bundles.end() && bytes < message_bytes) bytes += (*bundle++)->size();
    while (word != mail.words.end() && bytes < message_bytes) bytes += (*word++)->size();
    out.send(to, Agree{join_speech({first_bundle, bundle}, {first_word, word})});
  }
}

/// While much is being decided, what is said gathers for a moment: one signature, one message and
/// one flush more for each bundle, at every voter, are dearer than that moment. In milliseconds, as
/// nobody waits for less.
Duration Agreement::gather_time() const {
  if (setting_.open < gather_open_min) return {};
  const Duration share = std::min(setting_.view_pace.mean() / gather_share, gather_time_max);
  return std::chrono::floor<std::chrono::milliseconds>(share);
}

bool Agreement::gathers(Instant now) const {
  return now < gather_until_ && direct_.size() < bundle_statements_max;
}

void Agreement::flush(Instant now, Outbox& out) {
  if (!gathers(now)) gather_slates(now);
  while (!direct_.empty() && !gathers(now)) {
    gather_until_ = now + gather_time();
    // Neighbours share most of their paths: certificates of one bundle take less room.
    std::ranges::stable_partition(
        direct_, [](const Pending& p) { return p.statement.phase == Phase::commit; });
    const std::vector<Statement> statements = next_statements(direct_);
    persist(out, Unsaid::go);
    hear_own(now, sign_bundle(setting_.cluster, setting_.signer, statements));
  }
  persist(out, Unsaid::wait);
  for (const auto& [to, mail] : mail_) post(to, mail, out);
  mail_.clear();
  out.certificates.insert(out.certificates.end(), loads_.begin(), loads_.end());
  loads_.clear();
  out.pages.insert(out.pages.end(), page_loads_.begin(), page_loads_.end());
  page_loads_.clear();
}

Bytes Agreement::certificate_key(const SubjectId& subject, std::uint32_t height) {
  ByteWriter key;
  key.raw(subject.view());
  key.u64_ordered(height);
  return key.take();
}

/// The first row of a subject may wait until what it holds is said, for other words to be said with
/// it. A later one may not: that on disk may be of an epoch before.
void Agreement::persist(Outbox& out, Unsaid unsaid) {
  std::vector<Subject*> waiting;
  std::vector<SubjectId> needless;
  for (Subject* marked : dirty_) {
    Subject& subject = *marked;
    if (!subject.dirty) continue;
    const bool waits = unsaid == Unsaid::wait && !subject.stored &&
                       subject.kind == SubjectKind::proposal && subject.open != nullptr &&
                       subject.open->untouched();
    if (waits) {
      waiting.push_back(marked);
      continue;
    }
    if (subject.kind == SubjectKind::slate && subject.height > 0 && subject.in_row == 0) {
      needless.push_back(subject.id);  // each has a row of its own
      continue;
    }
    subject.dirty = false;
    subject.stored = true;
    const Bytes last = subject.last ? encode_certificate(*subject.last) : Bytes{};
    const Bytes open = subject.open == nullptr ? Bytes{} : subject.open->encode();
    ByteWriter row(128 + subject.name.size() + last.size() + open.size());
    row.u8(static_cast<std::uint8_t>(subject.kind));
    row.text(subject.name);
    row.leb(subject.height);
    write_value(row, subject.base.value);
    row.leb(subject.base.nulls);
    row.sized(last);
    row.sized(open);
    if (subject.roll != nullptr) write_roll(row, subject);
    out.persist(Table::agreement, to_bytes(subject.id.view()), row.take());
    out.synced = true;
  }
  dirty_ = std::move(waiting);
  for (const SubjectId& slate : needless) release(slate, out);
  for (auto& [key, value] : values_) {
    out.synced = out.synced || value.has_value();
    out.persist(Table::agreement, std::move(key), std::move(value));
  }
  values_.clear();
  for (const SubjectId& id : gone_)
    out.persist(Table::agreement, to_bytes(id.view()), std::nullopt);
  gone_.clear();
  for (auto& [key, row] : roster_rows_) {
    out.persist(Table::agreement, std::move(key), std::move(row));
    out.synced = true;
  }
  roster_rows_.clear();
  persist_handovers(out);
  for (auto& [key, certificate] : rows_) {
    out.persist(Table::certificates, std::move(key), std::move(certificate));
  }
  rows_.clear();
}

Bytes Agreement::value_key(const SubjectId& subject, const Hash& value) {
  ByteWriter key(SubjectId::size + 1 + Hash::size);
  key.raw(subject.view());
  key.u8('v');
  key.raw(value.view());
  return key.take();
}

/// Slates last: what stands on one may have a row of its own. Values after all of them.
std::size_t Agreement::restore(std::span<const std::pair<Bytes, Bytes>> rows) {
  std::size_t bad = 0;
  const auto is_value = [this](ByteView key) {
    return key.size() == SubjectId::size + 1 + Hash::size && key[SubjectId::size] == 'v' &&
           !starts_with(key, roster_id_.view());
  };
  for (const bool slates : {false, true}) {
    for (const auto& [key, row] : rows) {
      const bool slate = !row.empty() && row.front() == std::uint8_t(SubjectKind::slate);
      const bool own = key.size() == SubjectId::size;
      if ((own && slate) == slates && !is_value(key) && !restore(key, row)) ++bad;
    }
  }
  for (const auto& [key, row] : rows) {
    if (is_value(key)) restore_value(*SubjectId::from(ByteView(key).first(SubjectId::size)), row);
  }
  return bad;
}

Result<void> Agreement::restore(ByteView key, ByteView bytes) {
  const bool roster = key.size() > SubjectId::size && starts_with(key, roster_id_.view());
  if (roster) return restore_roster_row(key, bytes);
  const auto id = SubjectId::from(key);
  ByteReader row(bytes);
  const std::uint8_t kind = row.u8();
  const std::string name(row.text());
  Subject subject;
  subject.kind = static_cast<SubjectKind>(kind);
  subject.name = name;
  subject.height = static_cast<std::uint32_t>(row.leb());
  subject.base.value = read_value(row);
  subject.base.nulls = static_cast<std::uint32_t>(row.leb());
  const ByteView last = row.sized();
  const ByteView open_bytes = row.sized();
  const auto malformed = [] {
    return fail(Errc::malformed, "a stored row of the agreement has another form");
  };
  const bool slate = subject.kind == SubjectKind::slate;
  if (!(slate ? row.ok() : row.done()) || !id || kind < 1 || kind > 4) return malformed();
  subject.id = *id;
  subject.stored = true;
  subject.compared = subject.height == 0;
  if (!last.empty()) {
    auto certificate = decode_certificate(last);
    if (!certificate) return malformed();
    subject.last = std::move(*certificate);
  }
  if ((!name.empty() || subject.height > 0) && find(*id) == nullptr) ++vouched_;
  Subject& held = subjects_[*id] = std::move(subject);
  if (!open_bytes.empty()) {
    open(held);
    if (!held.open->restore(open_bytes)) return malformed();
    schedule(held);
  }
  if (slate && !restore_slate(held, row)) return malformed();
  return {};
}

}  // namespace vouch::consensus
