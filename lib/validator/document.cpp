// SPDX-License-Identifier: MIT
#include "vouch/validator/document.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/nearest.hpp"
#include "vouch/validator/rules.hpp"
#include "vouch/validator/structure.hpp"

namespace vouch::validator {
namespace {

/// The member that a definition fixes, e.g. "role" of UserMessage.
struct Tag {
  std::string_view member;
  std::string_view value;
};

/// What a document is judged against: a field that holds it.
struct Definition {
  Field field;
  std::optional<Tag> tag;
};
using Definitions = std::map<std::string, Definition, std::less<>>;

constexpr std::string_view document_name = "document";

Definition of_type(Type type) {
  return {{document_name, type, true}, {}};
}
Definition of_shape(const Shape& shape, std::optional<Tag> tag = {}) {
  return {{document_name, Type::shape, true, &shape}, tag};
}
Definition of_union(const Union& options) {
  return {{document_name, Type::one_of, true, nullptr, &options}, {}};
}

/// "TEXT_MESSAGE_START" -> "TextMessageStartEvent".
std::string definition_of(Kind kind) {
  std::string out;
  bool starts = true;
  for (const char c : name_of(kind)) {
    if (c == '_') {
      starts = true;
      continue;
    }
    out.push_back(starts ? c : static_cast<char>(c - 'A' + 'a'));
    starts = false;
  }
  return out + "Event";
}

class Collector {
 public:
  explicit Collector(Protocol protocol) : protocol_(protocol) {}

  Definitions collect() {
    add_events();
    add_messages();
    add_outcomes();
    add_input();
    for (const auto& [name, type] : {std::pair{"SubagentRunId", Type::id},
                                     {"Metadata", Type::object},
                                     {"State", Type::any},
                                     {"TextMessageRole", Type::text_role},
                                     {"JsonPointer", Type::pointer}}) {
      out_.emplace(name, of_type(type));
    }
    return std::move(out_);
  }

 private:
  const Field& field(const Shape& shape, std::string_view name) const {
    const Field* found = field_of(shape, name, protocol_);
    VOUCH_CHECK(found != nullptr);
    return *found;
  }

  void add(std::string name, const Shape& shape, std::optional<Tag> tag = {}) {
    out_.emplace(std::move(name), of_shape(shape, tag));
  }

  /// The union itself, and its variants under names made from their tags.
  void add_union(std::string name, const Union& options,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> variants) {
    out_.emplace(std::move(name), of_union(options));
    for (const auto& [tag, variant_name] : variants) {
      const Variant* variant = variant_of(options, tag, protocol_);
      if (variant != nullptr) {
        add(std::string(variant_name), *variant->shape, Tag{options.tag, variant->tag});
      }
    }
  }

  bool modern() const { return protocol_ != Protocol::agui_0_0_58; }

  void add_events() {
    for (std::size_t i = 0; i < (modern() ? kind_count : all_kinds_count); ++i) {
      const auto kind = static_cast<Kind>(i);
      if (!modern() && is_subagent(kind)) continue;
      add(definition_of(kind), shape_of(kind), Tag{"type", name_of(kind)});
    }
    if (!modern()) return;
    const Field& delta = field(shape_of(Kind::state_delta), "delta");
    Field list = delta;
    list.name = document_name;
    out_.emplace("JsonPatch", Definition{list, {}});
    add_union("JsonPatchOperation", *delta.options,
              {{"add", "AddOperation"},
               {"remove", "RemoveOperation"},
               {"replace", "ReplaceOperation"},
               {"move", "MoveOperation"},
               {"copy", "CopyOperation"},
               {"test", "TestOperation"}});
  }

  void add_messages() {
    const Union& messages = *field(shape_of(Kind::messages_snapshot), "messages").options;
    add_union("Message", messages,
              {{"developer", "DeveloperMessage"},
               {"system", "SystemMessage"},
               {"assistant", "AssistantMessage"},
               {"user", "UserMessage"},
               {"tool", "ToolMessage"},
               {"activity", "ActivityMessage"},
               {"reasoning", "ReasoningMessage"}});
    const Shape& assistant = *variant_of(messages, "assistant", protocol_)->shape;
    const Shape& call = *field(assistant, "toolCalls").shape;
    add("ToolCall", call);
    add("FunctionCall", *field(call, "function").shape);
    const Shape& user = *variant_of(messages, "user", protocol_)->shape;
    const Union& parts = *field(user, "content").options;
    add_union("ContentPart", parts,
              {{"text", "TextPart"},
               {"image", "ImagePart"},
               {"audio", "AudioPart"},
               {"video", "VideoPart"},
               {"document", "DocumentPart"}});
    const Shape& image = *variant_of(parts, "image", protocol_)->shape;
    add_union("PartSource", *field(image, "source").options,
              {{"data", "DataSource"}, {"url", "UrlSource"}, {"file", "FileSource"}});
  }

