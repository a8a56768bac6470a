// What the voters of a roster that ends hand over, and what those of the next one make of it
// (docs/decisions/0035, 0053): indices are told, pages are asked for, and what this voter does not
// know yet is pulled.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/consensus/locks.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {
namespace {

/// How often a voter that waits looks whether it knows enough, and asks for what it lacks.
constexpr Duration look_time = std::chrono::milliseconds(100);
/// What one peer gets in that time: twice what an honest one asks for.
constexpr std::size_t given_pages_max = 2 * asked_pages_max;

Lock lock_of(const std::vector<SignedStatement>& prepares) {
  const Statement& s = prepares.front().statement;
  return {s.view, *s.value, s.epoch};
}

}  // namespace

/// What this voter knows as its roster ends is fixed here, before anything else is heard. One that
/// never entered it has said nothing under it, and never will (docs/decisions/0054).
void Agreement::hand_over() {
  const membership::Rosters& rosters = *setting_.rosters;
  const std::uint32_t begins = rosters.newest().epoch();
  const membership::Roster* ended = begins == 0 ? nullptr : rosters.find(begins - 1);
  if (ended == nullptr || !ended->lists(setting_.self(), setting_.incarnation)) return;
  HandoverIndex index;
  if (setting_.logs != nullptr) index.logs = setting_.logs->ends();
  PageCutter pages;
  subjects_.each([&](const SubjectId& id, const Subject& subject) {
    if (id == roster_id_ || subject.kind == SubjectKind::slate) return;
    SubjectState state{id, subject.height, {}};
    if (subject.open != nullptr) state.prepares = subject.open->lock_proof();
    if (state.height > 0 || !state.prepares.empty()) pages.add(state);
  });
  Bytes bytes = handovers_.prepare(std::move(index), pages.take());
  if (!decode_index(bytes)) return;  // too much: nobody would take it
  Statement statement;
  statement.phase = Phase::handover;
  statement.subject = roster_id_;
  statement.height = begins;
  statement.epoch = ended->epoch();
  statement.incarnation = setting_.incarnation;
  statement.basis = crypto::blake2b(bytes);
  index_ = std::move(bytes);
  direct_.push_back({roster_id_, statement});
}

/// The own one, once it is signed.
void Agreement::say_handover(Instant now, const SignedStatement& vote) {
  if (!index_ || vote.statement.basis != crypto::blake2b(*index_)) return;
  const Handover own{vote, *std::exchange(index_, std::nullopt)};
  auto index = decode_index(own.index);
  handovers_.keep(own, std::move(*index), setting_.self());
  for (const PeerId& voter : setting_.rosters->voters()) {
    if (voter != setting_.self()) tell(voter, *find(roster_id_), own);
  }
  try_enter(now);
}

/// This peer may have a vote in the newest epoch, which it has not entered.
bool Agreement::waits() const {
  const membership::Roster& newest = setting_.rosters->newest();
  if (newest.epoch() == setting_.rosters->first().epoch()) return false;
  if (setting_.incarnation == 0) return newest.contains(setting_.self());
  return newest.lists(setting_.self(), setting_.incarnation) &&
         setting_.entered != Entered{newest.epoch(), setting_.incarnation};
}

void Agreement::hear_handover(Instant now, const PeerId& from, const Handover& handover) {
  const SignedStatement& vote = handover.vote;
  const Statement& s = vote.statement;
  const membership::Roster& newest = setting_.rosters->newest();
  if (!waits() || s.epoch + 1 != newest.epoch() || handovers_.refuses(vote.voter)) return;
  if (handovers_.holds(vote.voter)) return handovers_.tell(handover, from);
  const membership::Roster* roster = setting_.rosters->find(s.epoch);
  if (roster == nullptr || !roster->lists(vote.voter, s.incarnation)) return;
  auto index = decode_index(handover.index);
  const bool said = s.phase == Phase::handover && s.subject == roster_id_ &&
                    s.height == newest.epoch() && s.view == 0 &&
                    s.basis == crypto::blake2b(handover.index) &&
                    is_signed(setting_.cluster, setting_.signer, vote);
  if (!said || !index) {
    if (said) handovers_.refuse(vote.voter);
    ++counters_.bad_words;
    return;
  }
  handovers_.keep(handover, std::move(*index), from);
  // Its signer is asked at once; who passes on those of others, not for all of them together.
  if (from == vote.voter) look_at_ = now;
  try_enter(now);
}

void Agreement::take_page(const PeerId& from, ByteView bytes) {
  if (!waits()) return;
  const auto taken = handovers_.take(
      from, bytes, [this](const SubjectState& state) { return proves(state); },
      [this](const SubjectStates& page) { return meet(page); });
  if (taken == Handovers::Taken::bad) ++counters_.bad_words;
}

void Agreement::hear_page(Instant now, const PeerId& from, ByteView bytes) {
  take_page(from, bytes);
  try_enter(now);
}

/// What follows from it follows at the next look: a load is no step of its own.
void Agreement::on_page(ByteView bytes) {
  take_page(setting_.self(), bytes);
}

/// Nobody gets them more often than an honest voter asks.
void Agreement::give_handovers(Instant now, const PeerId& to, const AskHandovers& ask) {
  const std::uint32_t newest = setting_.rosters->newest().epoch();
  if (ask.epoch + 1 != newest) return;
  const auto [given, first] = given_.try_emplace(to, now);
  if (!first && now < given->second + setting_.timing.resend_max / 2) return;
  given->second = now;
  const bool entered = setting_.entered && setting_.entered->epoch == newest;
  handovers_.each([&](const PeerId& voter, const Handover& words) {
    // Who tells one is asked for its pages.
    const bool whole = entered || voter == setting_.self() || handovers_.is_read(voter);
    if (whole && !std::ranges::binary_search(ask.read, voter)) tell(to, *find(roster_id_), words);
  });
}

