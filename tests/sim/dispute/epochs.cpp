// Rosters that change in a dispute: what operators want, and what waits for a roster.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/sim/dispute/disputing.hpp"

namespace vouch::sim {

/// Some honest voters are told so, perhaps too few. No roster has more liars than it tolerates.
void Disputing::operate() {
  if (now_ >= trouble_until_) return;
  const membership::Roster* base = nullptr;
  for (const auto& copy : copies_) {
    if (!copy->honest || !copy->up) continue;
    const membership::Roster& newest = copy->agreement->rosters().newest();
    if (base == nullptr || newest.epoch() > base->epoch()) base = &newest;
  }
  if (base == nullptr) return;
  const membership::Roster before = *base;
  const std::size_t all = signers_.size();
  const std::size_t least = std::max<std::size_t>(settings_.voters, 2) - 1;
  const std::size_t size = least + random_.below(all - least + 1);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < all; ++i) order.push_back(i);
  for (std::size_t i = all; i > 1; --i) std::swap(order[i - 1], order[random_.below(i)]);
  membership::Roster next = before.next();
  for (const PeerId& voter : before.voters()) next.remove(voter);
  std::size_t liars = 0;
  for (const std::size_t voter : order) {
    if (next.size() == size) break;
    const bool lies = voter < settings_.byzantine.size();
    if (lies && liars == membership::faults_tolerated(size)) continue;
    liars += lies ? 1 : 0;
    next.add(signers_[voter]->id());
  }
  if (liars > membership::faults_tolerated(next.size())) return;
  // Every third one changes the rules, too. The disputed stream began before, and keeps its own.
  if (next.epoch() % 3 == 1) {
    next.change_rules(next.epoch() % 2 == 1 ? "agui-1.0/strict/compat"
                                            : "agui-1.1/consumer/compat");
  }
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    Copy& copy = *copies_[i];
    if (!copy.honest || !copy.up || random_.chance(0.2)) continue;
    (void)copy.agreement->propose_roster(now(), next);
    after(copy, i);
  }
}

bool Disputing::too_early(const Copy& copy, const Event& event) const {
  const std::uint32_t newest = copy.agreement->rosters().newest().epoch();
  if (event.kind == Kind::certificate) return event.get<Certificate>().epoch > newest;
  return event.kind == Kind::ballot &&
         std::ranges::any_of(event.get<Votes>(), [&](const SignedStatement& vote) {
           return vote.statement.epoch > newest;
         });
}

/// What stands in the logs counts in the epoch that was entered.
void Disputing::hear_again(Copy& copy) {
  const std::vector<SignedStatement> heard = copy.heard;
  for (const SignedStatement& vote : heard) {
    if (!copy.replica->proven(vote.voter)) copy.agreement->on_vote(now(), vote);
  }
}

}  // namespace vouch::sim
