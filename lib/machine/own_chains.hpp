// The own streams as the agreement looks at them.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/consensus/chains.hpp"
#include "vouch/ingest/streams.hpp"

namespace vouch::machine {

class OwnChains final : public consensus::Chains {
 public:
  /// `streams` must outlive it.
  explicit OwnChains(ingest::Streams& streams) : streams_(streams) {}

  std::optional<validator::Point> tip(const std::string& stream) const override {
    const auto tip = streams_.tip(stream);
    if (!tip) return std::nullopt;
    return validator::Point{tip->upto + 1, tip->head};
  }
  std::optional<validator::Point> end_after(const std::string& stream,
                                            std::uint64_t size) const override {
    return streams_.end_after(stream, size);
  }
  std::optional<Hash> head_at(const std::string& stream, std::uint64_t size) const override {
    if (size == 0) return Hash{};
    return streams_.head_at(stream, size - 1);
  }
  std::optional<Hash> state_at(const std::string& stream, std::uint64_t size) const override {
    return streams_.state_at(stream, size);
  }
  std::optional<validator::LinkList> links(const std::string& stream, std::uint64_t from,
                                           std::uint64_t size) const override {
    return streams_.links(stream, from, size);
  }
  bool closed(const std::string& stream) const override {
    const auto tip = streams_.tip(stream);
    return tip && tip->summary.closed;
  }

 private:
  ingest::Streams& streams_;
};

}  // namespace vouch::machine
