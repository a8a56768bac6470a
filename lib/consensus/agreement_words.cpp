// What other voters say directly. Order of checks: form, sender, height, signature, and then the
// instance's own rules.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/agreement.hpp"

namespace vouch::consensus {
namespace {

/// A fold that was not answered by then is wanted again.
constexpr Duration fold_time_max = std::chrono::seconds(30);
constexpr std::uint32_t asks_max = 16;

const SignedStatement* vote_in(const Body& body) {
  if (const auto* vote = std::get_if<SignedStatement>(&body)) return vote;
  if (const auto* change = std::get_if<ViewChange>(&body)) return &change->vote;
  if (const auto* view = std::get_if<NewView>(&body)) return &view->vote;
  if (const auto* offer = std::get_if<SlateOffer>(&body)) return &offer->vote;
  return nullptr;
}

}  // namespace

void Agreement::on_words(Instant now, const PeerId& from, ByteView bytes) {
  auto speech = decode_speech(bytes);
  if (!speech || !setting_.rosters->contains(from)) {
    ++counters_.bad_words;
    return;
  }
  for (WordBundle& bundle : speech->bundles) {
    auto opened = open_bundle(setting_.cluster, setting_.signer, from, std::move(bundle),
                              [this](const BundledWord& word) { return counts(word); });
    if (!opened) {
      ++counters_.bad_words;
      continue;
    }
    const Checked checked = opened->checked ? Checked::yes : Checked::no;
    for (auto& [id, word] : opened->words) hear(now, from, id, std::move(word), checked);
  }
  for (Word& word : speech->words) {
    const SubjectId id = id_of(word.kind, word.name);
    hear(now, from, id, std::move(word), Checked::no);
  }
}

/// No voter can fill the memory of others with what a quorum decided.
Agreement::Subject* Agreement::find_or_vouched(const Certificate& certificate) {
  if (Subject* held = find_or_stranger(certificate.subject)) return held;
  const bool first = certificate.height == 1 || certificate.value.size == 1;
  const auto doubt = [&] { return setting_.rosters->doubt_of(setting_.signer, certificate); };
  if (!first || doubt() != membership::Doubt::none) return nullptr;
  return open_stranger(certificate.subject);
}

Agreement::Subject* Agreement::open_stranger(const SubjectId& id) {
  if (is_released(id)) return nullptr;
  Subject& subject = subjects_[id];
  subject.id = id;
  open(subject);
  return &subject;
}

/// Of what is decided nothing counts any more.
bool Agreement::counts(const BundledWord& word) const {
  const Subject* subject = subjects_.find(word.subject);
  if (subject == nullptr || (subject->roll != nullptr && subject->roll->left)) return true;
  if (subject->open == nullptr) return false;
  const SignedStatement* vote = vote_in(word.word.body);
  return vote == nullptr || vote->statement.height >= subject->open->height();
}

void Agreement::hear(Instant now, const PeerId& from, const SubjectId& id, Word word,
                     Checked checked) {
  if (word.name.empty()) return;
  if (word.kind == SubjectKind::roster && word.name != roster_name) return;
  if (word.kind == SubjectKind::slate) return hear_slate(now, from, id, std::move(word), checked);
  // A voter may name streams that nobody knows, but not without end.
  if (vouched_ >= named_max) {
    const Subject* held = find(id);
    if (held == nullptr || held->name.empty()) return;
  }
  Subject* named = find_or_open(word.kind, word.name, id);
  if (named == nullptr) return;
  Subject& subject = *named;
  if (vote_in(word.body) != nullptr) {
    // Of an epoch that is not followed yet: whoever says it says it again.
    if (word.kind == SubjectKind::stream && !setting_.rules().knows(word.name)) return;
    hear_vote(now, subject, from, std::move(word.body), checked);
  } else if (const auto* certificate = std::get_if<Certificate>(&word.body)) {
    if (certificate->subject != subject.id) return;
    const std::uint32_t before = subject.height;
    on_certificate(now, *certificate);
    if (subject.height > before && !subject.ahead.empty()) {
      for (auto& [voter, lead] : subject.ahead) lead.asked = 0;
      ask_ahead(now, subject);
    }
  } else if (const auto* ask = std::get_if<AskCertificate>(&word.body)) {
    give_certificate(from, subject, ask->height);
  } else if (const auto* request = std::get_if<Request>(&word.body)) {
    want(now, subject, request->size);
  } else if (const auto* links = std::get_if<AskLinks>(&word.body)) {
    if (links->size <= links->from) return;
    if (auto own = setting_.chains.links(subject.name, links->from, links->size)) {
      tell(from, subject, std::move(*own));
    }
  } else if (const auto* list = std::get_if<LinkList>(&word.body)) {
    hear_links(now, subject, *list);
  } else if (subject.kind == SubjectKind::roster) {
    hear_roster_word(now, from, word.body);
  } else if (auto* proposal = std::get_if<Proposal>(&word.body)) {
    hear_proposal(now, subject, std::move(*proposal), checked);
  }
}

void Agreement::hear_vote(Instant now, Subject& subject, const PeerId& from, Body body,
                          Checked checked) {
  const SignedStatement& vote = *vote_in(body);
  const Statement& s = vote.statement;
  if (s.subject != subject.id) return;
  if (subject.open == nullptr || s.height < subject.open->height()) {
    return hear_late(from, subject, s);
  }
  if (is_forced(s)) return hear_forced(now, vote);
  if (s.height > subject.open->height()) {
    note_ahead(now, subject, from, s.height - 1);
    return;
  }
  if (checked == Checked::no && !is_signed(setting_.cluster, setting_.signer, vote)) {
    ++counters_.bad_words;
    return;
  }
  if (subject.slate != nullptr) leave_slate(now, *subject.slate);
  if (subject.open == nullptr) return;
  Effects effects;
  if (auto* plain = std::get_if<SignedStatement>(&body)) {
    subject.open->on_vote(now, std::move(*plain), effects);
  } else if (const auto* change = std::get_if<ViewChange>(&body)) {
    subject.open->on_view_change(now, *change, effects);
  } else if (const auto* view = std::get_if<NewView>(&body)) {
    subject.open->on_new_view(now, *view, effects);
  }
  take(now, subject, std::move(effects));
}

/// A voter that says what was decided hears so by the votes of the others, which were on their way
/// when it spoke. When it says it again, they are lost to it.
void Agreement::hear_late(const PeerId& from, Subject& subject, const Statement& s) {
  const bool decided = subject.last && subject.last->height == s.height &&
                       subject.last->view == s.view && s.value == subject.last->value;
  if (decided && subject.late.emplace(from, s.phase).second) return;
  give_certificate(from, subject, s.height);
}

void Agreement::hear_links(Instant now, Subject& subject, const LinkList& links) {
  const Value& value = subject.base.value;
  const bool busy = subject.folding && now < *subject.folding + fold_time_max;
  const bool wanted =
      subject.behind && !busy && links.size() == value.size &&
      head_of(subject.name, setting_.rules().of(subject.name), links, value.size) == value.head;
  if (!wanted) return;
  FoldRequest fold{subject.name, 0, {value, links, {}}, true};
  // As much of the own chain as still fits is the start; the rest is fetched.
  const auto before = setting_.chains.head_at(subject.name, links.first);
  if (before == links.previous) fold.base = links.first;
  for (const PeerId& voter : setting_.roster.voters()) {
    if (voter != setting_.self()) fold.wanted.holders.push_back(voter);
  }
  subject.folding = subject.asked = now;
  schedule(subject);
  folds_.push_back(std::move(fold));
}

/// The last one from memory, those before from the store; nothing of what is not certified.
void Agreement::give_certificate(const PeerId& to, const Subject& subject, std::uint32_t height) {
  if (height > subject.height) return;
  if (subject.kind == SubjectKind::roster) {
    // Those that decided nothing are not needed by who holds the next one that did.
    const auto& all = setting_.rosters->certificates();
    const auto next = std::ranges::find_if(all, [&](const auto& c) { return c.height >= height; });
    if (next != all.end()) return tell(to, subject, *next);
  }
  if (subject.last && subject.last->height == height) return tell(to, subject, *subject.last);
  loads_.push_back({to, subject.id, height, static_cast<std::uint8_t>(subject.kind), subject.name});
}

/// Whoever speaks about an instance holds the certificate of the one before.
void Agreement::note_ahead(Instant now, Subject& subject, const PeerId& voter,
                           std::uint32_t height) {
  if (voter == setting_.self() || height <= subject.height) return;
  Subject::Lead& lead = subject.ahead[voter];
  if (lead.height < height) {
    lead = {height, 0};
    if (subject.ask_at)
      subject.ask_at = std::min(*subject.ask_at, now + setting_.timing.resend_max);
    schedule(subject);
  }
  if (!subject.ask_at) ask_ahead(now, subject);
}

void Agreement::on_attested(Instant now, const std::string& stream, const PeerId& voter,
                            std::uint32_t height) {
  if (height == 0 || height <= certified(stream).height) return;
  Subject& subject = this->subject(SubjectKind::stream, stream);
  if (voter != setting_.self()) return note_ahead(now, subject, voter, height);
  // A word of ours from a life whose store is lost: what it rested on somebody else may hold.
  for (const PeerId& other : setting_.roster.voters()) note_ahead(now, subject, other, height);
}

/// Certificates are walked up one by one. A voter that does not answer is asked ever more rarely,
/// not given up: nothing else may tell of that certificate again.
void Agreement::ask_ahead(Instant now, Subject& subject) {
  std::erase_if(subject.ahead,
                [&](const auto& entry) { return entry.second.height <= subject.height; });
  subject.ask_at.reset();
  if (subject.ahead.empty() || subject.name.empty()) return schedule(subject);
  std::uint32_t patience = asks_max;
  for (auto& [voter, lead] : subject.ahead) {
    patience = std::min(patience, lead.asked);
    lead.asked = std::min(lead.asked + 1, asks_max);
    tell(voter, subject, AskCertificate{subject.height + 1});
  }
  subject.ask_at = now + setting_.timing.resend_max * (1 + patience);
  schedule(subject);
}

}  // namespace vouch::consensus
