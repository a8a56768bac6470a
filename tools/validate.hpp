// validate: judges files of events without any peer. What a report is, and who writes it.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/ids.hpp"
#include "vouch/validator/policy.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::tools {

enum class ReportFormat : std::uint8_t { text, json, sarif, junit };

struct ValidateOptions {
  validator::Policy policy;
  validator::Mode mode;
  /// A definition of the schema that each file is one document of; "": each file is a stream.
  std::string definition;
  /// Findings of this severity and above are failures; nothing = none is.
  std::optional<validator::Severity> fail_on = validator::Severity::fatal;
  ReportFormat format = ReportFormat::text;
  std::string input;  ///< file of the RunAgentInput that a run of the streams answers; "": none
  std::vector<std::string> files;  ///< "-" is standard input
};

/// A finding and the line of the file on which its unit starts.
struct PlacedFinding {
  validator::Finding finding;
  std::uint64_t line = 1;
  std::string document = {};  ///< the input that it is about; "": the stream
};

/// Where a finding stands: the stream's file, or the input.
inline const std::string& file_of(const std::string& file, const PlacedFinding& placed) {
  return placed.document.empty() ? file : placed.document;
}

/// What was found in one file, which is one stream.
struct FileReport {
  std::string file;
  std::string rules;          ///< id of the rule set, with the mode behind it
  std::string stream;         ///< "" = unnamed
  std::uint64_t events = 0;   ///< units: dropped and unjudged ones included, refused ones not
  std::uint64_t refused = 0;  ///< units over 1 MiB
  validator::Counts counts;
  bool truncated = false;
  bool input_rejected = false;
  bool structural_valid = true;
  std::optional<Hash> head;
  std::optional<validator::Finding> first_rejected;  ///< or the truncation
  std::optional<validator::Severity> worst;
  std::vector<PlacedFinding> findings;  ///< empty when the format shows them as they appear

  bool valid() const { return counts.rejected == 0 && !truncated && !input_rejected; }
};

/// True when a finding of this severity is a failure under the options.
inline bool fails(const ValidateOptions& options, std::optional<validator::Severity> severity) {
  return options.fail_on && severity && *severity >= *options.fail_on;
}

/// The id that heads are bound to: rule set and mode.
std::string rules_id(const ValidateOptions& options);
/// Judges a file as one document. Precondition: the protocol has the definition.
FileReport judge_as_document(const std::string& file, std::string_view text,
                             const ValidateOptions& options);

/// How many events were too large, for people.
std::string refused_text(const FileReport& report);
/// "event 4", or "end of the stream".
std::string place_of(const validator::Finding& finding);
/// A finding for people, in lines: where, what, what was expected. `severity` stands for its name.
std::string describe(const std::string& file, const PlacedFinding& placed,
                     std::string_view severity);

/// One output format. Writes to standard output; called in the order of the files.
class Reporter {
 public:
  virtual ~Reporter() = default;
  /// A finding as it appears. Most formats wait for the end of the file.
  virtual void finding(const std::string& /*file*/, const PlacedFinding& /*placed*/) {}
  /// True when file() needs the findings of the report.
  virtual bool collects() const { return true; }
  virtual void file(const FileReport& report) = 0;
  /// A file that could not be read; said on standard error by the caller.
  virtual void unreadable(const std::string& /*file*/, const Error& /*error*/) {}
  /// After the last file.
  virtual void end(int /*exit_code*/) {}
};

std::unique_ptr<Reporter> text_reporter(std::FILE* out, bool colour);
std::unique_ptr<Reporter> json_reporter();
std::unique_ptr<Reporter> sarif_reporter();
std::unique_ptr<Reporter> junit_reporter(const ValidateOptions& options);

/// Gives the exit code, see commands.hpp.
int run_validate(const ValidateOptions& options);

}  // namespace vouch::tools
