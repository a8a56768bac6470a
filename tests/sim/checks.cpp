// SPDX-License-Identifier: MIT
#include "tests/sim/checks.hpp"

#include <fmt/format.h>

#include "vouch/state/cell_of.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/sync/misbehaviour.hpp"

namespace vouch::sim {
namespace {

using Lines = std::vector<std::string>;
using Numbers = std::set<std::size_t>;

void compare_frontiers(World& world, Lines& out) {
  const auto& first = world.peer(0).machine().replica();
  for (std::size_t i = 1; i < world.size(); ++i) {
    const auto& other = world.peer(i).machine().replica();
    if (other.frontier() != first.frontier()) {
      out.push_back(fmt::format("p{} has another frontier than p0", i));
    }
  }
}

/// Only of peers with equal frontiers.
void compare_states(World& world, Lines& out) {
  const auto states = world.state_hashes();
  for (std::size_t i = 1; i < states.size(); ++i) {
    if (states[i] != states[0]) out.push_back(fmt::format("p{} has another state than p0", i));
    if (!world.peer(i).disk().same(Table::batches, world.peer(0).disk())) {
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
      if (neighbour.differing == 0) continue;
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

void check_attested(World& world, const Numbers& damaged, Lines& out) {
  const state::State& state = world.peer(0).machine().replica().state();
  for (const auto& [stream, at] : world.streams()) {
    const state::StreamCells* cells = state.streams.find(stream);
    const std::uint64_t end = length_of(world.settings().seed, stream);
    for (std::size_t i = 0; i < world.size(); ++i) {
      if (damaged.contains(i) || damaged.contains(at)) continue;
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
    if (damaged.contains(at)) continue;
    const state::RunPlace first{stream, "r0", stream};
    if (state::cell_of(state.runs, first, world.peer(at).id()) != nullptr) continue;
    out.push_back(fmt::format("p{} tells nobody of the first run of {}", at, stream));
  }
  for (const auto& [place, peers] : state.runs.entries()) {
    if (damaged.contains(world.streams().at(place.stream))) continue;
    for (const auto& [peer, status] : peers.entries()) {
      if (status.value() == state::RunStatus::ended) continue;
      out.push_back(fmt::format("run {} of {} goes on", place.run, place.stream));
    }
  }
}

void check_leftovers(World& world, const Numbers& damaged, Lines& out) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    SimPeer& peer = world.peer(i);
    const std::size_t backlog = peer.machine().pusher().backlog_bytes();
    if (backlog != 0) out.push_back(fmt::format("p{} still holds {} bytes to push", i, backlog));
    if (!damaged.empty()) continue;
    const std::size_t open = peer.lanes().open_streams();
    if (open != 0) out.push_back(fmt::format("p{} still has {} open streams", i, open));
    const std::size_t rows = peer.disk().rows(Table::payloads);
    if (rows != 0) out.push_back(fmt::format("p{} still stores {} rows of events", i, rows));
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
  Lines out;
  for (std::size_t i = 0; i < world.size(); ++i) {
    if (world.peer(i).running()) continue;
    out.push_back(fmt::format("p{} does not start", i));
    return out;
  }
  if (!world.clients_done()) out.push_back("a client cannot finish its streams");
  compare_frontiers(world, out);
  if (!out.empty()) return out;
  compare_states(world, out);
  check_proofs(world, out);
  check_attested(world, damaged, out);
  check_runs(world, damaged, out);
  check_leftovers(world, damaged, out);
  for (std::size_t i = 0; i < world.size(); ++i) {
    const std::size_t lost = world.ledger().lost(world.peer(i).disk());
    if (lost != 0) out.push_back(fmt::format("p{} has lost {} published batches", i, lost));
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
    if (after.streams != before.streams || after.runs != before.runs) {
      out.push_back(fmt::format("p{} knows other attestations or runs after a restart", i));
    }
    if (world.peer(i).disk().rows(Table::payloads) > rows) {
      out.push_back(fmt::format("p{} has events again that were erased", i));
    }
  }
  return out;
}

}  // namespace vouch::sim
