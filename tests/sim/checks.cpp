// SPDX-License-Identifier: MIT
#include "tests/sim/checks.hpp"

#include <algorithm>

#include "tests/sim/split/checks.hpp"
#include <fmt/format.h>

#include "vouch/state/cell_of.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/sync/misbehaviour.hpp"

namespace vouch::sim {
namespace {

using Lines = std::vector<std::string>;
using Numbers = std::set<std::size_t>;

/// Who lost its disk while all others that knew its log had lost theirs writes a number twice, and
/// is proven. Of too few voters that are left nothing can be expected.
bool quorum_left(World& world) {
  const machine::PeerMachine& machine = world.peer(0).machine();
  const auto& voters = machine.roster().voters();
  const auto left = std::ranges::count_if(
      voters, [&](const PeerId& voter) { return !machine.replica().state().proven(voter); });
  return static_cast<std::size_t>(left) >= membership::quorum(voters.size());
}

/// Enough of the newest voters remember what they said: the others can be listed as they write.
bool may_change(World& world) {
  const membership::Roster& roster = world.peer(0).machine().roster();
  std::size_t able = 0;
  for (std::size_t i = 0; i < world.size(); ++i) {
    able += world.peer(i).machine().agreement().setting().votes() ? 1 : 0;
  }
  return able >= membership::quorum(roster.size());
}

/// Words rest on a certificate that no disk has any more, and too few have a vote to decide it
/// again: who said them can say nothing more.
bool certificate_lost(World& world) {
  if (may_change(world)) return false;
  for (const auto& [stream, cells] : world.peer(0).machine().replica().state().streams.entries()) {
    std::uint32_t held = 0;
    for (std::size_t i = 0; i < world.size(); ++i) {
      held = std::max(held, world.peer(i).machine().agreement().certified(stream).height);
    }
    const auto above = [held](const auto& entry) { return entry.second.rank().height > held; };
    if (std::ranges::any_of(cells.entries(), above)) return true;
  }
  return false;
}

void compare_frontiers(World& world, Lines& out) {
  const auto& first = world.peer(0).machine().replica();
  for (std::size_t i = 1; i < world.size(); ++i) {
    const auto& other = world.peer(i).machine().replica();
    if (other.frontier() != first.frontier()) {
      out.push_back(fmt::format("p{} has another frontier than p0", i));
    }
  }
}

/// Its log was taken over by copies of it, and with that its last word of streams that are over: it
/// lets go of some that others hold, and cannot say so before it is started again.
bool gave_up(const SimPeer& peer) {
  return peer.machine().copied();
}

/// Who writes nothing does not say that it has become equal.
bool beats(const World& world, const PeerId& peer) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    if (world.peer(i).id() == peer) return world.peer(i).machine().writing();
  }
  return false;
}

/// Only of peers with equal frontiers.
void compare_states(World& world, Lines& out) {
  const auto states = world.state_hashes();
  for (std::size_t i = 1; i < states.size(); ++i) {
    if (gave_up(world.peer(i)) || gave_up(world.peer(0))) continue;
    if (states[i] != states[0]) out.push_back(fmt::format("p{} has another state than p0", i));
    if (!world.cuts_logs() && !world.peer(i).disk().same(Table::batches, world.peer(0).disk())) {
      out.push_back(fmt::format("p{} stores other batches than p0", i));
    }
  }
  for (std::size_t i = 0; i < world.size(); ++i) {
    const machine::PeerMachine& machine = world.peer(i).machine();
    const sync::Replica& replica = machine.replica();
    if (state::StateSum(replica.state()).digest() != replica.state_digest()) {
      out.push_back(fmt::format("p{} has lost count of its state", i));
    }
    for (const auto& [peer, neighbour] : machine.neighbours()) {
      if (neighbour.differing == 0 || gave_up(world.peer(i)) || !beats(world, peer)) continue;
      out.push_back(fmt::format("p{} holds {} for damaged", i, peer.short_hex()));
    }
  }
}

/// Proofs hold, and whoever they are about is silent.
void check_proofs(World& world, Lines& out) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    SimPeer& peer = world.peer(i);
    for (const auto& flaw : flaws_of_proofs(peer.machine().replica().state(), peer.signer())) {
      out.push_back(fmt::format("p{} {}", i, flaw));
    }
    if (peer.machine().proven() && peer.machine().writing()) {
      out.push_back(fmt::format("p{} is proven and writes", i));
    }
  }
}

