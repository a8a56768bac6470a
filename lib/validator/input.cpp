// SPDX-License-Identifier: MIT
#include "vouch/validator/input.hpp"

#include "vouch/schemas/json_parse.hpp"
#include "vouch/validator/decoder.hpp"

namespace vouch::validator {
namespace {

constexpr std::string_view member = "/input";

/// The text is one JSON value, so that it stays one when it becomes a member.
bool is_json(std::string_view text) {
  json::ParseFault fault{};
  return json::Parser().parse(text, fault).has_value();
}

}  // namespace

InputDocument read_input(std::string_view text, const RuleSet& rules) {
  InputDocument out;
  Decoder decoder(rules);
  // The same way as an echoed input takes, so that both are judged alike.
  const std::string echo =
      is_json(text)
          ? R"({"type":"RUN_STARTED","threadId":"","runId":"","input":)" + std::string(text) + "}"
          : std::string();
  const Decoded& decoded = decoder.decode(echo);
  out.findings = decoded.findings;
  for (Finding& finding : out.findings) {
    finding.index = -1;
    if (finding.pointer.starts_with(member)) finding.pointer.erase(0, member.size());
  }
  if (decoded.state == Decoded::State::passed && decoded.event.input != nullptr)
    out.value = *decoded.event.input;
  return out;
}

}  // namespace vouch::validator
