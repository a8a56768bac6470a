// What was decided about a proposal: told to who asks, and asked of others where the certificate or
// the value is not known here (docs/decisions/0055).
// SPDX-License-Identifier: MIT
#include "vouch/machine/peer_machine.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::machine {

void PeerMachine::seek_value(Instant now, const std::string& subject) {
  seeker_.seek(now, proposal_subject(config_.cluster, subject), subject);
}

void PeerMachine::mind_values(Instant now, Outbox& out) {
  const auto due = seeker_.next_deadline();
  if (due && now >= *due) seeker_.on_tick(now, other_voters(), out);
}

/// What was released stands in the store alone.
void PeerMachine::tell_value(const std::string& route, std::uint64_t id, const AskValue& ask,
                             Outbox& out) {
  auto held = agreement_.decision(ask.proposal);
  if (!held) {
    out.stored.push_back({route, id, ask, {}});
  } else if (held->value) {
    Bytes certificate = encode_certificate(held->certificate);
    out.replies.push_back({route, {id, ProposalValue{std::move(certificate), *held->value}}});
  }
}

/// Whoever tells it: voters signed its hash.
void PeerMachine::hear_value(Instant now, const ProposalValue& told, Outbox& out) {
  const auto certificate = decode_certificate(told.certificate);
  const auto name = certificate ? seeker_.name_of(certificate->subject) : std::nullopt;
  const bool right = name && certificate->value.size == 1 &&
                     certificate->value.head == crypto::blake2b(told.value) &&
                     rosters_.doubt_of(signer_, *certificate) == membership::Doubt::none;
  if (!right) return;
  const SubjectId& proposal = certificate->subject;
  agreement_.on_certificate(now, *certificate);
  if (!agreement_.learn_value(proposal, told.value)) {
    const auto released = released_.size_of(proposal);
    if (!released || !*released) return;
    sync::ReleasedRow row = sync::row_of(*name, *certificate);
    row.value = told.value;
    store_released(proposal, row, out);
  }
  seeker_.end(proposal);
  out.notices.push_back(Certified{true, *name, certificate->height, certificate->view, 1,
                                  certificate->value.head, false, told.value});
}

}  // namespace vouch::machine
