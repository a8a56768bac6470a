// Events that a certified state stands for: what is kept of it, and when they go.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/machine/standing.hpp"
#include "vouch/state/cell_of.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::machine {
namespace {

/// A larger state is not passed on in one message: its events stay.
constexpr std::size_t state_bytes_max = 2U << 20;

}  // namespace

/// The own fold has come to a state.
void PeerMachine::hold_state(const std::string& stream, const validator::FoldState& state,
                             Outbox& out) {
  if (state.bytes.size() > state_bytes_max) return;
  states_[stream].held = state;
  keep_state(stream, out);
}

/// A certificate names one. Which of the two comes first depends on who is behind.
void PeerMachine::name_state(const std::string& stream, const Certificate& certificate,
                             Outbox& out) {
  if (!certificate.value.state || !rows_.contains(stream)) return;
  states_[stream].named = consensus::Standpoint{certificate.height, certificate.value};
  keep_state(stream, out);
}

void PeerMachine::keep_state(const std::string& stream, Outbox& out) {
  const auto it = states_.find(stream);
  auto& [held, named] = it->second;
  if (!held || !named || held->size > named->value.size) return;
  const bool same =
      held->size == named->value.size && crypto::blake2b(held->bytes) == named->value.state;
  if (same) {
    out.persist(Table::states, sync::stream_row_key(stream),
                sync::encode_state_row({*held, named->height}));
    forgettable_[stream] = held->size;
  }
  if (held->size == named->value.size) {
    states_.erase(it);
  } else {
    held.reset();  // its own certificate is past
  }
  if (same) forget_events(stream, out);
}

/// Every voter that judges the stream has come so far on our chain. Who are to judge it, only the
/// peer that pushes it knows.
bool PeerMachine::all_passed(const std::string& stream, std::uint64_t size, bool local) {
  const Standing standing =
      standing_of(replica_.state(), roster(), streams_, signer_.id(), stream, size - 1);
  const auto among = [](const std::vector<PeerId>& peers, const PeerId& peer) {
    return std::ranges::find(peers, peer) != peers.end();
  };
  const std::vector<PeerId> validators = local ? validators_of(stream) : std::vector<PeerId>();
  return std::ranges::all_of(roster().voters(), [&](const PeerId& voter) {
    if (voter == signer_.id() || replica_.proven(voter)) return true;
    const bool speaks = state::cell_of(replica_.state().streams, stream, voter) != nullptr;
    return speaks ? among(standing.agree, voter) : !among(validators, voter);
  });
}

/// Nobody is to be told of them any more. Who comes later takes the state.
void PeerMachine::forget_events(const std::string& stream, Outbox& out) {
  const auto wanted = forgettable_.find(stream);
  const auto row = rows_.find(stream);
  if (wanted == forgettable_.end() || row == rows_.end()) return;
  const std::uint64_t size = wanted->second;
  if (size <= row->second.kept_from) {  // the stream was put behind a later state meanwhile
    forgettable_.erase(wanted);
    return;
  }
  const bool local = row->second.local;
  if ((local && pusher_.tells(stream, size)) || !all_passed(stream, size, local)) return;
  forgettable_.erase(wanted);
  counters_.forgotten += size - row->second.kept_from;
  row->second.kept_from = size;
  out.persist(Table::streams, sync::stream_row_key(stream), sync::encode_stream_row(row->second));
  out.trims.push_back({stream, size});
}

/// Nobody asks for the stream any more.
void PeerMachine::forget_states(const std::string& stream, Outbox& out) {
  states_.erase(stream);
  forgettable_.erase(stream);
  out.persist(Table::states, sync::stream_row_key(stream), std::nullopt);
}

void PeerMachine::hear_events(Instant now, const PeerId& from, std::uint64_t id,
                              const Events& answer, Outbox& out) {
  std::optional<sync::StateRow> state;
  if (const auto certificate = convincing(answer)) {
    state = {{answer.state->size, answer.state->bytes}, certificate->height};
  }
  refolder_.on_events(now, from, id, answer, state, out);
  finish_folds(now, out);  // before news of the new chain come in, and may settle it
}

/// A pusher that has our next event no more sends what stands for it, again and again: it is taken
/// once all certificates up to its own are here.
void PeerMachine::take_offer(Instant now, const PeerId& from, const Events& offer, Outbox& out) {
  if (!offer.state || !streams_.judges(offer.stream)) return;
  const auto tip = streams_.tip(offer.stream);
  if (tip && tip->upto >= offer.state->size) return;
  const auto certificate = convincing(offer);
  if (!certificate) return;
  agreement_.on_attested(now, offer.stream, from, certificate->height);
  if (agreement_.certified(offer.stream).height < certificate->height) return;
  refolder_.start_at(now, offer.stream,
                     {{offer.state->size, offer.state->bytes}, certificate->height},
                     certificate->value.head, out);
  finish_folds(now, out);
}

/// The certificate of an answer's state, if it is one.
std::optional<Certificate> PeerMachine::convincing(const Events& answer) const {
  if (!answer.state) return std::nullopt;
  auto certificate = decode_certificate(answer.state->certificate);
  const bool fits = certificate && certificate->subject == subject_of(answer.stream) &&
                    certificate->value.size == answer.state->size &&
                    certificate->value.state == crypto::blake2b(answer.state->bytes);
  if (!fits || rosters_.doubt_of(signer_, *certificate) != membership::Doubt::none) {
    return std::nullopt;
  }
  return std::optional(std::move(*certificate));
}

}  // namespace vouch::machine
