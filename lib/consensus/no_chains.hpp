// Of who holds no stream: its agreement is about users' subjects and rosters alone.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/consensus/chains.hpp"

namespace vouch::consensus {

class NoChains final : public Chains {
 public:
  std::optional<Point> tip(const std::string&) const override { return std::nullopt; }
  std::optional<Point> end_after(const std::string&, std::uint64_t) const override {
    return std::nullopt;
  }
  std::optional<Hash> head_at(const std::string&, std::uint64_t) const override {
    return std::nullopt;
  }
  std::optional<Hash> state_at(const std::string&, std::uint64_t) const override {
    return std::nullopt;
  }
  std::optional<validator::LinkList> links(const std::string&, std::uint64_t,
                                           std::uint64_t) const override {
    return std::nullopt;
  }
  bool closed(const std::string&) const override { return false; }
};

}  // namespace vouch::consensus
