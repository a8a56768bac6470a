// One unit, read by us and by simdjson: same refusal, same tree; the canonical form of its members
// and the digest are those of the tree. And judged as it stands, by the general way, and with an
// opaque member in front: same state, findings and event.
// SPDX-License-Identifier: MIT
#include <cstdio>

#include "tests/fuzz/fuzz.hpp"
#include "tests/schemas/other_reader.hpp"

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/validator/decoder.hpp"
#include "vouch/validator/digest.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::fuzz {
namespace {

using validator::Decoded;
using validator::Decoder;
using validator::Event;

/// Kept warm on purpose: what one unit leaves in the buffers must not show in the next.
json::Parser& parser() {
  static json::Parser kept;
  return kept;
}

bool same_numbers(const std::optional<double>& a, const std::optional<double>& b) {
  return a == b;
}

void check_same(const Event& a, const Event& b) {
  VOUCH_CHECK(a.kind == b.kind);
  constexpr validator::Text Event::*texts[] = {&Event::subagent_run_id,
                                               &Event::thread_id,
                                               &Event::run_id,
                                               &Event::parent_run_id,
                                               &Event::protocol_version,
                                               &Event::message_id,
                                               &Event::tool_call_id,
                                               &Event::tool_call_name,
                                               &Event::parent_message_id,
                                               &Event::name,
                                               &Event::role,
                                               &Event::delta,
                                               &Event::message,
                                               &Event::error_code,
                                               &Event::subtype,
                                               &Event::entity_id,
                                               &Event::encrypted_value,
                                               &Event::encrypted_value_type,
                                               &Event::activity_type,
                                               &Event::parent_subagent_run_id,
                                               &Event::parent_tool_call_id};
  for (const auto text : texts) VOUCH_CHECK(a.*text == b.*text);
  VOUCH_CHECK(same_numbers(a.timestamp, b.timestamp));
  VOUCH_CHECK(a.replace == b.replace);
  constexpr const json::Value* Event::*trees[] = {
      &Event::metadata, &Event::input,   &Event::result, &Event::outcome, &Event::usage,
      &Event::value,    &Event::content, &Event::patch,  &Event::messages};
  for (const auto tree : trees) {
    VOUCH_CHECK((a.*tree == nullptr) == (b.*tree == nullptr));
    if (a.*tree != nullptr) VOUCH_CHECK(json::to_text(*(a.*tree)) == json::to_text(*(b.*tree)));
  }
}

void check_same(const Decoded& a, const Decoded& b) {
  VOUCH_CHECK(a.state == b.state);
  VOUCH_CHECK(a.digest == b.digest);
  VOUCH_CHECK(a.findings == b.findings);
  if (a.state == Decoded::State::passed) check_same(a.event, b.event);
}

/// `unit` with a member "rawEvent" of so many nested lists in front of the others.
std::string with_raw_event(std::string_view unit, std::size_t depth, bool empty) {
  const std::size_t brace = unit.find('{') + 1;
  std::string out(unit.substr(0, brace));
  out += "\"rawEvent\":" + std::string(depth, '[') + std::string(depth, ']');
  if (!empty) out.push_back(',');
  out += unit.substr(brace);
  return out;
}

void check_judged(std::string_view unit, const json::Value& tree, const validator::RuleSet& rules) {
  const json::Object* members = tree.get<json::Object>();
  if (members == nullptr) return;
  Decoder usual(rules), general(rules, {.trees_only = true});
  const Decoded& a = usual.decode(unit);
  check_same(a, general.decode(unit));
  if (tree.find("rawEvent") != nullptr) return;
  for (const std::size_t depth : {1, 200}) {
    Decoder other(rules);
    const std::string longer = with_raw_event(unit, depth, members->empty());
    const Decoded& b = other.decode(longer);
    VOUCH_CHECK(a.state == b.state);
    VOUCH_CHECK(a.findings == b.findings);
    if (a.state == Decoded::State::passed) check_same(a.event, b.event);
  }
}

}  // namespace

void run(std::string_view unit) {
  const validator::RuleSet rules = rules_of(take_byte(unit));
  const std::string fault = json::misread(unit, parser());
  if (!fault.empty()) std::fputs(fault.c_str(), stderr);
  VOUCH_CHECK(fault.empty());
  const auto tree = json::parse(unit);
  const Hash digest = validator::digest_of(unit);
  const bool object = tree && tree->get<json::Object>() != nullptr;
  VOUCH_CHECK(digest ==
              (object ? validator::tagged_digest(validator::event_tag, json::canonical(*tree))
                      : validator::tagged_digest(validator::raw_tag, unit)));
  if (tree) check_judged(unit, *tree, rules);
}

}  // namespace vouch::fuzz