/// It had no vote in some epoch: of streams that were over meanwhile it was told no more, perhaps
/// not even how they were certified.
bool lapsed(World& world, std::size_t number) {
  const membership::Rosters& rosters = world.peer(0).machine().rosters();
  const PeerId id = world.peer(number).id();
  for (std::uint32_t e = rosters.first().epoch(); e <= rosters.newest().epoch(); ++e) {
    if (!rosters.find(e)->contains(id)) return true;
  }
  return false;
}

/// A stream that is released is so at every peer, with one end, which is that of a single
/// validator, and certified where all can vote. False when it is not.
bool check_released(World& world, const std::string& stream, bool all_vote, Lines& out) {
  std::size_t released = 0;
  const std::uint64_t end = length_of(world.settings().seed, stream);
  bool all = true;
  for (std::size_t i = 0; i < world.size(); ++i) {
    SimPeer& peer = world.peer(i);
    all = all && !gave_up(peer);
    const SubjectId subject = peer.released().subject_of(stream);
    const Bytes* bytes = peer.disk().find(Table::released, subject.view());
    if (bytes == nullptr) continue;
    ++released;
    const auto row = sync::decode_released_row(*bytes);
    const bool right = row && row->name == stream && row->size == end + 1 &&
                       row->head == world.ledger().oracle().head(stream, end);
    if (!right) out.push_back(fmt::format("p{} keeps another end of {}", i, stream));
    const bool certified = row && row->certificate && row->certificate->value.size == row->size &&
                           row->certificate->value.head == row->head;
    if (all_vote && !certified && !lapsed(world, i)) {
      out.push_back(fmt::format("p{} keeps no certificate of {}", i, stream));
    }
    const auto [size, closed] = peer.lanes().position(stream);
    if (size != end + 1 || !closed) {
      out.push_back(fmt::format("p{} takes {} for open, which is released", i, stream));
    }
  }
  if (released == 0) return false;
  if (released < world.size() && all) {
    out.push_back(fmt::format("{} is released at {} peers alone", stream, released));
  }
  return true;
}

void check_attested(World& world, const Numbers& damaged, Lines& out) {
  const state::State& state = world.peer(0).machine().replica().state();
  for (const auto& [stream, at] : world.streams()) {
    if (check_released(world, stream, damaged.empty(), out)) continue;
    const state::StreamCells* cells = state.streams.find(stream);
    const std::uint64_t end = length_of(world.settings().seed, stream);
    for (std::size_t i = 0; i < world.size(); ++i) {
      if (damaged.contains(i) || damaged.contains(at) || lapsed(world, i)) continue;
      const auto* cell = cells == nullptr ? nullptr : cells->find(world.peer(i).id());
      if (cell != nullptr && cell->rank().upto == end) continue;
      out.push_back(fmt::format("p{} attests {} only up to {} of {}", i, stream,
                                cell == nullptr ? "nothing" : std::to_string(cell->rank().upto),
                                end));
    }
  }
}

/// Every stream is over, and so are its runs.
void check_runs(World& world, const Numbers& damaged, Lines& out) {
  const state::State& state = world.peer(0).machine().replica().state();
  for (const auto& [stream, at] : world.streams()) {
    if (damaged.contains(at) || world.peer(0).released().contains(stream)) continue;
    const state::RunPlace first{stream, "r0", stream};
    if (state::cell_of(state.runs, first, world.peer(at).id()) != nullptr) continue;
    out.push_back(fmt::format("p{} tells nobody of the first run of {}", at, stream));
  }
  for (const auto& [place, peers] : state.runs.entries()) {
    if (is_split(place.stream) || damaged.contains(world.streams().at(place.stream))) continue;
    for (const auto& [peer, status] : peers.entries()) {
      if (status.value() == state::RunStatus::ended) continue;
      out.push_back(fmt::format("run {} of {} goes on", place.run, place.stream));
    }
  }
}

/// Once voters were changed they were all listed again, as they are.
void check_votes(World& world, Lines& out) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    const machine::PeerMachine& machine = world.peer(i).machine();
    const auto newest = world.peer(0).machine().roster().epoch();
    if (machine.roster().epoch() != newest) {
      out.push_back(
          fmt::format("p{} is in epoch {}, p0 in {}", i, machine.roster().epoch(), newest));
    } else if (newest != 0 && !machine.agreement().setting().votes() && !machine.proven() &&
               !machine.copied()) {
      const auto by = machine.agreement().entering();
      out.push_back(
          fmt::format("p{} has no vote in epoch {}: it writes as {}, listed is {}{}", i, newest,
                      machine.replica().self().incarnation,
                      machine.roster().contains(world.peer(i).id())
                          ? fmt::format("{}", machine.roster().incarnation_of(world.peer(i).id()))
                          : "none",
                      by ? fmt::format("; {} voters handed over to it", by->size()) : ""));
    }
  }
}