/// Pages are large, and read from the disk.
void Agreement::give_pages(Instant now, const PeerId& to, const AskPages& ask) {
  const auto [given, first] = pages_given_.try_emplace(to, PagesGiven{now, 0});
  if (!first && now >= given->second.since + look_time) given->second = {now, 0};
  for (const Hash& page : ask.pages) {
    if (given->second.count == given_pages_max || !handovers_.has_stored(page)) continue;
    ++given->second.count;
    page_loads_.push_back({to, page_key(page)});
  }
}

void Agreement::ask_handovers(Instant now) {
  AskHandovers ask{setting_.rosters->newest().epoch() - 1, {}};
  handovers_.each([&](const PeerId& voter, const Handover&) {
    if (handovers_.is_read(voter)) ask.read.push_back(voter);
  });
  for (const PeerId& voter : setting_.rosters->voters()) {
    if (voter != setting_.self()) tell(voter, *find(roster_id_), ask);
  }
  ask_handovers_at_ = now + setting_.timing.resend_max;
  name_strangers();
}

/// A certificate is asked for by the name of its stream, which who never had the stream finds in
/// the logs alone.
void Agreement::name_strangers() {
  if (setting_.logs == nullptr) return;
  std::set<SubjectId> lacked;
  handovers_.look([&](const PeerId&, const SubjectStates& page) {
    for (const SubjectState& state : page) {
      if (!knows(state)) lacked.insert(state.subject);
    }
    return false;
  });
  setting_.logs->each_stream([&](const std::string& stream) {
    const SubjectId id = id_of(SubjectKind::stream, stream);
    const Subject* held = find(id);
    const bool wanted = held == nullptr ? lacked.contains(id) : held->name.empty();
    if (wanted) subject(SubjectKind::stream, stream, id);
  });
}

bool Agreement::proves(const SubjectState& state) const {
  if (state.prepares.empty()) return true;
  const auto lock = proven_lock(setting_, state.subject, state.height + 1, state.prepares);
  return lock && lock->epoch < setting_.rosters->newest().epoch();
}

/// Once true it stays so.
bool Agreement::knows(const SubjectState& state) const {
  const Subject* held = subjects_.find(state.subject);
  if (held != nullptr ? held->height >= state.height : state.height == 0) return true;
  return is_released(state.subject);
}

/// True when this voter knows all that the page says; then its locks are kept.
bool Agreement::meet(const SubjectStates& page) {
  if (!std::ranges::all_of(page, [this](const auto& state) { return knows(state); })) return false;
  for (const SubjectState& state : page) keep_lock(state);
  return true;
}

/// The highest of each subject. One that ends up above another is of an instance that is open here
/// or closed, as its page is met: the lower one is of no use then.
void Agreement::keep_lock(const SubjectState& state) {
  if (state.prepares.empty()) return;
  const Subject* held = subjects_.find(state.subject);
  if (held != nullptr && held->height > state.height) return;
  if (is_released(state.subject)) return;
  auto& kept = locks_[state.subject];
  const auto height = [](const auto& prepares) { return prepares.front().statement.height; };
  const bool higher =
      kept.empty() || height(state.prepares) > height(kept) ||
      (height(state.prepares) == height(kept) && outranks(lock_of(state.prepares), lock_of(kept)));
  if (higher) kept = state.prepares;
}

/// What the voter had and this one lacks. Subjects that nobody has named here wait for their names:
/// a liar may list any number of them.
void Agreement::chase(Instant now, const PeerId& voter, const SubjectStates& page) {
  for (const SubjectState& state : page) {
    Subject* held = find(state.subject);
    if (held != nullptr) note_ahead(now, *held, voter, state.height);
  }
}

void Agreement::look_at_handovers(Instant now) {
  look_at_ = now + look_time;
  handovers_.look([&](const PeerId& voter, const SubjectStates& page) {
    if (meet(page)) return true;
    chase(now, voter, page);
    return false;
  });
  handovers_.advance();
  auto wanted = handovers_.wanted(now, setting_.timing.resend_max, setting_.self());
  for (const Hash& page : wanted.loads) page_loads_.push_back({setting_.self(), page_key(page)});
  for (auto& [voter, pages] : wanted.asks) {
    tell(voter, *find(roster_id_), AskPages{std::move(pages)});
  }
}

std::set<PeerId> Agreement::met_handovers() const {
  const auto reached = [this](const LogEnd& end) {
    return setting_.logs == nullptr || setting_.logs->reaches(end);
  };
  std::set<PeerId> met;
  handovers_.each([&](const PeerId& voter, const Handover&) {
    if (!handovers_.is_read(voter)) return;
    if (std::ranges::all_of(handovers_.index(voter).logs, reached)) met.insert(voter);
  });
  return met;
}

/// A lock that there is no room for must not be forgotten.
bool Agreement::has_room_for_locks() {
  return std::ranges::all_of(locks_, [this](const auto& entry) {
    return is_released(entry.first) || find_or_stranger(entry.first) != nullptr;
  });
}

/// Those to the roster before.
void Agreement::forget_handovers() {
  index_.reset();
  handovers_.clear();
  locks_.clear();
  given_.clear();
  pages_given_.clear();
}

Bytes Agreement::page_key(const Hash& page) const {
  return roster_key('p', page.view());
}

void Agreement::persist_handovers(Outbox& out) {
  for (Handovers::Row& row : handovers_.take_rows()) {
    out.persist(Table::agreement, roster_key(row.kind, row.key), std::move(row.value));
    out.synced = true;
  }
}

}  // namespace vouch::consensus
