// SPDX-License-Identifier: MIT
#include "vouch/consensus/charges.hpp"

#include <algorithm>

namespace vouch::consensus {

Charges::Place Charges::admit(Instant now, const PeerId& voter) {
  Account& account = accounts_[voter];
  const auto open = static_cast<std::size_t>(account.open.use_count()) - 1;
  const Instant free = account.forgotten - bounds_.each * bounds_.losses_free;
  if (now >= free && open < bounds_.open_max) return account.open;
  ++put_off_;
  return nullptr;
}

Instant Charges::again(Instant now, const PeerId& voter) const {
  const auto account = accounts_.find(voter);
  const Instant soon = now + bounds_.each;
  if (account == accounts_.end()) return soon;
  return std::max(soon, account->second.forgotten - bounds_.each * bounds_.losses_free);
}

void Charges::lost(Instant now, const PeerId& voter) {
  ++losses_;
  Account& account = accounts_[voter];
  account.forgotten = std::max(account.forgotten, now) + bounds_.each;
}

}  // namespace vouch::consensus
