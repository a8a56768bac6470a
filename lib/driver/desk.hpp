// Serves clients of a peer: submitters and dumpers, over the local endpoint and the remote ROUTER
// alike.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/messages.hpp"

namespace vouch::driver {

class Driver;

/// Answers Open, Submit, Dump and ChangeRoster; nothing for other messages.
std::optional<Message> answer_client(Driver& driver, const Message& message);

}  // namespace vouch::driver
