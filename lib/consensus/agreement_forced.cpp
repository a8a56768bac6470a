// A roster that operators force because too many voters are lost for good (docs/decisions/0044).
// Each of those that remain is told so by its own operator. It proposes the roster; once all that
// remain propose it, it commits to it, to one alone in an epoch; the commits of all of them are its
// certificate. Who has no say in it is told to follow, or need not be.
//   rows of Table::agreement, by the id of the subject of rosters and
//     'a': the bytes of the roster that the operator here named last
//     'c': the bytes of the one that this voter committed to
//     'r', epoch (8 bytes, ordered), hash: another certified roster of an epoch that has one
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::consensus {
namespace {

/// Above whatever instances of one epoch come to: those that remain may know of different numbers
/// of certificates that decided nothing, and have to sign the same.
constexpr std::uint32_t forced_heights = 1U << 20;
constexpr std::size_t rivals_max = 8;

}  // namespace

std::uint32_t Agreement::forced_height() const {
  const auto& certificates = setting_.rosters->certificates();
  return (certificates.empty() ? 0 : certificates.back().height) + forced_heights;
}

/// Without the voter's incarnation.
Statement Agreement::forced_commit(const Value& value) const {
  Statement out;
  out.phase = Phase::commit;
  out.subject = roster_id_;
  out.height = forced_height();
  out.view = 1;
  out.epoch = value.epoch - 1;
  out.value = value;
  return out;
}

bool Agreement::is_forced(const Statement& s) const {
  return s.subject == roster_id_ && s.phase == Phase::commit && s.height == forced_height();
}

bool Agreement::signs(const membership::Roster& forced) const {
  return std::ranges::binary_search(remaining(setting_.rosters->newest(), forced), setting_.self());
}

Result<void> Agreement::force_roster(Instant now, const membership::Roster& roster) {
  const membership::Roster& before = setting_.rosters->newest();
  if (!follows(before, roster)) {
    return fail(Errc::malformed, "it does not follow on the roster of now");
  }
  if (remaining(before, roster).empty()) {
    return fail(Errc::malformed,
                "it lists no voter of now as it is listed now: nobody could sign it");
  }
  const Value value = value_of(roster);
  if (forcing_.committed && value_of(*forcing_.committed) != value) {
    return fail(Errc::not_allowed,
                "this voter has signed another roster for the next epoch, and signs one alone");
  }
  const bool lost_log =
      setting_.incarnation != 0 && !before.lists(setting_.self(), setting_.incarnation);
  if (signs(roster) && (setting_.stopped() || lost_log)) {
    return fail(Errc::not_allowed, lost_log ? "this voter lost its log: list it as it writes now"
                                            : "this voter is in handover to the roster of now");
  }
  if (forced_height() <= find(roster_id_)->height) {
    return fail(Errc::busy, "too many certificates of this epoch decided nothing");
  }
  if (forcing_.wanted && *forcing_.wanted != roster) {
    const Value old = value_of(*forcing_.wanted);
    setting_.rosters->refuse(old);
    std::erase_if(direct_, [&](const Pending& p) {
      return p.subject == roster_id_ && p.statement == roster_statement(roster_id_, old);
    });
  }
  setting_.rosters->accept(value);
  forcing_.wanted = roster;
  roster_rows_.emplace_back(roster_key('a', {}), membership::encode_roster(roster));
  pursue_forced(now);
  return {};
}

/// Says again what the operator here wants, until it is so or another roster is.
void Agreement::pursue_forced(Instant now) {
  forcing_.again.reset();
  if (!forcing_.wanted) return;
  const membership::Roster& roster = *forcing_.wanted;
  forcing_.again = now + setting_.timing.resend_max;
  Subject& subject = *find(roster_id_);
  if (!signs(roster)) {
    for (const PeerId& voter : roster.voters()) {
      if (voter != setting_.self()) tell(voter, subject, AskCertificate{subject.height + 1});
    }
    return;
  }
  if (!setting_.votes()) return;
  const Value value = value_of(roster);
  const auto held = backed_.find(value);
  if (held == backed_.end() || !held->second.by.contains(setting_.self())) {
    direct_.push_back({roster_id_, roster_statement(roster_id_, value)});
    const membership::Roster copy = roster;
    return back_roster(now, copy, {membership::encode_roster(copy), setting_.self(), {}, {}});
  }
  const Proposal& own = held->second.by.at(setting_.self());
  if (own.signature != Signature{}) tell_all(subject, own);
  for (const auto& [voter, commit] : held->second.commits) tell_all(subject, commit);
  advance_forced(now, value);
}

/// Commits once all that remain propose it, and takes it up once all have committed.
void Agreement::advance_forced(Instant now, const Value& value) {
  const Backed& backed = backed_.at(value);
  const std::vector<PeerId> voters = remaining(setting_.rosters->newest(), backed.roster);
  const auto proposes = [&](const PeerId& voter) { return backed.by.contains(voter); };
  const bool wanted = forcing_.wanted == backed.roster && signs(backed.roster) && setting_.votes();
  if (wanted && !forcing_.committed && std::ranges::all_of(voters, proposes)) {
    forcing_.committed = backed.roster;
    roster_rows_.emplace_back(roster_key('c', {}), membership::encode_roster(backed.roster));
    // From here on it says nothing about any other roster of the next epoch.
    std::erase_if(direct_, [this](const Pending& p) {
      const Phase phase = p.statement.phase;
      return p.subject == roster_id_ && phase != Phase::propose && phase != Phase::handover;
    });
  }
  if (wanted && forcing_.committed == backed.roster && !forcing_.said) {
    forcing_.said = true;
    Statement commit = forced_commit(value);
    commit.incarnation = setting_.incarnation;
    direct_.push_back({roster_id_, commit});
  }
  const auto committed = [&](const PeerId& voter) { return backed.commits.contains(voter); };
  if (!std::ranges::all_of(voters, committed)) return;
  Certificate certificate = membership::certificate_from(backed.commits);
  certificate.roster = membership::encode_roster(backed.roster);
  const auto doubt = setting_.rosters->doubt_of(setting_.signer, certificate);
  if (doubt != membership::Doubt::none) return;  // as when one voter forces one upon others
  tell_ever(*find(roster_id_), certificate);
  on_certificate(now, certificate);
}

/// The own commit, once it is signed.
void Agreement::say_forced(Instant now, const SignedStatement& vote) {
  const auto backed = backed_.find(*vote.statement.value);
  if (backed == backed_.end()) return;
  backed->second.commits.emplace(vote.voter, vote);
  tell_all(*find(roster_id_), vote);
  advance_forced(now, *vote.statement.value);
}

void Agreement::hear_forced(Instant now, const SignedStatement& vote) {
  const Statement& s = vote.statement;
  const auto held = s.value ? backed_.find(*s.value) : backed_.end();
  if (held == backed_.end() || !held->second.roster.forced()) return;
  const membership::Roster& before = setting_.rosters->newest();
  auto& commits = held->second.commits;
  if (commits.contains(vote.voter)) return;
  Statement expected = forced_commit(*s.value);
  expected.incarnation = s.incarnation;
  const bool remains =
      std::ranges::binary_search(remaining(before, held->second.roster), vote.voter);
  if (s != expected || !remains || !before.lists(vote.voter, s.incarnation) ||
      !is_signed(setting_.cluster, setting_.signer, vote)) {
    ++counters_.bad_words;
    return;
  }
  for (const auto& [value, other] : backed_) {
    const auto said = other.commits.find(vote.voter);
    if (said == other.commits.end()) continue;
    ++counters_.contradictions;
    contradictions_.push_back({said->second, vote});
    return;  // one commit of each is kept, so that nobody fills the memory of others
  }
  commits.emplace(vote.voter, vote);
  advance_forced(now, *s.value);
}

/// The next roster is decided, this one or another.
void Agreement::end_forcing() {
  if (forcing_.wanted) roster_rows_.emplace_back(roster_key('a', {}), std::nullopt);
  if (forcing_.committed) roster_rows_.emplace_back(roster_key('c', {}), std::nullopt);
  forcing_ = {};
}

/// How many voters of the roster before have to hand over to the newest one: all that remained of
/// it when it was forced, as each may be the only one that knows something.
std::size_t Agreement::handovers_needed() const {
  const membership::Roster& newest = setting_.rosters->newest();
  const membership::Roster* before = setting_.rosters->find(newest.epoch() - 1);
  if (before == nullptr) return 0;
  return newest.forced() ? remaining(*before, newest).size() : membership::quorum(before->size());
}

bool Agreement::told_enough(const std::set<PeerId>& met) const {
  const membership::Roster& newest = setting_.rosters->newest();
  if (!newest.forced()) return met.size() >= handovers_needed();
  const membership::Roster& before = *setting_.rosters->find(newest.epoch() - 1);
  return std::ranges::all_of(remaining(before, newest),
                             [&met](const PeerId& voter) { return met.contains(voter); });
}

/// True for another roster of an epoch whose roster is known. It is shown, and not followed.
bool Agreement::mind_rival(const Certificate& certificate) {
  const membership::Roster* held = setting_.rosters->find(certificate.value.epoch);
  if (certificate.subject != roster_id_ || held == nullptr) return false;
  if (value_of(*held) == certificate.value) return false;
  if (rivals_.contains(certificate.value) || rivals_.size() >= rivals_max) return true;
  if (setting_.rosters->doubt_of(setting_.signer, certificate) != membership::Doubt::none) {
    ++counters_.bad_words;
    return true;
  }
  ++counters_.alarms;
  keep_rival(certificate);
  ByteWriter key;
  key.u64_ordered(certificate.value.epoch);
  key.raw(certificate.value.head.view());
  roster_rows_.emplace_back(roster_key('r', key.bytes()), encode_certificate(certificate));
  return true;
}

void Agreement::keep_rival(const Certificate& certificate) {
  std::set<PeerId> by;
  for (const Certificate::Commit& commit : certificate.commits) by.insert(commit.voter);
  auto roster = membership::decode_roster(certificate.roster);
  if (roster) rivals_.emplace(certificate.value, Rival{std::move(*roster), std::move(by)});
}

/// Before the rows of certificates that were followed; nothing for another kind.
std::optional<bool> Agreement::restore_forced_row(char kind, ByteView row) {
  if (kind == 'r') {
    const auto certificate = decode_certificate(row);
    if (certificate) keep_rival(*certificate);
    return certificate.has_value();
  }
  if (kind != 'a' && kind != 'c') return std::nullopt;
  auto roster = membership::decode_roster(row);
  if (!roster) return false;
  if (kind == 'a') setting_.rosters->accept(value_of(*roster));
  (kind == 'a' ? forcing_.wanted : forcing_.committed) = std::move(*roster);
  return true;
}

}  // namespace vouch::consensus
