// Slates: subjects of one primary that are decided as one (slate.hpp). A subject stands on one
// while nothing was said about it alone; from then on the instance of the slate speaks and hears
// for it. Whatever happens to one that did not happen to all - another word about it, the end of
// its view, the end of its epoch - makes all leave: each goes on alone with what was said, heard
// and locked so far. So a slate is never in any view but 1, and decides or is left.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::consensus {
namespace {

/// Names on one slate, so that its bundle fits into a message.
constexpr std::size_t slate_bytes_max = 32U << 10;
/// Slates that were left are known as long, for who still speaks of them.
constexpr std::size_t left_slates_max = 256;
/// Votes of one voter about slates that are not known yet.
constexpr std::size_t early_on_slates_max = 32;

}  // namespace

/// What was to be said as primary about several subjects is said about a slate. What stands alone
/// stays.
void Agreement::gather_slates(Instant now) {
  if (!setting_.votes()) return;
  std::vector<Subject*> led;
  for (const Pending& p : direct_) {
    const Statement& s = p.statement;
    if (s.phase != Phase::new_view || s.view != 1 || s.height != 1 || s.basis != Hash{}) continue;
    Subject* subject = find(p.subject);
    const bool alone = subject != nullptr && subject->kind == SubjectKind::proposal &&
                       subject->slate == nullptr && subject->open != nullptr &&
                       subject->open->untouched() && s.epoch == setting_.roster.epoch();
    if (alone && s.value == Value{1, s.value->head}) led.push_back(subject);
  }
  for (auto from = led.begin(); led.end() - from >= 2;) {
    auto to = from;
    for (std::size_t bytes = 0; to != led.end() && bytes < slate_bytes_max; ++to) {
      if (to - from == std::ptrdiff_t(bundle_statements_max)) break;
      bytes += (*to)->name.size();
    }
    if (to - from < 2) break;
    lead_slate(now, {from, to});
    from = to;
  }
}

void Agreement::lead_slate(Instant now, std::span<Subject* const> subjects) {
  std::vector<SlateEntry> entries;
  for (const Subject* subject : subjects) {
    entries.push_back({subject->name, subject->open->led()->head});
  }
  const auto slate = std::make_shared<const Slate>(setting_.cluster, std::move(entries));
  Subject& whole = open_slate(slate, setting_.self());
  for (std::size_t i = 0; i < subjects.size(); ++i) put_on(whole, *subjects[i], i);
  std::erase_if(direct_, [this](const Pending& p) {
    if (p.statement.phase != Phase::new_view && p.statement.phase != Phase::prepare) return false;
    const Subject* subject = find(p.subject);
    return subject != nullptr && subject->slate != nullptr;
  });
  Effects effects;
  whole.open->on_proposal(now, slate->value(), effects, setting_.self());
  take(now, whole, std::move(effects));
}

Agreement::Subject& Agreement::open_slate(const std::shared_ptr<const Slate>& slate,
                                          const PeerId& leader) {
  Subject& whole = subject(SubjectKind::slate, slate->name(), slate->id());
  whole.roll = std::make_unique<Roll>(Roll{slate, 0, false});
  if (whole.open != nullptr) whole.open->set_leader(leader);
  slates_.push_back(whole.id);
  std::erase(left_slates_, whole.id);  // in an epoch before
  return whole;
}

/// Precondition: nothing was said about the subject but what the slate says.
void Agreement::put_on(Subject& whole, Subject& subject, std::size_t place) {
  subject.slate = &whole;
  subject.place = place;
  // The row of the slate says it, and more than one that stands beside it; but that must be of this
  // epoch.
  if (!subject.stored) subject.dirty = false;
  subject.open->enter_slate();
  ++on_slates_;
  schedule(subject);
}

void Agreement::take_off(Subject& subject) {
  subject.slate = nullptr;
  --on_slates_;
}

