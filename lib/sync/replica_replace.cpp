// How a state is put right that differs from what others made of the same logs.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include "vouch/base/bundle.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/schemas/batch_codec.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {
namespace {

struct Forms {
  Bytes value, row;
};
using Rows = std::map<Bytes, Forms>;

/// Of all cells in these leaves but proofs: who is proven stands in the frontier, which is equal.
Rows rows_in(const state::State& state, const std::set<std::uint16_t>& leaves) {
  Rows out;
  state::visit_forms(state, state, [&](Bytes key, const Bytes& value, Bytes row) {
    if (state::is_proof_key(key) || !leaves.contains(state::leaf_of(key))) return;
    out.emplace(std::move(key), Forms{value, std::move(row)});
  });
  return out;
}

void restore(ByteView key, ByteView row, state::State& into) {
  VOUCH_CHECK(state::restore_cell(key, row, into).has_value());
}

}  // namespace

bool Replica::convinces(const state::State& cells) const {
  for (const Phase phase : {Phase::prepare, Phase::commit}) {
    const auto& votes = phase == Phase::prepare ? cells.prepares : cells.commits;
    for (const auto& [subject, voters] : votes.entries()) {
      for (const auto& [voter, cell] : voters.entries()) {
        const auto statements = state::votes_of(phase, subject, voter, cell);
        const bool all = std::ranges::all_of(statements, [this](const SignedStatement& vote) {
          return is_signed(config_.cluster, signer_, vote);
        });
        if (!all) return false;
      }
    }
  }
  for (const auto& [subject, cell] : cells.certificates.entries()) {
    for (const auto& [value, bytes] : cell.claims()) {
      const auto certificate = decode_certificate(*bytes.value());
      const bool fits = certificate && certificate->subject == subject &&
                        certificate->value == value && certificate->height == cell.rank();
      if (!fits || rosters().doubt_of(signer_, *certificate) != membership::Doubt::none) {
        return false;
      }
    }
  }
  return true;
}

/// Streams and proposals with cells in these leaves here, and with none elsewhere.
Replica::Over Replica::gone_in(const AgreedLeaves& agreed) const {
  Over out;
  const state::State& theirs = agreed.cells;
  const auto look = [&](const auto& streams) {
    for (const auto& [stream, peers] : streams.entries()) {
      const bool elsewhere =
          theirs.streams.find(stream) != nullptr || theirs.finished.find(stream) != nullptr;
      if (!elsewhere && agreed.leaves.contains(state::leaf_of_stream(stream))) {
        out.streams.insert(stream);
      }
    }
  };
  look(state_.streams);
  look(state_.finished);
  for (const auto& [proposal, peers] : state_.finished_proposals.entries()) {
    const bool elsewhere = theirs.finished_proposals.find(proposal) != nullptr;
    if (!elsewhere && agreed.leaves.contains(state::leaf_of_proposal(proposal))) {
      out.proposals.insert(proposal);
    }
  }
  return out;
}

std::size_t Replica::replace(const AgreedLeaves& agreed, Outbox& out) {
  if (const auto gone = gone_in(agreed); !gone.empty() && config_.released != nullptr) {
    let_go(gone, out);
  }
  state::State theirs = agreed.cells.without(state_.proofs);
  theirs.proofs = {};
  leave_out_released(theirs);
  const Rows before = rows_in(state_, agreed.leaves);
  const Rows after = rows_in(theirs, agreed.leaves);
  state::State right;
  state::visit_cells(state_, state_, [&](const Bytes& key, const Bytes& row) {
    const bool stays = state::is_proof_key(key) || !agreed.leaves.contains(state::leaf_of(key));
    if (stays) restore(key, row, right);
  });
  std::size_t changed = 0;
  for (const auto& [key, forms] : before) {
    if (after.contains(key)) continue;
    out.persist(Table::cells, key, std::nullopt);
    ++changed;
  }
  for (const auto& [key, forms] : after) {
    const auto held = before.find(key);
    const bool same = held != before.end() && held->second.value == forms.value;
    restore(key, same ? held->second.row : forms.row, right);
    if (same) continue;
    out.persist(Table::cells, key, forms.row);
    ++changed;
  }
  tell_attested(theirs.delta_of(state_), out);
  state_ = std::move(right);
  sum_ = state::StateSum(state_);
  release_finished(state_, out);
  return changed;
}

}  // namespace vouch::sync
