// What most tests read, for builds with VOUCH_BULK: nothing includes this file.
// SPDX-License-Identifier: MIT
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/json_value.hpp"
