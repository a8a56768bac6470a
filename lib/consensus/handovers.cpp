// SPDX-License-Identifier: MIT
#include "vouch/consensus/handovers.hpp"

#include <algorithm>

#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {

bool Handovers::is_read(const PeerId& voter) const {
  const auto held = held_.find(voter);
  return held != held_.end() && held->second.read == held->second.index.pages.size();
}

void Handovers::each(const std::function<void(const PeerId&, const Handover&)>& visit) const {
  for (const auto& [voter, held] : held_) visit(voter, held.words);
}

Bytes Handovers::prepare(HandoverIndex index, std::vector<CutPage> pages) {
  for (CutPage& cut : pages) {
    index.pages.push_back(cut.hash);
    Page& page = pages_[cut.hash];
    page.first = cut.first;
    page.last = cut.last;
    page.stored = page.met = true;
    rows_.push_back({'p', to_bytes(cut.hash.view()), std::move(cut.bytes)});
  }
  own_ = index.pages;
  return encode_index(index);
}

void Handovers::keep(const Handover& handover, HandoverIndex index, const PeerId& teller) {
  const PeerId& voter = handover.vote.voter;
  ByteWriter row;
  write_signed(row, handover.vote);
  row.sized(handover.index);
  rows_.push_back({'h', to_bytes(voter.view()), row.take()});
  for (const Hash& page : index.pages) pages_.try_emplace(page);
  held_[voter] = {handover, std::move(index), {teller}, 0, {}};
}

void Handovers::tell(const Handover& handover, const PeerId& teller) {
  const auto held = held_.find(handover.vote.voter);
  if (held == held_.end() || held->second.words.index != handover.index) return;
  held->second.tellers.insert(teller);
}

void Handovers::refuse(const PeerId& voter) {
  refused_.insert(voter);
  if (held_.erase(voter) == 0) return;
  rows_.push_back({'h', to_bytes(voter.view()), std::nullopt});
  sweep();
}

/// Pages that no handover lists any more go.
void Handovers::sweep() {
  std::set<Hash> listed(own_.begin(), own_.end());
  for (const auto& [voter, held] : held_) {
    listed.insert(held.index.pages.begin(), held.index.pages.end());
  }
  std::erase_if(pages_, [&](const auto& entry) {
    if (listed.contains(entry.first)) return false;
    if (entry.second.stored) {
      rows_.push_back({'p', to_bytes(entry.first.view()), std::nullopt});
    }
    return true;
  });
}

Handovers::Taken Handovers::take(const PeerId& from, ByteView bytes,
                                 const std::function<bool(const SubjectState&)>& proves,
                                 const std::function<bool(const SubjectStates&)>& meet) {
  const Hash hash = crypto::blake2b(bytes);
  const auto known = pages_.find(hash);
  if (known == pages_.end()) {
    ++failed_[from];
    return Taken::bad;
  }
  Page& page = known->second;
  if (page.met || !page.subjects.empty() || !page.asked) return Taken::nothing;
  auto subjects = decode_page(bytes);
  if (!subjects || !std::ranges::all_of(*subjects, proves)) {
    std::vector<PeerId> liars;
    for (const auto& [voter, held] : held_) {
      if (std::ranges::find(held.index.pages, hash) != held.index.pages.end()) {
        liars.push_back(voter);
      }
    }
    for (const PeerId& voter : liars) refuse(voter);
    return Taken::bad;
  }
  if (!page.stored) rows_.push_back({'p', to_bytes(hash.view()), to_bytes(bytes)});
  page.stored = true;
  page.first = subjects->front().subject;
  page.last = subjects->back().subject;
  page.met = meet(*subjects);
  if (!page.met) page.subjects = std::move(*subjects);
  return Taken::page;
}

void Handovers::each_in_window(
    const std::function<void(const PeerId&, Held&, const Hash&)>& visit) {
  for (auto& [voter, held] : held_) {
    const std::size_t end = std::min(held.read + window, held.index.pages.size());
    for (std::size_t i = held.read; i < end; ++i) visit(voter, held, held.index.pages[i]);
  }
}

void Handovers::look(const std::function<bool(const PeerId&, const SubjectStates&)>& meet) {
  each_in_window([&](const PeerId& voter, Held&, const Hash& hash) {
    Page& page = pages_.at(hash);
    if (page.subjects.empty() || !meet(voter, page.subjects)) return;
    page.met = true;
    page.subjects = {};
  });
}

void Handovers::advance() {
  std::vector<PeerId> liars;
  for (auto& [voter, held] : held_) {
    while (held.read < held.index.pages.size()) {
      const Page& page = pages_.at(held.index.pages[held.read]);
      if (!page.met) break;
      if (held.read > 0 && page.first <= held.last) {
        liars.push_back(voter);
        break;
      }
      held.last = page.last;
      ++held.read;
    }
  }
  for (const PeerId& voter : liars) refuse(voter);
}

/// The disk, or the voter that was asked, has not given it.
void Handovers::miss(Page& page) {
  if (page.stored) {
    page.stored = false;
  } else {
    ++failed_[page.of];
  }
  page.asked.reset();
}

Handovers::Wanted Handovers::wanted(Instant now, Duration patience, const PeerId& self) {
  Wanted out;
  std::map<Hash, PeerId> best;
  each_in_window([&](const PeerId&, const Held& held, const Hash& hash) {
    Page& page = pages_.at(hash);
    if (page.met || !page.subjects.empty()) return;
    if (page.asked && now < *page.asked + patience) return;
    if (page.asked) miss(page);
    if (page.stored) {
      page.asked = now;
      out.loads.push_back(hash);
      return;
    }
    for (const PeerId& teller : held.tellers) {
      if (teller == self) continue;
      const auto [chosen, fresh] = best.try_emplace(hash, teller);
      if (!fresh && failed_[teller] < failed_[chosen->second]) chosen->second = teller;
    }
  });
  for (const auto& [hash, teller] : best) {
    std::vector<Hash>& asks = out.asks[teller];
    if (asks.size() == asked_pages_max) continue;
    asks.push_back(hash);
    pages_.at(hash).asked = now;
    pages_.at(hash).of = teller;
  }
  return out;
}

bool Handovers::has_stored(const Hash& page) const {
  const auto known = pages_.find(page);
  return known != pages_.end() && known->second.stored;
}

void Handovers::keep_only(const std::set<PeerId>& voters) {
  std::erase_if(held_, [&](const auto& entry) {
    if (voters.contains(entry.first)) return false;
    rows_.push_back({'h', to_bytes(entry.first.view()), std::nullopt});
    return true;
  });
  sweep();
}

void Handovers::clear() {
  own_.clear();
  keep_only({});
  refused_.clear();
  failed_.clear();
}

bool Handovers::restore(char kind, ByteView key, ByteView row) {
  if (kind == 'p') {
    const auto hash = Hash::from(key);
    if (hash) pages_[*hash].stored = true;
    return hash.has_value();
  }
  ByteReader in(row);
  Handover handover;
  handover.vote = read_signed(in);
  handover.index = to_bytes(in.sized());
  auto index = decode_index(handover.index);
  if (kind != 'h' || !in.done() || !index) return false;
  const PeerId& voter = handover.vote.voter;
  for (const Hash& page : index->pages) pages_.try_emplace(page);
  held_[voter] = {handover, std::move(*index), {voter}, 0, {}};
  return true;
}

}  // namespace vouch::consensus
