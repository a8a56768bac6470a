// SPDX-License-Identifier: MIT
#include "vouch/consensus/setting.hpp"

#include <algorithm>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"
#include "vouch/validator/policy.hpp"

namespace vouch::consensus {

const Setting::Order& Setting::order(const SubjectId& subject, std::uint32_t height) const {
  const bool same = ordered.subject == subject && ordered.height == height &&
                    ordered.epoch == roster.epoch() && ordered.order.size() == roster.size();
  if (same) return ordered.order;
  Order order;
  order.reserve(roster.size());
  for (const PeerId& voter : roster.voters()) {
    ByteWriter out(SubjectId::size + 4 + PeerId::size);
    out.raw(subject.view());
    out.u32(height);
    out.raw(voter.view());
    order.emplace_back(crypto::blake2b(out.bytes()), voter);
  }
  std::sort(order.begin(), order.end());
  ordered = {subject, height, roster.epoch(), std::move(order)};
  return ordered.order;
}

Result<void> Setting::runs(const membership::Roster& next) const {
  if (next.rule_set().empty()) return {};
  return validator::check_runs(next.rule_set(), custom_rules);
}

PeerId Setting::primary(const SubjectId& subject, std::uint32_t height, std::uint32_t view) const {
  VOUCH_CHECK(view > 0 && roster.size() > 0);
  return order(subject, height)[(view - 1) % roster.size()].second;
}

std::optional<std::size_t> Setting::turn(const SubjectId& subject, std::uint32_t height,
                                         std::uint32_t view) const {
  VOUCH_CHECK(view > 0);
  const Order& order = this->order(subject, height);
  const std::size_t now = (view - 1) % order.size();
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i].second == self()) return (i + order.size() - now) % order.size();
  }
  return std::nullopt;
}

}  // namespace vouch::consensus
