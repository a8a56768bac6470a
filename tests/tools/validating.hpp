// vouch-peer validate as a process: events to feed it, and its reports as values.
// SPDX-License-Identifier: MIT
#pragma once

#include "tests/paths.hpp"
#include "tests/tools/process.hpp"
#include "tests/transport/temporary_folder.hpp"
#include "tools/json_view.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vouch/schemas/json_parse.hpp"

namespace vouch::tools {

inline constexpr std::string_view start =
    R"({"type":"RUN_STARTED","threadId":"t","runId":"r","protocolVersion":"1.1"})"
    "\n";
inline constexpr std::string_view finish = R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})"
                                           "\n";
inline constexpr std::string_view stray =
    R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"x"})"
    "\n";
inline constexpr std::string_view future = R"({"type":"FUTURE_EVENT"})"
                                           "\n";

inline std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

inline Ran validate(std::vector<std::string> arguments, std::string_view input = {},
                    const ProcessOptions& options = {}) {
  arguments.insert(arguments.begin(), "validate");
  return run("vouch-peer", arguments, input, options);
}

/// The report of one stream, through standard input.
inline json::Value report_of(std::string_view input, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--format", "json", "-"});
  const Ran ran = validate(arguments, input);
  auto report = json::parse(ran.out);
  EXPECT_TRUE(report) << ran.code << " " << ran.out << ran.err;
  return report ? *report : json::Value();
}

inline std::string checked(const std::string& format, const std::string& report) {
  const Ran ran =
      run("/usr/bin/env",
          {"python3", paths::source + std::string("/tests/tools/check_report.py"), format}, report);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return ran.out;
}

}  // namespace vouch::tools
