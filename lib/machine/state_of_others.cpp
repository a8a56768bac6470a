// The state as peers tell it to each other: what is told to who asks, what is put right here where
// others hold it otherwise, and what is taken over where the logs behind it are gone.
// SPDX-License-Identifier: MIT
#include <bit>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/membership/quorum.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/sync/marks.hpp"

namespace vouch::machine {

/// False for a message that is no such question.
bool PeerMachine::tell_state(const std::string& route, const Message& message, Outbox& out) {
  const auto reply = [&](MessageBody body) {
    out.replies.push_back({route, {message.id, std::move(body)}});
  };
  if (const auto* leaves = std::get_if<AskLeaves>(&message.body)) {
    reply(Leaves{replica_.short_digest(),
                 leaves->salt == 0 ? replica_.state_sum().leaves()
                                   : state::salted_leaves(replica_.state(), leaves->salt),
                 replica_.unread(leaves->read)});
  } else if (const auto* cells = std::get_if<AskCells>(&message.body)) {
    reply(sync::cells_of(replica_, *cells));
  } else if (const auto* released = std::get_if<AskReleased>(&message.body)) {
    out.stored.push_back({route, message.id, *released, replica_.unread(released->read)});
  } else if (const auto* ends = std::get_if<AskEnds>(&message.body)) {
    out.stored.push_back({route, message.id, *ends, {}});
  } else if (const auto* value = std::get_if<AskValue>(&message.body)) {
    tell_value(route, message.id, *value, out);
  } else {
    return false;
  }
  return true;
}

/// False for a message that is no such answer.
bool PeerMachine::hear_state(Instant now, const PeerId& from, const Message& message, Outbox& out) {
  if (const auto* leaves = std::get_if<Leaves>(&message.body)) {
    reconciler_.on_leaves(from, message.id, *leaves);
    transfer_.on_leaves(from, message.id, *leaves);
  } else if (const auto* cells = std::get_if<Cells>(&message.body)) {
    reconciler_.on_cells(from, message.id, *cells);
    transfer_.on_cells(from, message.id, *cells);
  } else if (const auto* released = std::get_if<ReleasedSubjects>(&message.body)) {
    transfer_.on_released(from, message.id, *released);
  } else if (const auto* ends = std::get_if<Ends>(&message.body)) {
    on_ends(now, from, message.id, *ends, out);
  } else if (const auto* value = std::get_if<ProposalValue>(&message.body)) {
    hear_value(now, *value, out);
  } else {
    return false;
  }
  return true;
}

void PeerMachine::on_ends(Instant now, const PeerId& from, std::uint64_t id, const Ends& ends,
                          Outbox& out) {
  if (!transfer_.awaits_ends(from, id)) return;
  for (const Bytes& bytes : ends.rosters) {
    const auto roster = decode_certificate(bytes);
    if (roster && rosters_.add(signer_, *roster)) agreement_.on_certificate(now, *roster);
  }
  for (const Bytes& frame : ends.batches) {
    const sync::Receipt receipt = replica_.receive(frame, out);
    hear(now, receipt.absorbed);
    watch_own_log(now, receipt, out);
    if (receipt.result != sync::Accepted::gap) continue;
    const BatchHeader header = sync::Replica::header_of(frame);
    transfer_.note_end({header.writer, header.last()}, frame);
  }
  transfer_.on_ends(now, ends.upto);
}

std::vector<PeerId> PeerMachine::other_voters() const {
  std::vector<PeerId> others = roster().voters();
  std::erase(others, signer_.id());
  return others;
}

void PeerMachine::mind_state(Instant now, Outbox& out) {
  const auto due = reconciler_.next_deadline();
  if (!due || now < *due) return;
  const std::uint64_t before = reconciler_.splits();
  const auto agreed = reconciler_.on_tick(now, replica_, other_voters(), roster().size(), out);
  const std::uint64_t splits = reconciler_.splits();
  if (agreed) {
    counters_.repaired += replica_.replace(*agreed, out);
    recount(now);
  }
  // More and more seldom where nothing changes: a liar can go on differing.
  const bool split = splits > before && std::has_single_bit(splits);
  if (agreed || split) say_last_words_again(out);
}

void PeerMachine::mind_transfer(Instant now, Outbox& out) {
  const auto due = transfer_.next_deadline();
  if (!due || now < *due) return;
  const std::uint64_t salt = sync::salt_of(salts_, ++salted_);
  const auto taken = transfer_.on_tick(now, replica_, other_voters(), roster().size(), salt, out);
  if (!taken) return;
  replica_.take_over(*taken, out);
  if (!taken->done) return;
  if (!taken->ends.empty()) ++counters_.transfers;
  recount(now);
  for (const auto& [stream, cells] : replica_.state().streams.entries()) note_over(stream);
  puller_.on_taken();
}

/// A proven voter does not count: it may say what it likes.
std::uint64_t PeerMachine::read_by_quorum(const Writer& log) const {
  const std::vector<PeerId>& voters = roster().voters();
  const auto place = static_cast<std::size_t>(std::ranges::find(voters, log.peer) - voters.begin());
  if (place == voters.size()) return 0;
  std::vector<std::uint64_t> read;
  const auto own = replica_.frontier().find(log);
  read.push_back(own == replica_.frontier().end() ? 0 : own->second.last);
  for (const auto& [voter, neighbour] : neighbours_) {
    const bool tells = neighbour.last && neighbour.last->epoch == roster().epoch() &&
                       neighbour.last->read.size() == voters.size();
    if (!tells || !roster().contains(voter) || replica_.proven(voter)) continue;
    const ReadMark& mark = neighbour.last->read[place];
    if (mark.incarnation == log.incarnation) read.push_back(mark.last);
  }
  const std::size_t quorum = membership::quorum(voters.size());
  if (read.size() < quorum) return 0;
  std::ranges::sort(read, std::greater<>());
  return read[quorum - 1];
}

std::vector<ReadMark> PeerMachine::read_marks() const {
  std::vector<ReadMark> out;
  for (const PeerId& voter : roster().voters()) {
    ReadMark mark;
    const FrontierMap& held = replica_.frontier();
    const auto after = held.upper_bound(Writer{voter, UINT32_MAX});
    if (after != held.begin() && std::prev(after)->first.peer == voter) {
      const auto& [log, entry] = *std::prev(after);
      mark = {log.incarnation, entry.last};
    }
    out.push_back(mark);
  }
  return out;
}

}  // namespace vouch::machine
