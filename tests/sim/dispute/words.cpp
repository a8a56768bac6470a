// What leaves a voter, as words to each or in its log, and what the referee makes of words heard.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/sim/dispute/disputing.hpp"
#include "tests/sim/dispute/tearing.hpp"

namespace vouch::sim {
namespace {

using consensus::Decided;
using consensus::SubjectKind;

/// The height is closed by this word, or was already when it came: it is part of what decided.
bool decides(const consensus::Word& word, const SignedStatement* vote, const Certificate& decided) {
  if (const auto* told = std::get_if<Certificate>(&word.body)) {
    return told->subject == decided.subject && told->height == decided.height;
  }
  return vote != nullptr && std::ranges::any_of(decided.commits, [&](const auto& commit) {
           return commit.voter == vote->voter && commit.signature == vote->signature &&
                  decided.statement(commit) == vote->statement;
         });
}

}  // namespace

std::shared_ptr<const Said> Disputing::say(const Copy& from, Bytes bytes) const {
  return std::make_shared<const Said>(cluster_, *signers_[from.voter], from.id, std::move(bytes));
}

void Disputing::hear_vote(Copy& copy, const SignedStatement& vote) {
  if (!copy.honest) return copy.agreement->on_vote(now(), vote);
  const Stand stand = Referee::stand_of(copy);
  copy.agreement->on_vote(now(), vote);
  copy.look();
  referee_->hears(copy, stand, vote);
  referee_->heard(copy);
}

/// As it came, in one piece; afterwards the referee goes through what was compared with what. Where
/// a message closes a height or brings rosters it knows of the words until then alone, unless one
/// word closed one height.
void Disputing::hear_words(Copy& copy, const PeerId& from, const Said& said) {
  const bool votes =
      std::ranges::any_of(said.votes, [](const auto* vote) { return vote != nullptr; });
  if (!copy.honest || !votes) return copy.agreement->on_words(now(), from, said.bytes);
  Stand stand = Referee::stand_of(copy);
  copy.look();
  const std::size_t before = copy.decided.size();
  copy.agreement->on_words(now(), from, said.bytes);
  copy.look();
  std::vector<const Certificate*> closed;
  for (std::size_t i = before; i < copy.decided.size(); ++i) {
    const Certificate& certificate = copy.decided[i].certificate;
    if (certificate.subject == disputed_) closed.push_back(&certificate);
  }
  const auto closes = [&](std::size_t i) {
    return !closed.empty() && decides(said.words[i], said.votes[i], *closed.front());
  };
  std::size_t closers = 0;
  for (std::size_t i = 0; i < said.words.size(); ++i) closers += closes(i) ? 1 : 0;
  if (!closed.empty() && closers == 0) return referee_->heard(copy);
  for (std::size_t i = 0; i < said.words.size(); ++i) {
    if (said.words[i].kind == SubjectKind::roster) break;
    if (said.votes[i] != nullptr) referee_->hears(copy, stand, *said.votes[i]);
    if (!closes(i)) continue;
    if (closers > 1 || closed.size() > 1) break;
    stand = Referee::stand_of(copy);
  }
  referee_->heard(copy);
}

/// Whoever lacks a proof pulls it, like a log.
void Disputing::tell_proofs(Copy& copy, std::size_t index, const Outbox& out) {
  if (copy.honest) referee_->judges(copy);
  for (const Bytes& frame : out.publish) {
    Event event;
    event.kind = Kind::proof;
    event.what = std::make_shared<const Bytes>(frame);
    send_log(copy, index, event);
  }
  if (out.publish.empty()) return;
  const auto last = copy.agreement->certificate(consensus::SubjectKind::stream, disputed_stream);
  if (last) tell_certificate(copy, index, *last);
}

/// Of view 0 where it does not follow from the logs, since that of a committer is gone.
void Disputing::tell_certificate(Copy& copy, std::size_t index, const Certificate& certificate) {
  const bool rests_on_proven = std::ranges::any_of(certificate.commits, [&](const auto& commit) {
    return copy.honest && copy.replica->proven(commit.voter);
  });
  if (certificate.view == 0 && !rests_on_proven) return;
  Event event;
  event.kind = Kind::certificate;
  event.what = std::make_shared<const Certificate>(certificate);
  send_log(copy, index, event);
}

void Disputing::send_words(Copy& from, std::size_t index, const PeerId& to,
                           const std::shared_ptr<const Said>& said) {
  const bool trouble = settings_.faults && now_ < trouble_until_;
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    Copy& receiver = *copies_[i];
    if (receiver.id != to || (trouble && random_.chance(0.1))) continue;
    if (from.adversary == Adversary::silent) continue;
    if ((from.listeners >> receiver.voter & 1U) == 0) continue;
    Event event;
    event.kind = Kind::words;
    event.copy = static_cast<std::uint32_t>(i);
    event.from = static_cast<std::uint32_t>(index);
    event.what = said;
    if (from.adversary == Adversary::corrupting && random_.chance(0.5)) {
      Bytes bytes = said->bytes;
      const std::size_t at = random_.below(bytes.size());
      bytes[at] ^= static_cast<std::uint8_t>(1 + random_.below(255));
      event.what = say(from, std::move(bytes));
    }
    if (from.adversary == Adversary::tearing && random_.chance(0.5)) {
      const TearingContext context{cluster_, *signers_[from.voter], from.votes, random_};
      event.what = say(from, torn(context, said->bytes));
    }
    const Time extra = from.adversary == Adversary::late ? 190 * ms : 0;
    if (from.adversary == Adversary::repeating || (trouble && random_.chance(0.05))) {
      schedule(event, extra + static_cast<Time>(random_.below(3000)) * ms);
    }
    schedule(std::move(event), extra + travel());
  }
}

void Disputing::send_log(Copy& from, std::size_t index, const Event& event) {
  if (from.adversary == Adversary::silent) return;
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    if (copies_[i]->voter == from.voter) continue;
    // Whoever has a log passes it on: what some were not told they pull from others.
    const bool told = (from.listeners >> copies_[i]->voter & 1U) != 0;
    Event copy = event;
    copy.copy = static_cast<std::uint32_t>(i);
    copy.from = static_cast<std::uint32_t>(index);
    schedule(std::move(copy), (told ? 0 : 500 * ms) + travel());
  }
}

}  // namespace vouch::sim
