// What is compared with the own chain before anything is gathered, and with the target when all is
// there.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/sync/payload_rows.hpp"
#include "vouch/sync/refolder.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::sync {
namespace {

constexpr std::size_t row_bytes = 64U << 10;

}  // namespace

/// The own chain gives the answer already. A tainted one is not what is to be adopted.
bool Refolder::passes(const Fold& fold) {
  if (fold.adopt && !streams_.tip(fold.stream)) return false;
  if (streams_.head_at(fold.stream, fold.target.size - 1) != fold.target.head) return false;
  return fold.allows(streams_.state_at(fold.stream, fold.target.size));
}

bool Refolder::reaches(const Fold& fold) {
  const auto tip = streams_.tip(fold.stream);
  return tip && tip->upto + 1 >= fold.target.size;
}

/// The target is of events that our own chain was made of, too long ago for it to know. Not when it
/// ends with the close mark: our chain has something else there, or it would know.
bool Refolder::is_own(const Work& work) {
  return !work.closes && work.own == work.end && reaches(work.fold);
}

/// How many events the own chain and the target have in common, as far as that is known. Where the
/// chain has forgotten, its events in the store will tell.
std::uint64_t Refolder::shared_with_own(const Fold& fold) {
  const validator::LinkList& links = fold.links;
  const auto before = links.first == 0 ? std::optional(links.previous)
                                       : streams_.head_at(fold.stream, links.first - 1);
  const auto tip = streams_.tip(fold.stream);
  if (!before && reaches(fold)) return fold.target.size;
  if (before != links.previous) return std::min(fold.base, links.first);
  if (!tip) return links.first;
  const auto end = streams_.end_after(fold.stream, links.first);
  const auto own = streams_.links(fold.stream, links.first, end ? end->size : tip->upto + 1);
  if (!own) return reaches(fold) ? fold.target.size : links.first;
  const auto parted = std::ranges::mismatch(own->entries, links.entries, {},
                                            &validator::Entry::digest, &validator::Entry::digest);
  return links.first + static_cast<std::uint64_t>(parted.in1 - own->entries.begin());
}

void Refolder::judge(Instant now, Active::iterator it, Outbox& out) {
  auto& [name, work] = *it;
  const validator::LinkList& links = work.fold.links;
  const auto folded = streams_.fold(name, work.state(), work.events, work.closes, links.first);
  const validator::Point& target = work.fold.target;
  // The state is the target's own: no entries are between.
  const bool there = work.from() == target.size;
  const bool joined = folded && (there ? folded->links.previous == target.head
                                       : folded->links.first == links.first &&
                                             folded->links.previous == links.previous);
  if (!joined && retreat(work)) return advance(now, it, out);
  const auto rules = membership::RuleChain(rule_set_, rosters_).of(name);
  const bool equal =
      joined && work.fold.allows(folded->state) &&
      (there || (folded->links == links &&
                 validator::head_of(name, rules, links, target.size) == target.head));
  // The own chain may have come there by itself meanwhile, and gone on.
  const bool own = equal && (passes(work.fold) || is_own(work));
  const bool rebased = equal && work.fold.adopt && !own && adopt(work, out);
  folded_.push_back(
      {name, target, equal, own || rebased, rebased, work.closes, work.fold.state, work.from()});
  active_.erase(it);
}

void Refolder::start_at(Instant now, const std::string& stream, StateRow state, const Hash& head,
                        Outbox& out) {
  std::erase_if(waiting_, [&](const Fold& fold) { return fold.adopt && fold.stream == stream; });
  Work work;
  work.fold = {stream, {state.state.size, head}, {}, 0, {}, true};
  work.start = std::move(state);
  judge(now, active_.insert_or_assign(stream, std::move(work)).first, out);
  start_waiting(now, out);
}

/// Events before the last segment were not those of the target: somebody else is asked for them.
bool Refolder::retreat(Work& work) {
  if (work.source) {
    work.holders[*work.source].liar = true;
    work.delivered = true;
    ++counters_.lies;
    drop_unchecked(work);
    return true;
  }
  if (work.own == 0) return false;
  // Nobody but our own store: it is not what our chain was made of.
  work.own_end = 0;
  work.own = 0;
  work.start.reset();
  keep_only(work, 0);
  return true;
}

void Refolder::drop_unchecked(Work& work) {
  work.source.reset();
  keep_only(work, std::max(work.own, work.from()) - work.from());
}

void Refolder::keep_only(Work& work, std::uint64_t events) {
  work.events.resize(events);
  work.bytes = work.start ? work.start->state.bytes.size() : 0;
  for (const std::string& event : work.events) work.bytes += event.size();
}

bool Refolder::adopt(const Work& work, Outbox& out) {
  const std::string& name = work.fold.stream;
  if (!streams_.rebase(name, work.state(), work.events, work.closes)) return false;
  ++counters_.rebased;
  out.erase_all(Table::payloads, stream_row_key(name));
  if (work.start) {
    ++counters_.resumed;
    out.persist(Table::states, stream_row_key(name), encode_state_row(*work.start));
  }
  std::vector<ingest::Item> row;
  std::size_t bytes = 0;
  for (std::uint64_t i = 0; i < work.events.size(); ++i) {
    const std::string& event = work.events[i];
    row.push_back({validator::digest_of(event), std::make_shared<const std::string>(event)});
    bytes += event.size();
    if (bytes < row_bytes && i + 1 != work.events.size()) continue;
    out.persist(Table::payloads, payload_key(name, work.from() + i + 1 - row.size()),
                encode_items(row));
    row.clear();
    bytes = 0;
  }
  return true;
}

}  // namespace vouch::sync
