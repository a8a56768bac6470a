// Stages 1 to 4 of RULES section 2: bytes -> Event, with the findings of sections 3.1, and the
// digest.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "vouch/schemas/ids.hpp"
#include "vouch/validator/compat.hpp"
#include "vouch/validator/event.hpp"
#include "vouch/validator/mode.hpp"
#include "vouch/validator/rule_set.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

struct Decoded {
  enum class State : std::uint8_t {
    passed,    ///< `event` is valid; findings hold warnings at most
    dropped,   ///< takes its index and produces nothing for later stages
    rejected,  ///< the last finding is fatal
  };
  State state = State::passed;
  Hash digest;  ///< of the canonical form, or of the raw bytes under another tag
  Event event;
  /// The findings of stages 1 to 4 in order; index fields are left 0 for the caller to fill.
  std::vector<Finding> findings;
};

/// Holds the parser, its buffers and the per-stream state of the compatibility boundary (minted
/// ids). The result lives until the next call. No allocation per event on the common path.
class Decoder {
 public:
  explicit Decoder(const RuleSet& rules, Mode mode = {});
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  const Decoded& decode(std::string_view unit);
  /// Nobody reads what Event::delta says: from now on it may have its escapes as they were sent.
  void leave_deltas();
  /// What it remembers of the stream, for snapshots.
  Compat& compat();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch::validator
