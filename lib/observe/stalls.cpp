// SPDX-License-Identifier: MIT
#include "vouch/observe/stalls.hpp"

#include "vouch/validator/rules.hpp"

namespace vouch::observe {

void Stalls::add(ingest::Stalled stalled) {
  ++told_;
  latest_.push_back(std::move(stalled));
  if (latest_.size() > kept_max) latest_.pop_front();
}

json::Value Stalls::json() const {
  json::Array latest;
  for (const auto& [stream, finding] : latest_) {
    latest.push_back(json::Object{{"stream", stream},
                                  {"index", finding.index},
                                  {"code", std::uint64_t{finding.code}},
                                  {"rule", std::string(validator::find_rule(finding.code)->id)},
                                  {"message", finding.message}});
  }
  return json::Object{{"told", told_}, {"latest", std::move(latest)}};
}

}  // namespace vouch::observe
