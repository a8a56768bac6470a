// What a whole stream comes to, for tests.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "vouch/validator/rules.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator {

/// Where and why a stream is first rejected; index -1 for what closing finds.
struct Rejection {
  std::int64_t index = 0;
  std::string rule;
  bool operator==(const Rejection&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Rejection& r) {
  return out << r.rule << " at " << r.index;
}

struct Judged {
  std::optional<Rejection> first;
  std::vector<Finding> findings;
  std::vector<std::int64_t> rejected;  ///< indices

  bool found(std::uint16_t code) const {
    for (const Finding& finding : findings) {
      if (finding.code == code) return true;
    }
    return false;
  }
  std::size_t count(Severity severity) const {
    std::size_t n = 0;
    for (const Finding& finding : findings) n += finding.severity == severity;
    return n;
  }
};

/// Feeds a whole stream and closes it.
inline Judged judge_stream(const std::vector<std::string>& units, Options options = {}) {
  StreamValidator validator(std::move(options));
  Judged out;
  const auto look = [&out](const Verdict& verdict) {
    for (const Finding& finding : verdict.findings) {
      if (finding.severity == Severity::fatal) {
        out.rejected.push_back(finding.index);
        if (!out.first) out.first = {finding.index, std::string(find_rule(finding.code)->id)};
      }
      out.findings.push_back(finding);
    }
  };
  for (const std::string& unit : units) look(validator.feed(unit));
  look(validator.close());
  return out;
}

}  // namespace vouch::validator
