// What simulated agents send, and what a single validator that sees a whole stream says of it. Both
// are functions of (seed, stream, index): a client that must send an event again sends the same.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vouch/validator/stream_validator.hpp"

namespace vouch::sim {

/// A name that ends like this is of a stream that is sent at one blow: more runs, of two events
/// each, than a chain keeps the entries of.
inline constexpr char burst_mark = '!';
bool is_burst(const std::string& stream);

/// A name that ends like this is of a stream that several clients submit to (split/clients.hpp).
inline constexpr char split_mark = '~';
bool is_split(const std::string& stream);

/// Event `index` of a stream, by its name or key: runs of a text message and a tool call, now and
/// then a fault.
std::string event_of(std::uint64_t seed, const std::string& key, std::uint64_t index);

/// Events of a stream; its close mark has this index.
std::uint64_t length_of(std::uint64_t seed, const std::string& key);

/// The single validator that all peers must agree with.
class Oracle {
 public:
  Oracle(std::uint64_t seed, const validator::RuleSet& rules) : seed_(seed), first_{rules} {}
  /// Custom rules that later rule sets name.
  void know(const validator::CustomRules& later) { first_.later = later; }

  /// The roster of this epoch names these rules. False when another one was learned before.
  bool learn(std::uint32_t epoch, const std::string& rule_set);
  /// Head over the entries 0..upto.
  Hash head(const std::string& stream, std::uint64_t upto);
  /// Code of the verdict on an entry.
  std::uint16_t code(const std::string& stream, std::uint64_t index);
  /// How a stream with this key is judged.
  validator::Options options_of(const std::string& stream) const;

 private:
  struct Known {
    explicit Known(validator::Options options) : validator(std::move(options)) {}
    validator::StreamValidator validator;
    std::vector<std::uint16_t> codes;
    std::map<std::uint64_t, Hash> heads;  ///< those that were asked for, by last index
  };
  Known& advance(const std::string& stream, std::uint64_t upto);

  std::uint64_t seed_;
  validator::Policy first_;
  std::map<std::uint32_t, validator::Policy> later_;  ///< by the epoch in the keys of streams
  std::map<std::string, Known> streams_;
};

}  // namespace vouch::sim
