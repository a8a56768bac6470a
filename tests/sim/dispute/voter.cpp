// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/voter.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "vouch/transport/crypto.hpp"

namespace vouch::sim {

std::optional<validator::Point> CopyChain::tip(const std::string& stream) const {
  if (stream != disputed_stream || have == 0) return std::nullopt;
  return validator::Point{have, heads_[branch].at(have)};
}

std::optional<validator::Point> CopyChain::end_after(const std::string& stream,
                                                     std::uint64_t size) const {
  if (stream != disputed_stream || size >= have) return std::nullopt;
  const std::uint64_t end = entries().end_after(size);
  if (end > have) return std::nullopt;
  return validator::Point{end, heads_[branch].at(end)};
}

std::optional<Hash> CopyChain::head_at(const std::string& stream, std::uint64_t size) const {
  if (stream != disputed_stream || size > have) return std::nullopt;
  return heads_[branch].at(size);
}

std::optional<Hash> CopyChain::state_at(const std::string& stream, std::uint64_t size) const {
  if (stream != disputed_stream || size > have) return std::nullopt;
  return fold_state(branch, size);
}

std::optional<Hash> CopyChain::fold_state(std::size_t of, std::uint64_t size) const {
  auto state = branches_[of].state_at(size, heads_[of]);
  if (state && other_states) state = crypto::blake2b(state->view());
  return state;
}

std::optional<validator::LinkList> CopyChain::links(const std::string& stream, std::uint64_t from,
                                                    std::uint64_t size) const {
  if (stream != disputed_stream || from >= size || size > have || size > entries().end_after(from))
    return std::nullopt;
  return entries().links(from, size, heads_[branch]);
}

void Copy::look() {
  std::ranges::move(agreement->take_decided(), std::back_inserter(decided));
  std::ranges::move(agreement->take_contradictions(), std::back_inserter(found));
}

std::string text_of(const Copy& copy) {
  const auto certified = copy.agreement->certified(disputed_stream);
  const consensus::Setting& setting = copy.agreement->setting();
  const auto newest = setting.rosters->newest().epoch();
  const auto by = copy.agreement->entering();
  const std::string epoch =
      newest == 0 ? ""
                  : fmt::format(", {} in epoch {} of {}{}",
                                setting.votes() ? "votes" : "has no vote", setting.roster.epoch(),
                                newest, by ? fmt::format(", {} handed over", by->size()) : "");
  return fmt::format("[voter {} {} branch {} has {} of {}, height {} at {}, {}{}]", copy.voter,
                     name_of(copy.adversary), copy.chain->branch, copy.chain->have,
                     copy.chain->entries().entries.size(), certified.height, certified.value.size,
                     copy.agreement->on_track(disputed_stream) ? "on track" : "behind", epoch);
}

}  // namespace vouch::sim
