// What is gathered from whom, and when. What is done with it is in refolder_judge.cpp.
// SPDX-License-Identifier: MIT
#include "vouch/sync/refolder.hpp"

#include <algorithm>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::sync {

bool Refolder::want(Instant now, Fold fold, Outbox& out) {
  VOUCH_CHECK(fold.links.first < fold.target.size && fold.links.size() == fold.target.size);
  const auto replaced = [&fold](const Fold& held) {
    return held.stream == fold.stream && (fold.adopt || !held.adopt);
  };
  const auto active = active_.find(fold.stream);
  if (active != active_.end()) {
    Work& work = active->second;
    if (work.fold.target == fold.target) {
      if (fold.adopt || !work.fold.adopt) work.fold.state = fold.state;
      work.fold.adopt |= fold.adopt;
      add_holders(work, fold.holders);
      return true;
    }
    if (replaced(work.fold)) active_.erase(active);
  }
  std::erase_if(waiting_, replaced);
  const bool room = waiting_.size() < limits_.waiting_max;
  if (room) {
    waiting_.push_back(std::move(fold));
  } else {
    ++counters_.dropped;
  }
  start_waiting(now, out);
  return room;
}

void Refolder::start_waiting(Instant now, Outbox& out) {
  while (active_.size() < limits_.active_max) {
    const auto free = [this](const Fold& fold) { return !active_.contains(fold.stream); };
    const auto next = std::ranges::find_if(waiting_, free);
    if (next == waiting_.end()) return;
    Fold fold = std::move(*next);
    waiting_.erase(next);
    start(now, std::move(fold), out);
  }
}

void Refolder::start(Instant now, Fold fold, Outbox& out) {
  Work work;
  work.closes = fold.links.entries.back().digest == validator::close_digest();
  if (passes(fold)) {
    folded_.push_back({fold.stream, fold.target, true, true, false, work.closes, fold.state});
    return;
  }
  work.end = fold.target.size - (work.closes ? 1 : 0);
  work.own_end = std::min(shared_with_own(fold), work.end);
  add_holders(work, fold.holders);
  work.fold = std::move(fold);
  const std::string name = work.fold.stream;
  advance(now, active_.insert_or_assign(name, std::move(work)).first, out);
}

void Refolder::add_holders(Work& work, const std::vector<PeerId>& peers) {
  for (const PeerId& peer : peers) {
    const bool known = std::ranges::find(work.holders, peer, &Holder::peer) != work.holders.end();
    if (!known && peer != self_) work.holders.push_back({peer});
  }
}

void Refolder::advance(Instant now, Active::iterator it, Outbox& out) {
  auto& [name, work] = *it;
  if (work.bytes > limits_.stream_bytes_max) {
    ++counters_.too_large;
    active_.erase(it);
  } else if (work.next() < work.own_end) {
    out.loads.push_back({name, work.next(), self_});
  } else if (work.next() < work.end) {
    ask(now, it, out);
  } else {
    judge(now, it, out);
  }
}

void Refolder::on_loaded(Instant now, const std::string& stream, std::uint64_t first,
                         const std::vector<ingest::Item>& items,
                         const std::optional<StateRow>& state, Outbox& out) {
  const auto it = active_.find(stream);
  if (it == active_.end()) return;
  Work& work = it->second;
  // Of a fold that another one took the place of.
  if (work.question || first != work.next() || first >= work.own_end) return;
  const bool started = items.empty() && take_state(work, state);
  const validator::LinkList& links = work.fold.links;
  for (const ingest::Item& item : items) {
    const std::uint64_t index = work.next();
    if (index == work.own_end) break;
    if (index >= links.first && item.digest != links.entries[index - links.first].digest) break;
    work.events.push_back(*item.text);
    work.bytes += item.text->size();
  }
  work.own = work.next();
  if (work.own == first && !started) work.own_end = first;  // the store has less than the chain
  advance(now, it, out);
  start_waiting(now, out);
}

Refolder::Holder* Refolder::choose(Work& work) {
  const auto usable = [this](const Holder& holder) {
    return !holder.empty && !holder.liar && holder.silences < limits_.silences_max;
  };
  // Events that only the fold can check come from one holder: so it is known who lied.
  if (work.blind() && work.source) {
    Holder& source = work.holders[*work.source];
    if (usable(source)) return &source;
    drop_unchecked(work);
  }
  for (;;) {
    Holder* best = nullptr;
    for (Holder& holder : work.holders) {
      if (usable(holder) && (best == nullptr || holder.silences < best->silences)) best = &holder;
    }
    // Who had nothing at one place may have what comes behind it.
    if (best != nullptr || !work.progressed) return best;
    work.progressed = false;
    for (Holder& holder : work.holders) holder.empty = false;
  }
}

