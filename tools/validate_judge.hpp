// Judges the units of one file and adds up the report.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "tools/validate.hpp"

#include "vouch/validator/decoder.hpp"
#include "vouch/validator/units.hpp"

namespace vouch::tools {

/// What is known when a file is judged: the input, and what the files before left of threads.
struct Thread {
  std::string input_file;
  std::optional<json::Value> input;
  std::map<std::string, validator::ThreadState, std::less<>> left;
};

class FileJudge {
 public:
  /// `found` hears of every finding as it appears; the report holds them too when `collects`.
  using Found = std::function<void(const PlacedFinding&)>;
  FileJudge(std::string file, const ValidateOptions& options, const Thread& thread, bool collects,
            Found found);

  void judge(const validator::Unit& unit);
  /// A finding on the input.
  void found_on_input(const validator::Finding& finding);
  /// Closes the stream. To be called once.
  void close();
  /// Judges the input as that of the next run. Precondition: closed, and the input was not met.
  void judge_unmet_input();
  bool input_met() const { return validator_.input_met(); }
  const validator::StreamValidator& stream() const { return validator_; }
  FileReport report();

 private:
  void take(const validator::Verdict& verdict);
  void take(PlacedFinding placed);
  void judge_structure(std::string_view unit);

  FileReport report_;
  bool collects_;
  Found found_;
  bool judges_order_only_;  ///< so that structure is judged beside it
  validator::StreamValidator validator_;
  validator::Decoder structure_;  ///< for units that the stream leaves unjudged
  std::string input_file_;
  bool input_told_ = false;
  std::uint64_t line_ = 1;
};

}  // namespace vouch::tools