/// So many streams are never closed.
void check_leftovers(World& world, const Numbers& damaged, std::size_t kept, Lines& out) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    SimPeer& peer = world.peer(i);
    const std::size_t backlog = peer.machine().pusher().backlog_bytes();
    if (backlog != 0) out.push_back(fmt::format("p{} still holds {} bytes to push", i, backlog));
    if (!damaged.empty() || lapsed(world, i)) continue;
    const std::size_t open = peer.lanes().open_streams();
    if (open > kept) out.push_back(fmt::format("p{} still has {} open streams", i, open));
    const std::size_t rows = peer.disk().rows(Table::payloads);
    if (rows != 0 && kept == 0)
      out.push_back(fmt::format("p{} still stores {} rows of events", i, rows));
    const std::size_t states = peer.disk().rows(Table::states);
    if (states != 0 && kept == 0)
      out.push_back(fmt::format("p{} still stores {} states of streams", i, states));
  }
}

}  // namespace

Lines flaws_of_proofs(const state::State& state, const Signer& signer) {
  Lines out;
  for (const auto& [offender, proof] : state.proofs.entries()) {
    const auto offence = sync::verify_proof(
        proof.value()->bytes, [&](const PeerId& by, ByteView text, const Signature& signature) {
          return signer.verify(by, text, signature);
        });
    if (offence && offence->writer.peer == offender) continue;
    out.emplace_back("holds a proof that proves nothing");
  }
  if (!state.free_of(state.proofs)) out.emplace_back("counts what a proven key wrote");
  return out;
}

Lines differences(World& world, const Numbers& damaged) {
  return differences(world, damaged, SplitClients(world, 0));
}

Lines differences(World& world, const Numbers& damaged, const SplitClients& splits) {
  Lines out;
  for (std::size_t i = 0; i < world.size(); ++i) {
    if (world.peer(i).running()) continue;
    out.push_back(fmt::format("p{} does not start", i));
    return out;
  }
  // More than may be lost are: nobody gives the others their votes back, and they write nothing.
  const bool stuck = world.peer(0).machine().roster().epoch() != 0 && !may_change(world);
  if (!world.clients_done() && quorum_left(world) && !stuck && !certificate_lost(world)) {
    out.emplace_back("a client cannot finish its streams");
  }
  compare_frontiers(world, out);
  if (!out.empty()) return out;
  if (quorum_left(world) && may_change(world)) check_votes(world, out);
  if (!stuck) {
    check_attested(world, damaged, out);
    check_runs(world, damaged, out);
    const auto open = std::ranges::count_if(
        splits.streams(), [](const SplitStream& stream) { return !stream.closes; });
    check_leftovers(world, damaged, static_cast<std::size_t>(open), out);
    Numbers without_vote;
    for (std::size_t i = 0; i < world.size(); ++i) {
      if (lapsed(world, i)) without_vote.insert(i);
    }
    const Lines split = flaws_of_splits(world, splits, damaged, without_vote);
    out.insert(out.end(), split.begin(), split.end());
  }
  // What follows looks at everything: it waits until there is hope.
  if (!out.empty()) return out;
  compare_states(world, out);
  check_proofs(world, out);
  for (std::size_t i = 0; i < world.size(); ++i) {
    const std::size_t lost = world.ledger().lost(world.peer(i).disk());
    if (lost != 0 && !world.cuts_logs())
      out.push_back(fmt::format("p{} has lost {} published batches", i, lost));
  }
  for (const std::string& key :
       world.ledger().lost_puts(world.peer(0).machine().replica().state())) {
    out.push_back(fmt::format("the last value of {} is lost", key));
  }
  return out;
}

Lines changes_by_restart(World& world) {
  Lines out;
  for (std::size_t i = 0; i < world.size(); ++i) {
    const state::State before = world.peer(i).machine().replica().state();
    const std::size_t rows = world.peer(i).disk().rows(Table::payloads);
    world.kill_peer(i);
    world.start_peer(i);
    if (!world.peer(i).running()) {
      out.push_back(fmt::format("p{} does not start again", i));
      continue;
    }
    const state::State& after = world.peer(i).machine().replica().state();
    if (after.streams != before.streams || after.runs != before.runs ||
        after.finished != before.finished || after.puts != before.puts) {
      out.push_back(fmt::format("p{} knows other attestations, runs or values after a restart", i));
    }
    if (world.peer(i).disk().rows(Table::payloads) > rows) {
      out.push_back(fmt::format("p{} has events again that were erased", i));
    }
  }
  return out;
}

}  // namespace vouch::sim
