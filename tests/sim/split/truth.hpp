// What was certified of streams that were split, entry by entry: a single validator is fed the
// certified events as soon as some peer can show them, and must come to every certified head.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/sim/streams.hpp"

#include "vouch/base/outbox.hpp"
#include "vouch/ingest/streams.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::sim {

class SplitTruth {
 public:
  using Breach = std::function<void(std::string)>;
  /// `oracle`, which must outlive it, knows how a stream is judged.
  SplitTruth(const Oracle& oracle, Breach breach) : oracle_(oracle), breach_(std::move(breach)) {}

  /// A client is about to submit this event: nothing else may ever be certified.
  void submitted(const std::string& stream, const std::string& event);
  /// A peer, whose chains are `chains`, heard of an attestation: what it attests may be gone from
  /// memory everywhere once it is certified.
  void attested(const Attested& fact, ingest::Streams& chains);
  /// A peer, whose chains are `chains`, holds a certificate: the only one of its height.
  void certified(const Certified& fact, ingest::Streams& chains);

  struct Known {
    explicit Known(validator::Options options) : single(std::move(options)) { single.certified(0); }
    validator::StreamValidator single;
    std::map<Hash, std::string> events;  ///< all that were ever submitted
    std::map<std::uint32_t, validator::Point> certificates;
    std::map<validator::Point, validator::LinkList> shown;  ///< the last segment before a point
  };
  /// Nothing of a stream nobody spoke of.
  const Known* find(const std::string& stream) const;
  /// Certificates that took more than gossip.
  std::uint64_t settled() const { return settled_; }

 private:
  Known& known(const std::string& stream);
  /// Feeds what lies between, where `chains` can show it.
  void advance(const std::string& stream, Known& known, const validator::Point& to,
               ingest::Streams& chains);

  const Oracle& oracle_;
  Breach breach_;
  std::uint64_t settled_ = 0;
  std::map<std::string, Known> streams_;
};

}  // namespace vouch::sim
