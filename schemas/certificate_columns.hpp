// Certificates of one batch, packed. Those that were decided together rest on the same bundles: a
// signature, and a hash on the way to its root, stands once for all of them, about 300 bytes a
// certificate where each by itself takes 850 (schemas/votes.hpp).
//   certificates  count, [count, then each voter 32, signature 64; count, then each hash 32;
//                 then per certificate: version u8, subject 32, height, view, epoch, value,
//                   count, then per commit: which signature, incarnation,
//                     a path (votes.cpp), of which hash each; version 2: and a roster, sized]
// Signatures and hashes stand in the order in which they are first used, each once.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "vouch/schemas/votes.hpp"

namespace vouch {

Bytes pack_certificates(const std::vector<Certificate>& certificates);
/// Spoils `in` for anything that no writer makes. What is read takes at most 40 times the bytes.
std::vector<Certificate> unpack_certificates(ByteReader& in);

}  // namespace vouch
