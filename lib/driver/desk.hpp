// Serves clients of a peer: submitters and dumpers, over the local endpoint and the remote ROUTER
// alike.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/messages.hpp"

namespace vouch::driver {

class Driver;

/// Open, Submit and Dump.
bool is_client_request(const Message& message);

/// Precondition: is_client_request(message).
Message answer_client(Driver& driver, const Message& message);

}  // namespace vouch::driver
