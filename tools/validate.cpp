// Reads the files, hands their units to the judge and the reports to the reporter.
// SPDX-License-Identifier: MIT
#include "tools/validate.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tools/commands.hpp"
#include "tools/input_file.hpp"
#include "tools/plain_text.hpp"
#include "tools/validate_judge.hpp"
#include <fmt/format.h>
#include <unistd.h>

namespace vouch::tools {
namespace {

bool is_terminal(std::FILE* out) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::strcmp(terminal, "dumb") == 0;
  return ::isatty(::fileno(out)) == 1 && std::getenv("NO_COLOR") == nullptr && !dumb;
}

std::unique_ptr<Reporter> reporter_of(const ValidateOptions& options) {
  switch (options.format) {
    case ReportFormat::text:
      return text_reporter(stdout, is_terminal(stdout));
    case ReportFormat::json:
      return json_reporter();
    case ReportFormat::sarif:
      return sarif_reporter();
    case ReportFormat::junit:
      return junit_reporter(options);
  }
  return nullptr;
}

class Validation {
 public:
  explicit Validation(const ValidateOptions& options)
      : options_(options),
        reporter_(reporter_of(options)),
        live_(text_reporter(stderr, is_terminal(stderr))) {}

  int run() {
    int code = exit_ok;
    if (!options_.input.empty()) {
      const auto read = read_input();
      if (!read) return failed(printable(read.error().detail));
    }
    for (const std::string& file : options_.files) {
      is_last_ = &file == &options_.files.back();
      code = std::max(code, judge(file));
    }
    reporter_->end(code);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      return failed("cannot write to standard output");
    }
    return code;
  }

 private:
  int judge(const std::string& file) {
    const auto report = read(file);
    if (!report) {
      reporter_->unreadable(file, report.error());
      return failed(printable(report.error().detail));
    }
    reporter_->file(*report);
    if (report->refused > 0) return exit_failed;
    return fails(options_, report->worst) ? exit_findings : exit_ok;
  }

  /// Whoever waits at a pipe sees findings as they appear: on standard output when that is for
  /// people, else on standard error.
  void found(const std::string& file, const PlacedFinding& placed) {
    reporter_->finding(file, placed);
    if (file == standard_input && options_.format != ReportFormat::text) {
      live_->finding(file, placed);
    }
  }

  Result<FileReport> read(const std::string& file) {
    return options_.definition.empty() ? read_stream(file) : read_document(file);
  }

  Result<FileReport> read_stream(const std::string& file) {
    FileJudge judge(file, options_, thread_, reporter_->collects(),
                    [&](const PlacedFinding& placed) { found(file, placed); });
    validator::UnitSplitter splitter;
    const auto take = [&](const validator::Unit& unit) {
      if (unit.state == validator::Unit::State::too_large) {
        failed(fmt::format("{}:{}: an event of more than 1 MiB is refused; it takes no index",
                           printable(file), unit.line));
      }
      judge.judge(unit);
    };
    const auto read = read_bytes(file, [&](std::string_view bytes) -> Result<void> {
      while (auto unit = splitter.next(bytes)) take(*unit);
      std::fflush(stdout);
      return {};
    });
    if (!read) return tl::unexpected(read.error());
    while (auto unit = splitter.finish()) take(*unit);
    judge.close();
    finish_input(judge);
    if (!judge.stream().stream().empty()) {
      thread_.left.insert_or_assign(judge.stream().stream(), judge.stream().thread());
    }
    return judge.report();
  }

  /// What is wrong with the structure of the input is told with the first file.
  Result<void> read_input() {
    const auto text = read_whole(options_.input);
    if (!text) return tl::unexpected(text.error());
    validator::InputDocument document = validator::read_input(*text, options_.policy.rules);
    thread_.input_file = options_.input;
    thread_.input = std::move(document.value);
    on_input_ = std::move(document.findings);
    return {};
  }

  void finish_input(FileJudge& judge) {
    for (const validator::Finding& finding : std::exchange(on_input_, {})) {
      judge.found_on_input(finding);
    }
    if (!thread_.input) return;
    if (judge.input_met()) {
      thread_.input.reset();
    } else if (is_last_) {
      judge.judge_unmet_input();
    }
  }

  Result<FileReport> read_document(const std::string& file) {
    const auto text = read_whole(file);
    if (!text) return tl::unexpected(text.error());
    FileReport report = judge_as_document(file, *text, options_);
    for (const PlacedFinding& placed : report.findings) found(file, placed);
    return report;
  }

  const ValidateOptions& options_;
  Thread thread_;
  std::vector<validator::Finding> on_input_;  ///< not told yet
  bool is_last_ = false;                      ///< the file at hand
  std::unique_ptr<Reporter> reporter_;
  std::unique_ptr<Reporter> live_;
};

}  // namespace

int run_validate(const ValidateOptions& options) {
  return Validation(options).run();
}

}  // namespace vouch::tools
