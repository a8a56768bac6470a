// One disputed stream, subjects of users beside it, voters that run the shipping agreement, and an
// adversary: in virtual time, from one seed. Byzantine voters are twins (one key run twice, on
// different branches), or a single copy whose words are dropped, delayed, repeated, corrupted, torn
// or made up. Checked after every step: no two certificates for one height, every certificate
// convinces; in the end: with the network healed every honest voter certifies the stream to its
// close mark and knows what was decided about the proposals, and who voted twice before an honest
// voter is proven to all of them.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace vouch::sim {

enum class Adversary : std::uint8_t {
  none,         ///< crashes and partitions only
  twins,        ///< runs twice, on two branches
  silent,       ///< says nothing
  selective,    ///< speaks to some only
  late,         ///< always just before the timeout
  repeating,    ///< says everything again, much later too
  corrupting,   ///< flips bytes
  forging,      ///< speaks in the name of others
  chaotic,      ///< signs any vote, view-change and new view, for any value that it has seen
  spamming,     ///< leaves view after view
  fabricating,  ///< attests and claims events that it serves to nobody
  tearing,      ///< its bundles are not as it signed them, or are told in part
};
inline constexpr std::size_t adversaries_count = static_cast<std::size_t>(Adversary::tearing) + 1;
std::string_view name_of(Adversary adversary);

struct DisputeSettings {
  std::uint64_t seed = 1;
  std::size_t voters = 4;
  std::vector<Adversary> byzantine;  ///< of the first voters, at most f to be survived
  /// Honest peers without a vote at first; where there are any, operators change the roster.
  std::size_t spares = 0;
  std::size_t branches = 2;
  std::size_t proposals = 0;  ///< values that honest voters propose for a few subjects of users
  bool skew = false;    ///< implementations differ: nothing may be certified, but nothing breaks
  bool crashes = true;  ///< honest voters crash and restart in every phase
  bool faults = true;   ///< loss, repetition, reordering, partitions
  bool real_signatures = false;
  bool must_end = true;  ///< check that honest voters certify to the end
};
/// What a seed of a profile (byzantine, twins, epochs) is made of.
DisputeSettings draw_dispute(std::uint64_t seed, std::string_view profile, std::size_t voters);
/// The adversaries and the rest of the settings, for people.
std::string text_of(const DisputeSettings& settings);

struct DisputeReport {
  std::uint64_t seed = 0;
  std::string what;  ///< text_of the settings
  std::uint64_t trace_hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t certificates = 0;  ///< different ones
  std::uint64_t nulls = 0;
  std::uint64_t views_above = 0;  ///< certificates of views above 0
  std::uint64_t contradictions = 0;
  std::int64_t virtual_us = 0;
  std::int64_t calm_us = 0;  ///< from the healing of the network to the end
  std::vector<std::string> breaches;
  bool ok() const { return breaches.empty(); }
};

DisputeReport run_dispute(const DisputeSettings& settings);

}  // namespace vouch::sim
