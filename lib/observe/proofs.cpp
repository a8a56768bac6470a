// SPDX-License-Identifier: MIT
#include "vouch/observe/proofs.hpp"

#include "vouch/sync/misbehaviour.hpp"

namespace vouch::observe {

namespace {

/// What is held was verified when it came.
Result<sync::Offence> offence_of(const state::Proof& proof) {
  return sync::verify_proof(proof.bytes,
                            [](const PeerId&, ByteView, const Signature&) { return true; });
}

}  // namespace

json::Value proofs_json(const state::Proofs& proofs) {
  json::Array out;
  for (const auto& [peer, cell] : proofs.entries()) {
    const state::Proof& proof = *cell.value();
    const auto offence = offence_of(proof);
    if (!offence) continue;
    out.push_back(json::Object{{"peer", peer.hex()},
                               {"kind", std::string(name_of(offence->kind))},
                               {"incarnation", std::uint64_t{offence->writer.incarnation}},
                               {"what", offence->what},
                               {"hash", proof.hash.hex()},
                               {"proof", to_hex(proof.bytes)}});
  }
  return out;
}

std::string_view deed_of(const state::Proof& proof) {
  const auto offence = offence_of(proof);
  return offence ? vouch::deed_of(offence->kind) : std::string_view();
}

std::string trouble_of(const machine::PeerMachine& machine) {
  if (machine.proven()) {
    return "The key of this peer is proven to misbehave: its data folder runs twice or ran "
           "twice, or an old backup of it was started. Nothing that it attests counts any more, "
           "and it writes nothing. Stop all copies, make a new key with vouch-peer init, and list "
           "that in the roster in place of this one.";
  }
  if (machine.copied()) {
    return "Another process writes with the key of this peer: it writes nothing until it is "
           "restarted. Find the copy of its data folder that runs elsewhere, stop it, and restart "
           "this one.";
  }
  return "";
}

}  // namespace vouch::observe
