// SPDX-License-Identifier: MIT
#include "tools/report.hpp"

#include "tools/finding_json.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"

namespace vouch::tools {
namespace {

void print_verdict(const validator::Verdict& verdict) {
  json::Array findings;
  for (const validator::Finding& f : verdict.findings) findings.emplace_back(finding_json(f));
  const json::Object line{{"index", verdict.index},
                          {"answer", std::string("verdict")},
                          {"outcome", std::string(name_of(verdict.outcome))},
                          {"code", std::uint64_t{verdict.code}},
                          {"findings", std::move(findings)}};
  fmt::print("{}\n", json::to_text(json::Value(line)));
}

}  // namespace

bool print_submitted(const ingest::Submitted& submitted, bool quiet) {
  if (submitted.answer != ingest::Answer::verdict && !quiet) {
    const bool duplicate = submitted.answer == ingest::Answer::duplicate;
    const json::Object line{{"index", submitted.index},
                            {"answer", std::string(duplicate ? "duplicate" : "waiting")}};
    fmt::print("{}\n", json::to_text(json::Value(line)));
  }
  bool clean = true;
  for (const validator::Verdict& verdict : submitted.verdicts) {
    if (!quiet || !verdict.findings.empty()) print_verdict(verdict);
    clean &= verdict.outcome != validator::Outcome::rejected;
  }
  std::fflush(stdout);
  return clean;
}

}  // namespace vouch::tools
