// SPDX-License-Identifier: MIT
#include "tests/sim/ledger.hpp"

#include <fmt/format.h>

#include "vouch/state/shared_values.hpp"
#include "vouch/sync/replica.hpp"
#include "vouch/sync/seal.hpp"
#include "vouch/transport/parts.hpp"

namespace vouch::sim {

void Ledger::breach(std::string what) {
  if (breaches_.size() < breaches_max) breaches_.push_back(std::move(what));
}

void Ledger::published(const PeerId& by, ByteView raw, const SimDisk& disk) {
  const auto frame = split_frame(raw);
  if (!frame || frame->kind != FrameKind::batch) return;
  const auto header = decode_batch_header(*frame);
  if (!header) return;
  const Writer& writer = header->writer;
  const bool own = writer.peer == by;
  if (own && !disk.holds(Table::batches, sync::Replica::batch_key(writer, header->first))) {
    breach(fmt::format("{} published record {} before it was durable", writer.peer.short_hex(),
                       header->first));
  }
  const Hash hash = sync::batch_hash(*frame);
  const auto [it, is_new] = batches_.try_emplace({writer, header->first}, hash);
  if (!is_new && it->second != hash && !renumbering_.contains(writer.peer)) {
    breach(fmt::format("{} used record {} of incarnation {} twice", writer.peer.short_hex(),
                       header->first, writer.incarnation));
  }
}

void Ledger::answered(const PeerId& peer, ByteView part) {
  // An acknowledgement is one short part.
  if (part.size() > 512 || part.empty()) return;
  const auto message = decode_message(part.first(part.size() - transport::whole_trailer_bytes));
  const auto* pushed = message ? std::get_if<Pushed>(&message->body) : nullptr;
  if (pushed == nullptr || cloned_.contains(peer)) return;
  if (is_split(pushed->stream)) return;  // it may be put on a shorter chain
  std::uint64_t& next = acknowledged_[peer][pushed->stream];
  next = std::max(next, pushed->next);
}

void Ledger::attested(const Attested& fact) {
  if (is_split(fact.stream)) return;
  if (oracle_.head(fact.stream, fact.upto) == fact.head) return;
  breach(fmt::format("{} attested another head than a single validator: {} upto {}",
                     fact.voter.short_hex(), fact.stream, fact.upto));
}

void Ledger::disputed(const Disputed& fact) {
  if (is_split(fact.stream)) return;
  breach(fmt::format("a dispute among honest peers: {} at {}, {} and {}", fact.stream, fact.index,
                     fact.one.short_hex(), fact.other.short_hex()));
}

void Ledger::proven(const Proven& fact) {
  proven_.insert(fact.offender);
  if (renumbering_.contains(fact.offender)) return;
  breach(fmt::format("{} is proven, and kept its log: {}", fact.offender.short_hex(), fact.what));
}

void Ledger::put(const std::string& key, const PeerId& writer, const PutMark& mark,
                 const std::string& value) {
  puts_[key] = {writer, mark, value};
}

void Ledger::stored(const PutHeard& fact) {
  const auto last = puts_.find(fact.key);
  if (last == puts_.end()) return;
  LastPut& put = last->second;
  put.stored = put.stored || (put.writer == fact.writer && put.mark == fact.mark);
}

std::vector<std::string> Ledger::lost_puts(const state::State& state) const {
  std::vector<std::string> out;
  for (const auto& [key, put] : puts_) {
    if (!put.stored || forgetful_.contains(put.writer) || state.proven(put.writer)) continue;
    const auto standing = state::shared_values(state, key);
    const SharedValue* found = nullptr;
    for (const SharedValue& one : standing) {
      if (one.writer == put.writer && one.value.value_or("") == put.value) found = &one;
    }
    if (found == nullptr) out.push_back(key);
  }
  return out;
}

void Ledger::judged(const std::string& stream, std::uint64_t index, std::uint16_t code) {
  const std::uint16_t right = oracle_.code(stream, index);
  if (right == code) return;
  breach(fmt::format("{} event {}: verdict code {} instead of {}", stream, index, code, right));
}

void Ledger::queued(const PeerId& peer, std::size_t things) {
  if (things <= queued_max) return;
  breach(fmt::format("{} holds {} things to be carried out", peer.short_hex(), things));
}

std::size_t Ledger::lost(const SimDisk& disk) const {
  std::size_t count = 0;
  for (const auto& [at, hash] : batches_) {
    const auto& [writer, first] = at;
    if (forgetful_.contains(writer.peer)) continue;
    const auto raw = disk.get(Table::batches, sync::Replica::batch_key(writer, first));
    const bool held = raw && raw->has_value();
    const auto frame = held ? split_frame(**raw) : fail(Errc::unknown, "not held");
    if (!frame || sync::batch_hash(*frame) != hash) ++count;
  }
  return count;
}

void Ledger::reopened(const PeerId& peer, driver::Lanes& lanes, const SimDisk& disk) {
  const auto promised = acknowledged_.find(peer);
  if (promised == acknowledged_.end()) return;
  for (const auto& [stream, next] : promised->second) {
    // By its key; a name alone may mean another one that its submitters began.
    const auto tip = lanes.tip(stream);
    const std::uint64_t held = tip ? tip->upto + 1 : lanes.position(stream).first;
    // A name that could not be looked up is not known, and nothing is begun under it.
    if (held >= next || disk.peek_failed()) continue;
    breach(fmt::format("{} acknowledged {} up to {} and holds only {} after its restart",
                       peer.short_hex(), stream, next, held));
  }
}

}  // namespace vouch::sim