void Refolder::ask(Instant now, Active::iterator it, Outbox& out) {
  auto& [name, work] = *it;
  const Holder* holder = choose(work);
  if (holder == nullptr) {
    if (work.delivered) {
      folded_.push_back(
          {name, work.fold.target, false, false, false, work.closes, work.fold.state});
    } else {
      ++counters_.missing;
      out.notices.push_back(EventsMissing{name, work.fold.target.size});
    }
    active_.erase(it);
    return;
  }
  const validator::LinkList& links = work.fold.links;
  AskEvents question{name, work.next(), work.blind() ? links.first : work.end, {}};
  if (!work.blind()) {
    for (std::uint64_t i = question.first; i < question.upto; ++i) {
      question.digests.push_back(links.entries[i - links.first].digest);
    }
  }
  const auto index = static_cast<std::size_t>(holder - work.holders.data());
  const Duration patience = limits_.patience * (1 << holder->silences);
  work.question = {index, ++next_id_, question.upto, now + patience};
  ++counters_.asked;
  out.send(holder->peer, std::move(question), next_id_);
}

void Refolder::on_events(Instant now, const PeerId& from, std::uint64_t id, const Events& answer,
                         const std::optional<StateRow>& state, Outbox& out) {
  const auto it = active_.find(answer.stream);
  if (it == active_.end()) return;
  Work& work = it->second;
  const auto question = work.question;
  const bool due = question && question->id == id && work.holders[question->holder].peer == from;
  if (!due) return;  // late, or never asked
  work.question.reset();
  take(work, *question, answer, state);
  advance(now, it, out);
  start_waiting(now, out);
}

void Refolder::take(Work& work, const Question& question, const Events& answer,
                    const std::optional<StateRow>& state) {
  Holder& holder = work.holders[question.holder];
  const std::uint64_t first = work.next();
  const bool blind = work.blind();
  const validator::LinkList& links = work.fold.links;
  holder.liar = answer.first != first || answer.events.size() > question.upto - first;
  if (holder.liar) {
    ++counters_.lies;
    return;
  }
  if (take_state(work, state)) {
    work.progressed = true;
    return;
  }
  holder.empty = answer.events.empty();
  for (const std::string& event : answer.events) {
    const std::uint64_t index = work.next();
    const bool fits = event.size() <= limits::event_bytes_max;
    if (!fits ||
        (!blind && validator::digest_of(event) != links.entries[index - links.first].digest)) {
      holder.liar = true;
      ++counters_.lies;
      break;
    }
    work.events.push_back(event);
    work.bytes += event.size();
  }
  if (work.next() == first) return;
  if (blind) {
    work.source = question.holder;
  } else {
    work.progressed = true;
    holder.silences = 0;
  }
}

/// A certified state lies on the chain of every certified point behind it, and a target is of the
/// segment behind one: it stands for whatever was gathered of the events before it.
bool Refolder::take_state(Work& work, const std::optional<StateRow>& state) {
  const std::uint64_t size = state ? state->state.size : 0;
  const bool before = size <= work.fold.links.first || size == work.fold.target.size;
  if (size <= work.next() || !before) return false;
  work.start = state;
  work.events.clear();
  work.bytes = state->state.bytes.size();
  work.source.reset();
  return true;
}

void Refolder::on_tick(Instant now, Outbox& out) {
  std::vector<std::string> late;
  for (const auto& [name, work] : active_) {
    if (work.question && work.question->until <= now) late.push_back(name);
  }
  for (const std::string& name : late) {
    const auto it = active_.find(name);
    Work& work = it->second;
    ++work.holders[work.question->holder].silences;
    work.question.reset();
    ++counters_.silent;
    if (work.blind()) drop_unchecked(work);
    advance(now, it, out);
  }
  start_waiting(now, out);
}

std::optional<Instant> Refolder::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& [name, work] : active_) {
    if (!work.question) continue;
    next = next ? std::min(*next, work.question->until) : work.question->until;
  }
  return next;
}

}  // namespace vouch::sync
