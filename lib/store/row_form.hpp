// Rows as one record of the journal.
// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "vouch/base/outbox.hpp"

namespace vouch::store {

Bytes encode_rows(std::span<const Row> rows);
/// Nothing when the bytes have another form.
std::optional<std::vector<Row>> decode_rows(ByteView record);

}  // namespace vouch::store
