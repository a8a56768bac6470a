// SPDX-License-Identifier: MIT
#include "tools/peer_validate.hpp"

#include <map>

#include "tools/validate.hpp"
#include <CLI/CLI.hpp>

#include "vouch/validator/document.hpp"

namespace vouch::tools {
namespace {

using validator::Policy;
using validator::Profile;
using validator::Severity;

constexpr const char* validate_footer = R"(Examples:
  vouch-peer validate events.jsonl                    findings and a verdict for people
  vouch-peer validate --format json *.jsonl           one line of JSON per file
  vouch-peer validate --format sarif run.sse > out.sarif
  agent | vouch-peer validate -                       each finding as it appears
  vouch-peer validate --continue --overlay hygiene events.jsonl
  vouch-peer validate --input next.json turn1.jsonl turn2.jsonl
  vouch-peer validate --structure RunAgentInput input.json

A file is one stream: JSON Lines, one JSON array, or an SSE capture; which one is detected.
Files of one threadId are the runs of a thread, in the order in which they are given.
Events over 1 MiB are refused: exit code 2.
Exit codes: 0 no finding at or above --fail-on; 1 such findings; 2 could not run.)";

/// As it stands on the command line.
struct Words {
  std::string ruleset = "agui-1.1";
  std::string profile;
  bool no_compat = false;
  bool sequence_only = false;
  bool continues = false;
  std::vector<std::string> overlays;
  std::string input;
  std::string definition;
  std::string fail_on = "fatal";
  std::string format = "text";
  std::vector<std::string> files;
};

Policy policy_of(const Words& words) {
  Policy policy;
  const auto rules = validator::RuleSet::parse(words.ruleset);
  if (!rules) throw CLI::ValidationError("--ruleset", rules.error().detail);
  policy.rules = *rules;
  if (!words.profile.empty()) {
    policy.rules.profile = words.profile == "strict" ? Profile::strict : Profile::consumer;
  }
  if (words.no_compat) policy.rules.compat = false;
  for (const std::string& name : words.overlays) {
    const auto selected = policy.overlays.select(name);
    if (!selected) throw CLI::ValidationError("--overlay", selected.error().detail);
  }
  return policy;
}

void check_definition(const Words& words, validator::Protocol protocol) {
  if (words.definition.empty()) return;
  const auto judged = validator::judge_document("null", words.definition, protocol);
  if (!judged) throw CLI::ValidationError("--structure", judged.error().detail);
}

ValidateOptions options_of(const Words& words) {
  static const std::map<std::string, std::optional<Severity>> severities{
      {"fatal", Severity::fatal},
      {"warning", Severity::warning},
      {"info", Severity::info},
      {"never", std::nullopt}};
  static const std::map<std::string, ReportFormat> formats{{"text", ReportFormat::text},
                                                           {"json", ReportFormat::json},
                                                           {"sarif", ReportFormat::sarif},
                                                           {"junit", ReportFormat::junit}};
  ValidateOptions options;
  options.policy = policy_of(words);
  options.mode = {.sequence_only = words.sequence_only, .continues = words.continues};
  check_definition(words, options.policy.rules.protocol);
  options.definition = words.definition;
  options.input = words.input;
  options.fail_on = severities.at(words.fail_on);
  options.format = formats.at(words.format);
  options.files = words.files;
  return options;
}

}  // namespace

void add_validate(CLI::App& app, int& code) {
  auto words = std::make_shared<Words>();
  CLI::App* command = app.add_subcommand("validate", "Judge files of events; no peer is needed");
  command->add_option("--ruleset", words->ruleset, "agui-1.1, agui-1.0 or agui-0.0.58")
      ->capture_default_str();
  command
      ->add_option("--profile", words->profile,
                   "strict (default): is this producer correct; "
                   "consumer: what a conforming client would do")
      ->check(CLI::IsMember({"strict", "consumer"}));
  command->add_flag("--no-compat", words->no_compat, "Do not translate retired events");
  auto* sequence_only = command->add_flag("--sequence-only", words->sequence_only,
                                          "Judge the order of events alone, not their structure");
  auto* continues = command->add_flag("--continue", words->continues,
                                      "Skip a rejected event and judge on, for diagnosis; such "
                                      "heads fit nobody else's");
  auto* overlay = command
                      ->add_option("--overlay", words->overlays,
                                   "More checks: hygiene, timing or local; timing and local also "
                                   "with :strict or :permissive. May be repeated")
                      ->allow_extra_args(false);
  auto* input = command->add_option(
      "--input", words->input,
      "A RunAgentInput: judged with the run of its runId, else as the input of the next run");
  command
      ->add_option("--structure", words->definition,
                   "Judge each file as one document against a definition of the schema, such as "
                   "RunAgentInput or Event")
      ->excludes(sequence_only, continues, overlay, input);
  command->add_option("--fail-on", words->fail_on, "Least severity that makes the exit code 1")
      ->check(CLI::IsMember({"fatal", "warning", "info", "never"}))
      ->capture_default_str();
  command->add_option("--format", words->format, "Form of the report on standard output")
      ->check(CLI::IsMember({"text", "json", "sarif", "junit"}))
      ->capture_default_str();
  command->add_option("FILE", words->files, "Files, or - for standard input")->required();
  command->footer(validate_footer);
  command->callback([words, &code] { code = run_validate(options_of(*words)); });
}

}  // namespace vouch::tools
