// SPDX-License-Identifier: MIT
#include "tests/sim/split/truth.hpp"

#include <fmt/format.h>

namespace vouch::sim {

SplitTruth::Known& SplitTruth::known(const std::string& stream) {
  const auto it = streams_.find(stream);
  if (it != streams_.end()) return it->second;
  return streams_.try_emplace(stream, oracle_.options_of(stream)).first->second;
}

const SplitTruth::Known* SplitTruth::find(const std::string& stream) const {
  const auto it = streams_.find(stream);
  return it == streams_.end() ? nullptr : &it->second;
}

void SplitTruth::submitted(const std::string& stream, const std::string& event) {
  known(stream).events.try_emplace(validator::digest_of(event), event);
}

void SplitTruth::attested(const Attested& fact, ingest::Streams& chains) {
  if (chains.head_at(fact.stream, fact.upto) != fact.head) return;
  const auto links = chains.links(fact.stream, fact.upto, fact.upto + 1);
  if (links) known(fact.stream).shown.try_emplace({fact.upto + 1, fact.head}, *links);
}

void SplitTruth::certified(const Certified& fact, ingest::Streams& chains) {
  Known& known = this->known(fact.name);
  const validator::Point point{fact.size, fact.head};
  const auto [it, is_new] = known.certificates.try_emplace(fact.height, point);
  if (is_new && fact.view > 0) ++settled_;
  if (it->second != point) {
    breach_(fmt::format("two certificates of {} at height {}", fact.name, fact.height));
  }
  const auto before = it == known.certificates.begin() ? it : std::prev(it);
  if (before->second.size > point.size) {
    breach_(fmt::format("certificate {} of {} goes back", fact.height, fact.name));
  }
  // Peers hear of certificates in any order, and not all can show all of them.
  for (const auto& [height, to] : known.certificates) {
    if (to.size > known.single.size()) advance(fact.name, known, to, chains);
    if (to.size > known.single.size()) return;
    if (known.single.chain().head_at(to.size) == to.head || to.size == 0) continue;
    breach_(fmt::format("certificate {} of {} is not of the single validator's chain", height,
                        fact.name));
  }
}

void SplitTruth::advance(const std::string& stream, Known& known, const validator::Point& to,
                         ingest::Streams& chains) {
  const std::uint64_t from = known.single.size();
  std::optional<validator::LinkList> links;
  if (chains.head_at(stream, to.size - 1) == to.head) links = chains.links(stream, from, to.size);
  const auto shown = known.shown.find(to);
  if (!links && shown != known.shown.end()) links = shown->second;
  if (!links || links->first > from) return;
  for (std::uint64_t index = from; index < to.size; ++index) {
    const Hash& digest = links->entries[index - links->first].digest;
    if (digest == validator::close_digest()) {
      known.single.close();
      continue;
    }
    const auto event = known.events.find(digest);
    if (event == known.events.end()) {
      breach_(fmt::format("event {} of {} is certified, and nobody submitted it", index, stream));
      return;
    }
    known.single.feed(event->second);
  }
}

}  // namespace vouch::sim
