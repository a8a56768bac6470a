// SPDX-License-Identifier: MIT
#include "vouch/validator/decoder.hpp"

#include <algorithm>

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/utf8.hpp"
#include "vouch/transport/crypto.hpp"
#include "vouch/validator/compat.hpp"
#include "vouch/validator/digest.hpp"
#include "vouch/validator/flat_judge.hpp"
#include "vouch/validator/structure.hpp"

namespace vouch::validator {
namespace {

Text text_of(const json::Value& event, std::string_view name) {
  const std::string* text = event.find_text(name);
  return text == nullptr ? Text{} : Text(*text);
}

std::optional<double> number_of(const json::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* i = value->get<std::int64_t>()) return static_cast<double>(*i);
  if (const auto* d = value->get<double>()) return *d;
  return std::nullopt;
}

crypto::Hasher hasher_of(std::string_view tag) {
  crypto::Hasher hasher;
  hasher.update(as_bytes(tag));
  return hasher;
}

/// Views into `tree`, by meaning. Which members there are was checked before.
Event view_event(Kind kind, const json::Value& tree) {
  Event e;
  e.kind = kind;
  e.subagent_run_id = text_of(tree, "subagentRunId");
  e.timestamp = number_of(tree.find("timestamp"));
  e.thread_id = text_of(tree, "threadId");
  e.run_id = text_of(tree, "runId");
  e.parent_run_id = text_of(tree, "parentRunId");
  e.protocol_version = text_of(tree, "protocolVersion");
  e.message_id = text_of(tree, "messageId");
  e.tool_call_id = text_of(tree, "toolCallId");
  e.tool_call_name = text_of(tree, "toolCallName");
  e.parent_message_id = text_of(tree, "parentMessageId");
  const bool step = kind == Kind::step_started || kind == Kind::step_finished;
  e.name = text_of(tree, step ? "stepName" : "name");
  e.role = text_of(tree, "role");
  if (kind != Kind::state_delta) e.delta = text_of(tree, "delta");
  e.message = text_of(tree, "message");
  e.error_code = text_of(tree, "code");
  e.subtype = text_of(tree, "subtype");
  e.entity_id = text_of(tree, "entityId");
  e.encrypted_value = text_of(tree, "encryptedValue");
  e.encrypted_value_type = text_of(tree, "encryptedValueType");
  e.activity_type = text_of(tree, "activityType");
  e.parent_subagent_run_id = text_of(tree, "parentSubagentRunId");
  e.parent_tool_call_id = text_of(tree, "parentToolCallId");
  const json::Value* replace = tree.find("replace");
  if (replace != nullptr && replace->get<bool>() != nullptr) e.replace = *replace->get<bool>();
  e.metadata = tree.find("metadata");
  e.raw_event = tree.find("rawEvent");
  e.input = tree.find("input");
  e.result = tree.find("result");
  e.outcome = tree.find("outcome");
  e.usage = tree.find("usage");
  e.content = tree.find("content");
  e.value = tree.find(kind == Kind::raw              ? "event"
                      : kind == Kind::state_snapshot ? "snapshot"
                                                     : "value");
  e.patch = tree.find(kind == Kind::state_delta ? "delta" : "patch");
  e.messages = tree.find("messages");
  return e;
}

}  // namespace

Hash tagged_digest(std::string_view tag, std::string_view bytes) {
  crypto::Hasher hasher = hasher_of(tag);
  hasher.update(as_bytes(bytes));
  return hasher.finish();
}

struct Decoder::Impl {
  Impl(const RuleSet& set, Mode how)
      : rules(set), mode(how), findings(set), flat_judge(set.protocol) {}

  RuleSet rules;
  Mode mode;
  json::Parser parser;
  Compat compat;
  Findings findings;
  FlatJudge flat_judge;
  json::Value tree;
  crypto::Hasher tagged = hasher_of(event_tag);  ///< copied for each event: cheaper than a new one
  Decoded out;

  using State = Decoded::State;