/// Every subject is open to whatever the slate says, or decided like that.
bool Agreement::may_stand(const Slate& slate) {
  const auto stands = [&](const Slate::Place& place) {
    const Subject& subject = *find(place.subject);
    if (subject.open == nullptr) return subject.base.value == place.value;
    return subject.slate == nullptr && subject.open->height() == 1 && subject.open->untouched();
  };
  return std::ranges::all_of(slate.places(), stands);
}

void Agreement::hear_offer(Instant now, const PeerId& from, SlateOffer& offer, Checked checked) {
  if (offer.slate == nullptr) {
    offer.slate = std::make_shared<const Slate>(setting_.cluster, offer.entries);
  }
  const Slate& slate = *offer.slate;
  const Statement& s = offer.vote.statement;
  const Subject* held = find(slate.id());
  const bool known = held != nullptr && (held->slate_is_open() || held->height > 0);
  if (s.epoch != setting_.roster.epoch() || known) return;
  const bool new_view = s.phase == Phase::new_view && s.view == 1 && s.height == 1 &&
                        s.basis == Hash{} && s.subject == slate.id() && s.value == slate.value();
  const bool of_leader = offer.vote.voter == from && from != setting_.self() &&
                         std::ranges::all_of(slate.places(), [&](const Slate::Place& place) {
                           return setting_.primary(place.subject, 1, 1) == from;
                         });
  const bool fits =
      new_view && of_leader && slate.is_distinct() && setting_.roster.lists(from, s.incarnation) &&
      (checked == Checked::yes || is_signed(setting_.cluster, setting_.signer, offer.vote));
  if (!fits) {
    ++counters_.bad_words;
    return;
  }
  if (vouched_ + slate.places().size() >= named_max) return;
  // A primary that does not know yet what all others have finished offers others the next time.
  const auto released = [this](const Slate::Place& place) {
    return find(place.subject) == nullptr && is_released(place.subject);
  };
  if (std::ranges::any_of(slate.places(), released)) return;
  for (std::size_t i = 0; i < slate.places().size(); ++i) {
    subject(SubjectKind::proposal, slate.entries()[i].name, slate.places()[i].subject);
  }
  const bool stands = may_stand(slate);
  Subject& whole = open_slate(offer.slate, from);
  if (stands) {
    follow_slate(now, whole, offer.vote);
  } else {
    leave_slate(now, whole);
    hear_of_each(now, whole, offer.vote);
  }
  replay_early_on(now, whole);
}

void Agreement::follow_slate(Instant now, Subject& whole, const SignedStatement& vote) {
  Roll& roll = *whole.roll;
  for (std::size_t i = 0; i < roll.slate->places().size(); ++i) {
    Subject& subject = *find(roll.slate->places()[i].subject);
    if (subject.open == nullptr) continue;
    put_on(whole, subject, i);
    const bool legal = subject.proposals.contains(roll.slate->places()[i].value);
    roll.missing += legal ? 0 : 1;
  }
  Effects effects;
  if (roll.missing == 0) {
    whole.open->on_proposal(now, roll.slate->value(), effects, vote.voter);
  }
  whole.open->on_new_view(now, {vote, {}}, effects);
  take(now, whole, std::move(effects));
}

/// A value of a subject that stands on a slate is legal now: once all are, so is the slate.
void Agreement::admit(Instant now, Subject& subject, const Value& value) {
  Subject& whole = *subject.slate;
  Roll& roll = *whole.roll;
  if (roll.slate->places()[subject.place].value != value || roll.missing == 0) return;
  if (--roll.missing > 0) return;
  Effects effects;
  whole.open->on_proposal(now, roll.slate->value(), effects, setting_.self());
  take(now, whole, std::move(effects));
}

