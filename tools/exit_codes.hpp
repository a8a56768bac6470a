// What every command of both programs exits with.
// SPDX-License-Identifier: MIT
#pragma once

namespace vouch::tools {

inline constexpr int exit_ok = 0;
/// Faults in what was examined: findings, states that differ, a receipt that does not hold.
inline constexpr int exit_findings = 1;
inline constexpr int exit_failed = 2;  ///< could not run

}  // namespace vouch::tools
