// The alphabet of every hand-packed form, with the fixed-size identities that it spells.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/byte_io.hpp"
#include "vouch/schemas/ids.hpp"
