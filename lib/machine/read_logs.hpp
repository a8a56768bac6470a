// How far the logs are read, as the agreement asks.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/consensus/chains.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::machine {

class ReadLogs final : public consensus::Logs {
 public:
  /// `replica` must outlive it.
  explicit ReadLogs(const sync::Replica& replica) : replica_(replica) {}

  std::vector<LogEnd> ends() const override {
    std::vector<LogEnd> out;
    for (const auto& [writer, entry] : replica_.frontier()) {
      if (replica_.proven(writer.peer)) continue;
      out.push_back({writer, entry.last});
    }
    return out;
  }
  bool reaches(const LogEnd& end) const override { return replica_.has_read(end); }
  void each_stream(const std::function<void(const std::string&)>& visit) const override {
    for (const auto& [stream, cells] : replica_.state().streams.entries()) visit(stream);
  }

 private:
  const sync::Replica& replica_;
};

}  // namespace vouch::machine
