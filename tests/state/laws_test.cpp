// The laws of the whole state, with proofs among what comes in: a proof may come before, between or
// after what it takes away.
// SPDX-License-Identifier: MIT
#include "tests/crdt/laws.hpp"

#include "tests/peer_named.hpp"

#include "vouch/state/cells.hpp"
#include "vouch/state/state_sum.hpp"

namespace vouch::state::laws_test {
namespace {

using crdt::Step;

State write(const State&, std::uint64_t replica, const Step& step) {
  const PeerId peer =
      peer_named(static_cast<std::uint8_t>(static_cast<int>(replica) + step.arg % 2));
  const Writer writer{peer, 1U + static_cast<std::uint32_t>(step.arg) / 4};
  if (step.what == 11) return delta_from_proof(peer, Bytes{static_cast<std::uint8_t>(step.arg)});
  Records records;
  if (step.what == 10) records.sessions = {{1, static_cast<std::uint64_t>(step.arg)}};
  if (step.what == 9) {
    records.members.emplace_back();
    records.members.back().session = static_cast<std::uint64_t>(step.arg);
  }
  if (step.what == 8) {
    records.runs = {
        {"t", std::string(1, static_cast<char>('a' + step.arg % 2)), "s", step.arg % 3 == 0}};
  }
  if (step.what == 8) records.finished_proposals = {SubjectId{{std::uint8_t(step.arg % 3)}}};
  if (step.what == 7) records.finished = {std::string(1, static_cast<char>('a' + step.arg % 3))};
  if (step.what == 6) {
    Put put;
    put.mark = {1, 1U + static_cast<std::uint64_t>(step.arg)};
    put.slot = static_cast<std::uint16_t>(step.arg % 2);
    put.key = step.arg % 3 == 0 ? "k" : "l";
    records.puts = {put};
  }
  if (step.what < 6) {
    Attestation a;
    a.stream = std::string(1, static_cast<char>('a' + step.what % 3));
    a.upto = static_cast<std::uint64_t>(step.arg);
    a.head.bytes[0] = static_cast<std::uint8_t>(step.what);
    records.attestations = {a};
  }
  return delta_from(writer, static_cast<std::uint64_t>(1 + step.what), records);
}

VOUCH_PROPERTY(StateLaws, JoinAndDelta) {
  const crdt::Drawn drawn = crdt::draw();
  const std::vector<State> deltas = crdt::history<State>(drawn.steps, write);
  const State a = crdt::some_of(deltas, drawn.masks[0]);
  const State b = crdt::some_of(deltas, drawn.masks[1]);
  crdt::check_join(a, b, crdt::some_of(deltas, drawn.masks[2]));
  for (const auto& [from, to] : {std::pair(a, b), std::pair(crdt::joined(a, b), a)}) {
    const State news = from.delta_of(to);
    VOUCH_HOLDS(crdt::joined(to, news) == crdt::joined(to, from));
    VOUCH_HOLDS(news.leq(from));
    VOUCH_HOLDS((news == State{}) == from.leq(to));
  }
  crdt::check_delivery(deltas, drawn.order, drawn.masks[3]);
}

VOUCH_PROPERTY(StateLaws, RowsGiveTheStateBack) {
  const crdt::Drawn drawn = crdt::draw();
  const State state = crdt::join_all(crdt::history<State>(drawn.steps, write));
  State back;
  visit_cells(state, state, [&back](const Bytes& key, const Bytes& row) {
    VOUCH_HOLDS(restore_cell(key, row, back).has_value());
  });
  VOUCH_HOLDS(back == state);
  VOUCH_HOLDS(state_hash(back) == state_hash(state));
  VOUCH_HOLDS(state.free_of(state.proofs));
}

VOUCH_PROPERTY(StateLaws, TheSumKeepsUp) {
  const crdt::Drawn drawn = crdt::draw();
  State state;
  StateSum sum;
  for (const State& delta : crdt::history<State>(drawn.steps, write)) {
    // A proof takes cells away that it does not name; then the sum is made anew.
    const State news = delta.delta_of(state);
    if (news.proofs.empty()) sum.take(state, news);
    state.join(news);
    if (news.proofs.empty()) sum.add(state, news);
    if (!news.proofs.empty()) sum = StateSum(state);
    VOUCH_HOLDS(sum == StateSum(state));
  }
}

/// Without the record of the last step a state comes to another sum, or that record was no news.
VOUCH_PROPERTY(StateLaws, StatesThatDifferComeToOtherSums) {
  const crdt::Drawn drawn = crdt::draw();
  State shorter, longer;
  for (const State& delta : crdt::history<State>(drawn.steps, write)) {
    shorter = longer;
    longer.join(delta);
    VOUCH_HOLDS((StateSum(shorter).digest() == StateSum(longer).digest()) ==
                (state_hash(shorter) == state_hash(longer)));
  }
}

}  // namespace
}  // namespace vouch::state::laws_test
