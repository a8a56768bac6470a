// What a seed of a profile is made of.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/sim/dispute/dispute.hpp"
#include <fmt/format.h>

#include "vouch/membership/quorum.hpp"
#include "vouch/transport/memory_random.hpp"

namespace vouch::sim {

using transport::SplitMix64;

std::string_view name_of(Adversary adversary) {
  constexpr std::string_view names[] = {"honest",  "twins",     "silent",      "selective",
                                        "late",    "repeating", "corrupting",  "forging",
                                        "chaotic", "spamming",  "fabricating", "tearing"};
  return names[static_cast<std::size_t>(adversary)];
}

std::string text_of(const DisputeSettings& settings) {
  std::string out;
  for (const Adversary adversary : settings.byzantine) {
    out += fmt::format("{}{}", out.empty() ? "" : "+", name_of(adversary));
  }
  return out +
         fmt::format(", {} voters, {} branches{}{}", settings.voters, settings.branches,
                     settings.skew ? ", differing implementations" : "",
                     settings.spares == 0 ? "" : fmt::format(", {} spares", settings.spares)) +
         (settings.proposals == 0 ? "" : fmt::format(", {} proposals", settings.proposals));
}

DisputeSettings draw_dispute(std::uint64_t seed, std::string_view profile, std::size_t voters) {
  SplitMix64 random(seed * 31 + (profile == "twins" ? 7 : profile == "epochs" ? 5 : 3));
  DisputeSettings out;
  out.seed = seed;
  out.voters = voters;
  out.branches = 1 + random.below(4);
  out.crashes = profile != "twins" || random.chance(0.3);
  out.real_signatures = seed % 64 == 0;
  const std::size_t f = membership::faults_tolerated(voters);
  for (std::size_t i = 0; i < f; ++i) {
    const auto drawn = static_cast<Adversary>(random.below(adversaries_count));
    out.byzantine.push_back(profile == "twins" ? Adversary::twins : drawn);
  }
  out.skew = profile != "twins" && random.chance(0.1);
  if (out.skew) out.must_end = false;
  const bool fabricates = std::find(out.byzantine.begin(), out.byzantine.end(),
                                    Adversary::fabricating) != out.byzantine.end();
  if (fabricates) out.branches = std::max<std::size_t>(out.branches, 2);
  if (profile == "epochs") out.spares = 1 + random.below(3);
  if (profile == "byzantine" || profile == "epochs") out.proposals = random.below(13);
  return out;
}

}  // namespace vouch::sim
