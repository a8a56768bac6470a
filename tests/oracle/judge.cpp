// Our side of the oracle: judges streams from standard input under the rule sets of its arguments.
// Input: one unit a line, an empty line ends a stream, an empty stream asks for a flush.
// Output: one line a stream, per rule set `INDEX CODE`, -1 0 when nothing is wrong, separated by
// tabs. INDEX is that of the first rejected event, -1 when only the close mark was found wrong.
// SPDX-License-Identifier: MIT
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "vouch/validator/stream_validator.hpp"

namespace {

using vouch::validator::Options;
using vouch::validator::Outcome;
using vouch::validator::RuleSet;
using vouch::validator::StreamValidator;
using vouch::validator::Verdict;

std::string verdict_of(const std::vector<std::string>& units, const RuleSet& rules) {
  StreamValidator validator(Options{rules, ""});
  for (const std::string& unit : units) {
    const Verdict verdict = validator.feed(unit);
    if (verdict.outcome == Outcome::rejected) {
      return std::to_string(verdict.index) + ' ' + std::to_string(verdict.code);
    }
  }
  return "-1 " + std::to_string(validator.close().code);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<RuleSet> rule_sets;
  for (int i = 1; i < argc; ++i) {
    const auto rules = RuleSet::parse(argv[i]);
    if (!rules) {
      std::fprintf(stderr, "%s is no rule set\n", argv[i]);
      return 2;
    }
    rule_sets.push_back(*rules);
  }
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  std::vector<std::string> units;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) {
      units.push_back(std::move(line));
      continue;
    }
    if (units.empty()) {
      std::cout.flush();
      continue;
    }
    for (std::size_t i = 0; i < rule_sets.size(); ++i) {
      if (i > 0) std::cout << '\t';
      std::cout << verdict_of(units, rule_sets[i]);
    }
    std::cout << '\n';
    units.clear();
  }
  return 0;
}
