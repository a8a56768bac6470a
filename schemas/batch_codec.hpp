// Records <-> the FlatBuffers body of a batch. Decoding takes any bytes and either gives records
// our own encoder could have made or an error.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/records.hpp"

namespace vouch {

/// Precondition: streams of the attestations are distinct and sorted.
Bytes encode_records(const Records& records);

/// Errc::malformed for bytes that no encoder makes: wrong tables, unsorted or duplicate names,
/// numbers beyond their range, left-over bytes. Thread-safe, no state.
Result<Records> decode_records(ByteView body);

/// A summary as bytes of its own (stores and dumps use it).
void write_summary(class ByteWriter& out, const Summary& summary);
Summary read_summary(class ByteReader& in);
void write_put(class ByteWriter& out, const Put& put);
/// Spoils `in` for anything that no writer makes.
Put read_put(class ByteReader& in);

}  // namespace vouch
