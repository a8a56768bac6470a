// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/closing.hpp"

#include <algorithm>

#include "vouch/membership/quorum.hpp"

namespace vouch::sim {

Duration closing_time(const consensus::Timing& timing, std::size_t voters, std::uint64_t nulls,
                      Duration hop) {
  // Whoever sees evidence alone leaves view 0 alone, and the others wait as long again.
  const std::int64_t doubled = std::int64_t{1} << std::min<std::uint64_t>(nulls, 20);
  const Duration evidence = std::min(timing.evidence.ceiling * doubled, timing.evidence_max);
  Duration out = timing.resend_max + timing.charges.put_off_max() + 2 * (evidence + hop);
  // After a view for each voter the choice is null, which all prepare where an honest one leads.
  const std::size_t views = voters + membership::faults_tolerated(voters);
  for (std::size_t view = 1; view <= views; ++view) {
    const auto doublings = std::min<std::size_t>(view - 1, timing.doublings_max);
    const Duration timer = timing.view.ceiling * (std::int64_t{1} << doublings);
    out += std::min(timer, timing.view_max) + 2 * hop;
  }
  return out + 3 * hop;
}

}  // namespace vouch::sim