void Agreement::hear_slate(Instant now, const PeerId& from, const SubjectId& id, Word word,
                           Checked checked) {
  if (auto* offer = std::get_if<SlateOffer>(&word.body)) {
    return hear_offer(now, from, *offer, checked);
  }
  Subject* whole = find(id);
  const bool known = whole != nullptr && whole->kind == SubjectKind::slate;
  if (const auto* vote = std::get_if<SignedStatement>(&word.body)) {
    const Statement& s = vote->statement;
    const bool counts = (s.phase == Phase::prepare || s.phase == Phase::commit) && s.view == 1 &&
                        s.height == 1 && s.subject == id && vote->voter == from &&
                        setting_.roster.lists(from, s.incarnation);
    if (!counts) return;
    if (known && whole->height > 0) return hear_late(from, *whole, s);
    const bool is_true =
        checked == Checked::yes || is_signed(setting_.cluster, setting_.signer, *vote);
    if (!is_true) {
      ++counters_.bad_words;
    } else if (!known) {
      auto& early = early_on_slates_[from];
      early.push_back(*vote);
      if (early.size() > early_on_slates_max) early.pop_front();
    } else {
      hear_on_slate(now, *whole, *vote);
    }
  } else if (const auto* certificate = std::get_if<Certificate>(&word.body)) {
    if (known && certificate->subject == id && certificate->height == 1) {
      on_certificate(now, *certificate);
    }
  } else if (const auto* ask = std::get_if<AskCertificate>(&word.body)) {
    if (known) give_certificate(from, *whole, ask->height);
  }
}

/// A vote about all that stand on a slate, or stood.
void Agreement::hear_on_slate(Instant now, Subject& whole, const SignedStatement& vote) {
  if (whole.height > 0 || whole.roll == nullptr) return;  // decided meanwhile
  if (whole.roll->left) return hear_of_each(now, whole, vote);
  Effects effects;
  whole.open->on_vote(now, vote, effects);
  take(now, whole, std::move(effects));
}

/// Of subjects that stand on no slate any more.
void Agreement::hear_of_each(Instant now, Subject& whole, const SignedStatement& vote) {
  const std::shared_ptr<const Slate> slate = whole.roll->slate;
  for (const Slate::Place& place : slate->places()) {
    SignedStatement one = spread(vote, place.subject, place.value, place.path);
    Subject* subject = find(place.subject);
    if (subject == nullptr) continue;  // released since
    if (vote.statement.phase == Phase::new_view) {
      hear_vote(now, *subject, vote.voter, NewView{std::move(one), {}}, Checked::yes);
    } else {
      hear_vote(now, *subject, vote.voter, std::move(one), Checked::yes);
    }
  }
}

void Agreement::replay_early_on(Instant now, Subject& whole) {
  std::vector<SignedStatement> due;
  for (auto& [voter, votes] : early_on_slates_) {
    std::erase_if(votes, [&](const SignedStatement& vote) {
      const bool about_it = vote.statement.subject == whole.id;
      if (about_it) due.push_back(vote);
      return about_it;
    });
  }
  for (const SignedStatement& vote : due) hear_on_slate(now, whole, vote);
}

/// Everybody goes on alone.
void Agreement::leave_slate(Instant now, Subject& whole) {
  VOUCH_CHECK(whole.slate_is_open() && whole.open != nullptr);
  whole.roll->left = true;
  const std::unique_ptr<Instance> instance = std::move(whole.open);
  std::erase_if(direct_, [&](const Pending& p) { return p.subject == whole.id; });
  schedule(whole);
  if (std::exchange(whole.stored, false)) {
    gone_.push_back(whole.id);
  }
  whole.dirty = false;
  const std::shared_ptr<const Slate> slate = whole.roll->slate;
  std::erase(slates_, whole.id);
  left_slates_.push_back(whole.id);
  for (const Slate::Place& place : slate->places()) {
    Subject* subject = find(place.subject);
    if (subject == nullptr || subject->slate != &whole) continue;
    take_off(*subject);
    Effects effects;
    part(now, *instance, place, *subject, effects);
    take(now, *subject, std::move(effects));
  }
  while (left_slates_.size() > left_slates_max) {
    forget_slate(left_slates_.front());
    left_slates_.pop_front();
  }
}

