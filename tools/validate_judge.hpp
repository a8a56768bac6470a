// Judges the units of one file and adds up the report.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "tools/validate.hpp"

#include "vouch/validator/decoder.hpp"
#include "vouch/validator/units.hpp"

namespace vouch::tools {

class FileJudge {
 public:
  /// `found` hears of every finding as it appears; the report holds them too when `collects`.
  using Found = std::function<void(const PlacedFinding&)>;
  FileJudge(std::string file, const ValidateOptions& options, bool collects, Found found);

  void judge(const validator::Unit& unit);
  /// Closes the stream. To be called once.
  FileReport finish();

 private:
  void take(const validator::Verdict& verdict);
  void judge_structure(std::string_view unit);

  FileReport report_;
  bool collects_;
  Found found_;
  bool judges_order_only_;  ///< so that structure is judged beside it
  validator::StreamValidator validator_;
  validator::Decoder structure_;  ///< for units that the stream leaves unjudged
  std::uint64_t line_ = 1;
};

}  // namespace vouch::tools