  State decode(std::string_view unit) {
    const auto fault = parser.read(unit);
    if (fault || !parser.is_object()) {
      if (!mode.unhashed) out.digest = tagged_digest(raw_tag, unit);
      return refuse(fault);
    }
    if (judge_flat()) {
      if (!mode.unhashed) digest(flat_judge.canonical(parser));
      return State::passed;
    }
    flat_judge.clear(out.event);
    tree = parser.tree();
    if (!mode.unhashed) digest(json::canonical(tree));
    return judge_tree(parser.unpaired_surrogates());
  }

  void digest(std::string_view canonical) {
    crypto::Hasher hasher = tagged;
    hasher.update(as_bytes(canonical));
    out.digest = hasher.end();
  }

  bool judge_flat() {
    if (mode.sequence_only || mode.trees_only) return false;
    const auto members = parser.flat();
    return members && flat_judge.judge(*members, parser, out.event);
  }

  State refuse(std::optional<json::ParseFault> fault) {
    if (!fault) {
      findings.add(1002, "the unit is JSON, but no object");
    } else if (*fault == json::ParseFault::depth) {
      findings.add(1007, "more than 512 nested arrays and objects");
    } else {
      findings.add(1001, "the unit is not one JSON value");
    }
    return State::rejected;
  }

  State judge_tree(bool surrogates) {
    const json::Object& members = *tree.get<json::Object>();
    const auto is_type = [](const json::Member& m) { return m.first == "type"; };
    const std::string* type = tree.find_text("type");
    if (type == nullptr) {
      findings.add(1003, "member 'type' is missing or no string");
      return State::rejected;
    }
    if (std::ranges::count_if(members, is_type) > 1) {
      findings.add(1004, "member 'type' appears twice", "/type");
      return State::rejected;
    }
    if (surrogates && has_surrogate(*type)) {
      findings.add(1005, "unpaired surrogate", "/type");
      return State::rejected;
    }
    if (mode.sequence_only) return view_only(*type);
    if (rules.compat && rules.modern()) compat.translate(tree, findings);
    const auto kind = known_kind(*tree.find_text("type"));
    if (!kind) return unknown_type(*type);
    switch (enforce(tree, shape_of(*kind), rules.protocol, surrogates, findings)) {
      case Enforced::dropped:
        return State::dropped;
      case Enforced::rejected:
        return State::rejected;
      case Enforced::passed:
        break;
    }
    view(*kind);
    return State::passed;
  }

  void view(Kind kind) {
    out.event = view_event(kind, tree);
    if (rules.modern()) return;
    // Members that agui-0.0.58 does not know stay in the tree and mean nothing.
    out.event.subagent_run_id.reset();
    out.event.protocol_version.reset();
    out.event.metadata = nullptr;
  }

  /// Sequence-only mode: whatever its structure is; chunks and unknown events are passed over.
  State view_only(const std::string& type) {
    const auto kind = known_kind(type);
    if (!kind || is_chunk(*kind)) return State::dropped;
    view(*kind);
    return State::passed;
  }

  /// agui-0.0.58 has the THINKING_* events and no subagents.
  std::optional<Kind> known_kind(std::string_view type) const {
    if (rules.modern()) return kind_of(type);
    const auto kind = kind_of(type);
    return kind && is_subagent(*kind) ? std::nullopt : kind ? kind : retired_kind_of(type);
  }

  State unknown_type(const std::string& type) {
    if (!rules.modern()) {
      findings.add(1111, "unknown event type '" + type + "'", "/type");
      return State::rejected;
    }
    findings.add(1201, "unknown event type '" + type + "' was ignored", "/type");
    return State::dropped;
  }
};

Decoder::Decoder(const RuleSet& rules, Mode mode) : impl_(std::make_unique<Impl>(rules, mode)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

const Decoded& Decoder::decode(std::string_view unit) {
  impl_->out.findings.clear();
  impl_->out.state = impl_->decode(unit);
  impl_->findings.take_into(impl_->out.findings);
  return impl_->out;
}

void Decoder::leave_deltas() {
  impl_->flat_judge.leave_deltas();
}

Compat& Decoder::compat() {
  return impl_->compat;
}

}  // namespace vouch::validator
