// Cells of votes and certificates as bytes. With `evidence` they are rows of the store; without,
// what the state hash covers: heights and values alone.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/byte_io.hpp"
#include "vouch/state/state.hpp"

namespace vouch::state {

Bytes vote_key(Phase phase, const SubjectId& subject, const PeerId& voter);
Bytes certificate_key(const SubjectId& subject);

Bytes write_vote(const VoteCell& cell, bool evidence);
Bytes write_certificate(const CertificateCell& cell, bool evidence);

/// Rows with evidence. They spoil `in` for anything that no writer makes.
VoteCell read_vote(ByteReader& in);
CertificateCell read_certificate(ByteReader& in);

}  // namespace vouch::state
