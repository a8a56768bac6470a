// One unit, read by the fast path and by the slow one: same refusal, same tree, same canonical
// form, same digest. And judged as it stands, then with an opaque member in front that takes it
// from the flat path to trees and from there to the slow parser: same state, findings and event.
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.hpp"

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_write.hpp"
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
  if (members == nullptr || tree.find("rawEvent") != nullptr) return;
  Decoder plain(rules);
  const Decoded& a = plain.decode(unit);
  for (const std::size_t depth : {1, 200}) {
    Decoder other(rules);
    const Decoded& b = other.decode(with_raw_event(unit, depth, members->empty()));
    VOUCH_CHECK(a.state == b.state);
    VOUCH_CHECK(a.findings == b.findings);
    if (a.state == Decoded::State::passed) check_same(a.event, b.event);
  }
}

}  // namespace

void run(std::string_view unit) {
  const validator::RuleSet rules = rules_of(take_byte(unit));
  json::ParseFault fast_fault{}, slow_fault{};
  std::string streamed;
  if (!parser().read(unit)) parser().append_canonical(streamed);
  auto fast = parser().parse(unit, fast_fault);
  const auto slow = json::parse_strict(unit, slow_fault);
  VOUCH_CHECK(fast.has_value() == slow.has_value());
  const Hash digest = validator::digest_of(unit);
  if (!slow) {
    VOUCH_CHECK(fast_fault == slow_fault);
    VOUCH_CHECK(digest == validator::tagged_digest(validator::raw_tag, unit));
    return;
  }
  VOUCH_CHECK(fast->unpaired_surrogates == slow->unpaired_surrogates);
  VOUCH_CHECK(json::to_text(fast->value) == json::to_text(slow->value));
  const std::string canonical = json::canonical(slow->value);
  VOUCH_CHECK(json::canonical(fast->value) == canonical);
  VOUCH_CHECK(streamed == canonical);
  const bool object = slow->value.get<json::Object>() != nullptr;
  VOUCH_CHECK(digest == (object ? validator::tagged_digest(validator::event_tag, canonical)
                                : validator::tagged_digest(validator::raw_tag, unit)));
  check_judged(unit, slow->value, rules);
}

}  // namespace vouch::fuzz
