// Answers to submitted events as bytes, for clients of a peer. Text travels along: a client need
// not know the rules.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/ingest/stream_table.hpp"
#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch::ingest {

Bytes encode_submitted(const Submitted& submitted);
Result<Submitted> decode_submitted(ByteView bytes);

}  // namespace vouch::ingest