  void add_outcomes() {
    const Shape& finished = shape_of(Kind::run_finished);
    add("TokenUsage", *field(finished, "usage").shape);
    const Union& outcomes = *field(finished, "outcome").options;
    add_union("RunFinishedOutcome", outcomes,
              {{"success", "RunFinishedSuccessOutcome"},
               {"interrupt", "RunFinishedInterruptOutcome"},
               {"cancelled", "RunFinishedCancelledOutcome"}});
    const Shape& interrupt = *variant_of(outcomes, "interrupt", protocol_)->shape;
    add("Interrupt", *field(interrupt, "interrupts").shape);
    if (!modern()) return;
    add_union("SubagentFinishedOutcome",
              *field(shape_of(Kind::subagent_finished), "outcome").options,
              {{"success", "SubagentFinishedSuccessOutcome"},
               {"suspended", "SubagentFinishedSuspendedOutcome"}});
  }

  void add_input() {
    const Shape& input = run_agent_input_shape();
    add("RunAgentInput", input);
    add("Tool", *field(input, "tools").shape);
    add("Context", *field(input, "context").shape);
    add("ResumeEntry", *field(input, "resume").shape);
  }

  Protocol protocol_;
  Definitions out_;
};

const Definitions& definitions(Protocol protocol) {
  static const Definitions all[] = {Collector(Protocol::agui_1_1).collect(),
                                    Collector(Protocol::agui_1_0).collect(),
                                    Collector(Protocol::agui_0_0_58).collect()};
  return all[static_cast<std::size_t>(protocol)];
}

/// "Event": the definition that its type names; null when there is none.
const Definition* event_definition(const json::Value& document, Protocol protocol,
                                   Findings& findings) {
  const std::string* type = document.find_text("type");
  if (type == nullptr) {
    findings.add(1003, "member 'type' is missing or no string");
    return nullptr;
  }
  const auto kind = kind_of(*type) ? kind_of(*type) : retired_kind_of(*type);
  const Definitions& all = definitions(protocol);
  const auto found = kind ? all.find(definition_of(*kind)) : all.end();
  if (found != all.end()) return &found->second;
  findings.add(protocol == Protocol::agui_0_0_58 ? 1111 : 1201, "unknown event type", "/type");
  return nullptr;
}

/// True when the fixed member of the definition is there.
bool tag_holds(const json::Value& document, const Tag& tag, Findings& findings) {
  if (document.get<json::Object>() == nullptr) return true;  // the judge will say so
  const std::string* text = document.find_text(tag.member);
  const std::string member(tag.member);
  if (text == nullptr) {
    return !findings.add(1109, "expected a string member '" + member + "'");
  }
  return *text == tag.value ||
         !findings.add(1104, "expected '" + std::string(tag.value) + "'", "/" + member);
}

/// Judges `document` as the only member of an object, which every kind of definition fits.
void judge_held(json::Value document, const Definition& definition, Protocol protocol,
                bool surrogates, Findings& findings) {
  const Shape outer{"document", std::span(&definition.field, 1)};
  json::Object members;
  members.emplace_back(document_name, std::move(document));
  json::Value held(std::move(members));
  enforce(held, outer, protocol, surrogates, findings);
}

}  // namespace

Result<DocumentVerdict> judge_document(std::string_view text, std::string_view definition,
                                       Protocol protocol) {
  const Definitions& all = definitions(protocol);
  const bool any_event = definition == "Event";
  const auto found = all.find(definition);
  if (found == all.end() && !any_event) {
    const auto names = definition_names(protocol);
    const std::string_view meant = nearest(definition, names, definition.size() / 3);
    return fail(Errc::invalid_config,
                "no definition '" + std::string(definition) + "'" +
                    (meant.empty() ? "; use a name of the schema, such as RunAgentInput"
                                   : "; did you mean '" + std::string(meant) + "'?"));
  }
  Findings findings{RuleSet{protocol, Profile::strict, false}};
  json::ParseFault fault{};
  auto parsed = json::Parser().parse(text, fault);
  if (!parsed) {
    findings.add(fault == json::ParseFault::depth ? 1007 : 1001, "the document is not JSON");
  } else {
    const Definition* against =
        any_event ? event_definition(parsed->value, protocol, findings) : &found->second;
    const bool judges =
        against != nullptr && (!against->tag || tag_holds(parsed->value, *against->tag, findings));
    if (judges) {
      judge_held(std::move(parsed->value), *against, protocol, parsed->unpaired_surrogates,
                 findings);
    }
  }
  DocumentVerdict out{true, findings.take()};
  for (Finding& finding : out.findings) {
    if (finding.pointer.starts_with("/document"))
      finding.pointer.erase(0, document_name.size() + 1);
    out.valid &= !is_structural(finding.code);
  }
  return out;
}

std::vector<std::string> definition_names(Protocol protocol) {
  std::vector<std::string> out;
  for (const auto& [name, definition] : definitions(protocol)) out.push_back(name);
  out.emplace_back("Event");
  std::ranges::sort(out);
  return out;
}

bool is_structural(std::uint16_t code) {
  const Rule* rule = find_rule(code);
  if (rule == nullptr || code == 1006 || code == 1008) return false;
  return rule->family == Family::decode || rule->family == Family::structure ||
         rule->family == Family::boundary;
}

}  // namespace vouch::validator
