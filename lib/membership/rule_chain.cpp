// SPDX-License-Identifier: MIT
#include "vouch/membership/rule_chain.hpp"

#include "vouch/base/stream_key.hpp"

namespace vouch::membership {

std::string_view RuleChain::named_in(std::uint32_t epoch) const {
  const Roster* roster = rosters_ == nullptr ? nullptr : rosters_->find(epoch);
  return roster == nullptr ? std::string_view() : roster->rule_set();
}

std::string_view RuleChain::of(std::string_view key) const {
  const auto parts = parse_stream_key(key);
  if (!parts) return {};
  return parts->epoch == 0 ? first_ : named_in(parts->epoch);
}

bool RuleChain::knows(std::string_view key) const {
  const auto parts = parse_stream_key(key);
  return parts && (parts->epoch == 0 || !named_in(parts->epoch).empty());
}

std::uint32_t RuleChain::since(std::uint32_t epoch) const {
  while (epoch != 0 && named_in(epoch).empty()) --epoch;
  return epoch;
}

std::string_view RuleChain::in(std::uint32_t epoch) const {
  const std::uint32_t since = this->since(epoch);
  return since == 0 ? first_ : named_in(since);
}

bool changes(const Rosters& rosters, const RuleChain& rules, const Roster& next) {
  const Roster& now = rosters.newest();
  if (!follows(now, next) || now.next() == next) return false;
  return next.rule_set().empty() || next.rule_set() != rules.in(now.epoch());
}

}  // namespace vouch::membership