void Agreement::part(Instant now, const Instance& whole, const Slate::Place& place,
                     Subject& subject, Effects& effects) {
  subject.open->leave_slate(
      now, whole, [&place](const Statement& s) { return spread(s, place.subject, place.value); },
      [&place](const SignedStatement& vote) {
        return spread(vote, place.subject, place.value, place.path);
      },
      effects);
}

void Agreement::forget_slate(const SubjectId& id) {
  Subject* whole = find(id);
  if (whole == nullptr || whole->height > 0) return;
  std::erase(dirty_, whole);
  if (whole->due) deadlines_.erase({*whole->due, id});
  --vouched_;
  subjects_.erase(id);
}

void Agreement::leave_slates(Instant now) {
  while (!slates_.empty()) leave_slate(now, *find(slates_.back()));
}

/// All that stand on it are decided, and so are those that left it.
void Agreement::close_slate(Instant now, Subject& whole, const Certificate& certificate) {
  ++whole.height;
  whole.base = {certificate.value, 0};
  whole.last = certificate;
  whole.open.reset();
  whole.late.clear();
  std::erase_if(direct_, [&](const Pending& p) { return p.subject == whole.id; });
  std::erase(slates_, whole.id);
  schedule(whole);
  mark(whole);
  const std::shared_ptr<const Slate> slate = whole.roll->slate;
  for (const Slate::Place& place : slate->places()) {
    Subject* subject = find(place.subject);
    const Certificate one = spread(certificate, place);
    if (subject == nullptr || subject->slate != &whole) {
      on_certificate(now, one);
      continue;
    }
    close(now, *subject, one);
    take_off(*subject);
    stands_in(whole, *subject);
  }
}

void Agreement::stands_in(Subject& whole, Subject& subject) {
  subject.row = &whole;
  ++whole.in_row;
}

/// The new view of a slate goes with what stands on it.
Body Agreement::as_told(const Subject& subject, Body body) {
  auto* view = std::get_if<NewView>(&body);
  if (view == nullptr || subject.roll == nullptr) return body;
  const std::shared_ptr<const Slate>& slate = subject.roll->slate;
  return SlateOffer{std::move(view->vote), slate->entries(), slate};
}

/// The row of a slate names what stands on it.
void Agreement::write_roll(ByteWriter& row, Subject& whole) {
  write_slate_entries(row, whole.roll->slate->entries());
  if (whole.height > 0) whole.roll.reset();  // nothing is asked of it any more
}

/// As it stood in its row: those that are decided are decided, all others left it as the life
/// ended. What has a row of its own is as new as that, or older.
bool Agreement::restore_slate(Subject& whole, ByteReader& row) {
  auto entries = read_slate_entries(row);
  if (!row.done()) return false;
  if (whole.height > 0 ? !whole.last : whole.open == nullptr) return false;
  const Slate slate(setting_.cluster, std::move(entries));
  for (std::size_t i = 0; i < slate.places().size(); ++i) {
    const Slate::Place& place = slate.places()[i];
    if (find(place.subject) == nullptr && is_released(place.subject)) continue;
    Subject& subject = this->subject(SubjectKind::proposal, slate.entries()[i].name, place.subject);
    if (subject.open == nullptr || subject.height > 0) continue;
    if (whole.height > 0) {
      subject.open.reset();
      subject.height = 1;
      subject.base = {place.value, 0};
      subject.last = spread(*whole.last, place);
      stands_in(whole, subject);
    } else if (subject.open->view() == 1) {
      Effects said_by_resume;
      subject.open->enter_slate();
      part(Instant{}, *whole.open, place, subject, said_by_resume);
      mark(subject);
    }
    schedule(subject);
  }
  if (whole.in_row > 0) return true;
  gone_.push_back(whole.id);
  --vouched_;
  subjects_.erase(SubjectId(whole.id));
  return true;
}

}  // namespace vouch::consensus
