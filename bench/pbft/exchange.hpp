// What four bare peers do and send for one decision: signs, checks, writes and messages of the
// agreement in its order, and none of its rules. What is on nobody's way is in it, too: the last
// vote is checked as the others are, beside what comes next.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace vouch::bench::pbft {

inline constexpr std::size_t bare_peers = 4;

/// Of the agreement's quorum of 3 of 4.
struct Round {
  enum class By : std::uint8_t { origin, primary, others, all, nobody };
  By by;                 ///< who speaks, to all others, once it has what it takes
  std::size_t after;     ///< messages of the round before that it takes, one's own included
  bool is_signed;        ///< its message, in one bundle whatever it says; everybody checks it
  bool writes;           ///< before it speaks
  bool fetches = false;  ///< two of those who speak ask the primary for something before
};

/// Ends for a peer when it is through the last round.
struct Exchange {
  bool by_all;  ///< it lasts until the last peer is through; else until the origin is
  std::span<const Round> rounds;
};

inline constexpr Round decision_rounds[] = {
    {Round::By::origin, 0, true, false},  // proposal; a primary's own one is in its new view
    {Round::By::primary, 1, true, true},  // new view with the primary's prepare
    {Round::By::others, 1, true, true},   // prepare
    {Round::By::all, 2, true, true},      // commit; the primary's prepare is the third
    {Round::By::nobody, 3, false, true},  // certificate
};
/// Two heads against two: everybody leaves view 0.
inline constexpr Round split_rounds[] = {
    {Round::By::origin, 0, false, false},      // the attestation that differs
    {Round::By::all, 1, true, true},           // view-change
    {Round::By::primary, 3, true, true},       // new view with the primary's prepare
    {Round::By::others, 1, true, true, true},  // prepare, with the events of the chosen head
    {Round::By::all, 2, true, true},           // commit
    {Round::By::nobody, 3, false, true},       // certificate
};
/// Three heads against one: view 0 decides.
inline constexpr Round outvoted_rounds[] = {
    {Round::By::origin, 0, false, false},  // the attestation that differs
    {Round::By::all, 1, true, true},       // prepare
    {Round::By::all, 3, true, true},       // commit
    {Round::By::nobody, 3, false, true},   // certificate
};

inline constexpr Exchange one_decision{false, decision_rounds};
inline constexpr Exchange split_dispute{true, split_rounds};
inline constexpr Exchange outvoted_dispute{true, outvoted_rounds};

/// In microseconds of clock_us(); 0: not yet.
struct Course {
  std::atomic<std::int64_t> from;
  std::array<std::atomic<std::int64_t>, bare_peers> ended;
};

}  // namespace vouch::bench::pbft
