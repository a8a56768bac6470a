// One running copy of a voter: its chain, its agreement, its disk, and, when it is Byzantine, what
// it does to its own words.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>

#include "tests/sim/dispute/branches.hpp"
#include "tests/sim/dispute/dispute.hpp"

#include "vouch/consensus/agreement.hpp"
#include "vouch/consensus/messages.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sim {

/// The first `have` entries of one of the branches.
class CopyChain final : public consensus::Chains {
 public:
  CopyChain(const std::vector<Branch>& branches, const std::vector<BranchHeads>& heads)
      : branches_(branches), heads_(heads) {}

  std::size_t branch = 0;
  std::uint64_t have = 0;
  bool other_states = false;  ///< another version, say: its verdicts are like those of all

  const Branch& entries() const { return branches_[branch]; }
  bool complete() const { return have == entries().entries.size(); }
  std::optional<validator::Point> tip(const std::string& stream) const override;
  std::optional<validator::Point> end_after(const std::string& stream,
                                            std::uint64_t size) const override;
  std::optional<Hash> head_at(const std::string& stream, std::uint64_t size) const override;
  std::optional<Hash> state_at(const std::string& stream, std::uint64_t size) const override;
  /// What its own fold of a branch comes to.
  std::optional<Hash> fold_state(std::size_t of, std::uint64_t size) const;
  std::optional<validator::LinkList> links(const std::string& stream, std::uint64_t from,
                                           std::uint64_t size) const override;
  bool closed(const std::string& stream) const override {
    return stream == disputed_stream && complete();
  }

 private:
  const std::vector<Branch>& branches_;
  const std::vector<BranchHeads>& heads_;
};

struct AttestedPoint {
  std::uint32_t height = 0;
  validator::Point point;
};

struct Copy {
  std::size_t voter = 0;
  PeerId id;
  bool honest = true;
  Adversary adversary = Adversary::none;
  std::unique_ptr<CopyChain> chain;
  std::unique_ptr<consensus::Agreement> agreement;
  std::unique_ptr<sync::Replica> replica;  ///< of its proofs alone, which are durable
  std::map<std::pair<Table, Bytes>, Bytes> rows;
  std::vector<SignedStatement> heard;  ///< votes of view 0, durable like the logs they came in
  std::map<SubjectId, Certificate> highest;  ///< of what came in a log, likewise
  std::map<PeerId, AttestedPoint> attested;  ///< the latest of each other voter
  bool up = true;
  std::int64_t tick_at = -1;
  std::uint32_t listeners = ~0U;                ///< of a selective voter, one bit each
  std::vector<consensus::Decided> decided;      ///< that nobody took up yet
  std::vector<consensus::Contradiction> found;  ///< likewise
  std::vector<consensus::ViewChange> changes;   ///< a chaotic voter's collection
  std::vector<SignedStatement> votes;
  std::vector<consensus::SlateOffer> offers;

  /// What its agreement has learned goes to `decided` and `found`.
  void look();
};

/// How far it came, for people.
std::string text_of(const Copy& copy);

}  // namespace vouch::sim
