// Runs and steps (RULES 3.2).
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>

#include "vouch/validator/owners.hpp"
#include "vouch/validator/sequence.hpp"

namespace vouch::validator {
namespace {

struct Version {
  unsigned major = 0, minor = 0;
  auto operator<=>(const Version&) const = default;
};

/// Reads d+.d+ and nothing else.
std::optional<Version> read_version(std::string_view text) {
  Version out;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto whole = [](std::string_view digits, unsigned& number) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return !digits.empty() && read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  };
  if (!whole(text.substr(0, dot), out.major) || !whole(text.substr(dot + 1), out.minor)) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::int64_t> token_count(const json::Value& entry, std::string_view name) {
  const json::Value* value = entry.find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* i = value->get<std::int64_t>()) return *i;
  return static_cast<std::int64_t>(*value->get<double>());
}

}  // namespace

void Sequence::run_started(const Event& e, Findings& f) {
  if (state_.thread_id && *state_.thread_id != *e.thread_id) {
    f.add(2005,
          "thread '" + std::string(*e.thread_id) + "' in a stream of thread '" + *state_.thread_id +
              "'",
          "/threadId");
    return;
  }
  const bool reused = state_.run_ids.contains(*e.run_id);
  if (reused && f.add(2006, "run id '" + std::string(*e.run_id) + "' was used before", "/runId"))
    return;
  versions(e, f);
  if (e.input != nullptr) {
    const std::string* thread = e.input->find_text("threadId");
    const std::string* run = e.input->find_text("runId");
    if (*thread != *e.thread_id || *run != *e.run_id) {
      f.add(2013, "the echoed input names another thread or run", "/input");
    }
  }
  state_.run = {};
  state_.run.thread_id = *e.thread_id;
  state_.run.run_id = *e.run_id;
  state_.phase = Phase::active;
  if (!state_.thread_id) state_.thread_id = *e.thread_id;
  state_.run_ids.emplace(*e.run_id);
  if (e.input == nullptr) return;
  for (const json::Value& message : *e.input->find("messages")->get<json::Array>()) {
    seed_message(message, false);
  }
  if (!state_.baseline_known) {
    const json::Value* state = e.input->find("state");
    set_document(state == nullptr ? json::Value(json::Object{}) : *state);
  }
}

void Sequence::versions(const Event& e, Findings& f) const {
  if (!e.protocol_version) {
    f.add(2033, "RUN_STARTED names no protocol version");
    return;
  }
  const auto version = read_version(*e.protocol_version);
  const Version ours{1, rules_.protocol == Protocol::agui_1_1 ? 1U : 0U};
  if (!version) {
    f.add(2032, "protocol version '" + std::string(*e.protocol_version) + "' cannot be read",
          "/protocolVersion");
  } else if (*version > ours) {
    f.add(2031,
          "protocol version '" + std::string(*e.protocol_version) + "' is newer than the rules",
          "/protocolVersion");
  }
}

bool Sequence::complete(Findings& f) const {
  const RunState& run = state_.run;
  const auto open = [&f](std::uint16_t code, const Ids& ids, const char* what) {
    return !ids.empty() && f.add(code, std::string(what) + " '" + *ids.begin() + "' is still open");
  };
  if (!run.steps.empty() && f.add(2104, "step '" + run.steps.begin()->second + "' is still open")) {
    return false;
  }
  return !open(3004, run.text, "message") && !open(3204, run.reasoning, "reasoning message") &&
         !open(3207, run.spans, "reasoning span") && !open(3104, run.tool, "call") &&
         !open(4005, run.subagents_active, "subagent");
}

void Sequence::run_finished(const Event& e, Findings& f) {
  if (*e.thread_id != state_.run.thread_id) {
    f.add(2007, "the run belongs to thread '" + state_.run.thread_id + "'", "/threadId");
    return;
  }
  if (*e.run_id != state_.run.run_id) {
    f.add(2008, "the active run is '" + state_.run.run_id + "'", "/runId");
    return;
  }
  if (!complete(f) || !outcome(e, f)) return;
  usage(e.usage, f);
  state_.phase = Phase::finished;
}

bool Sequence::outcome(const Event& e, Findings& f) const {
  const std::string* type = e.outcome == nullptr ? nullptr : e.outcome->find_text("type");
  if (type != nullptr && *type == "cancelled" && e.result != nullptr) {
    f.add(2012, "a cancelled run has a result", "/result");
  }
  Ids interrupts;
  if (type != nullptr && *type == "interrupt") {
    for (const json::Value& interrupt : *e.outcome->find("interrupts")->get<json::Array>()) {
      const std::string& id = *interrupt.find_text("id");
      if (!interrupts.insert(id).second &&
          f.add(6020, "interrupt '" + id + "' appears twice", "/outcome")) {
        return false;
      }
    }
  }
  for (const std::string& id : state_.run.suspended_interrupts) {
    if (!interrupts.contains(id))
      f.add(4007, "interrupt '" + id + "' of a subagent is not named", "/outcome");
  }
  return type == nullptr || *type != "success" || pending_list(*e.outcome, f);
}

bool Sequence::pending_list(const json::Value& outcome, Findings& f) const {
  std::vector<std::string> unanswered;
  for (const std::string& call : state_.run.calls) {
    if (!state_.run.answered.contains(call)) unanswered.push_back(call);
  }
  const json::Value* list = outcome.find("pendingToolCallIds");
  if (list == nullptr || list->get<json::Array>()->empty()) {
    if (!unanswered.empty()) f.add(3111, "calls are unanswered and not named", "/outcome");
    return true;
  }
  std::vector<std::string> named;
  for (const json::Value& id : *list->get<json::Array>()) named.push_back(*id.get<std::string>());
  auto sorted_named = named, sorted_unanswered = unanswered;
  std::ranges::sort(sorted_named);
  std::ranges::sort(sorted_unanswered);
  if (sorted_named != sorted_unanswered) {
    return !f.add(3109, "the list is not the set of unanswered calls",
                  "/outcome/pendingToolCallIds");
  }
  if (named != unanswered)
    f.add(3110, "the list is in another order", "/outcome/pendingToolCallIds");
  return true;
}

void Sequence::usage(const json::Value* entries, Findings& f) const {
  if (entries == nullptr) return;
  std::set<std::pair<std::string, std::string>> seen;
  for (const json::Value& entry : *entries->get<json::Array>()) {
    const auto input = token_count(entry, "inputTokens");
    const auto output = token_count(entry, "outputTokens");
    const auto total = token_count(entry, "totalTokens");
    const auto reasoning = token_count(entry, "reasoningTokens");
    const auto cached = token_count(entry, "cachedInputTokens");
    const auto written = token_count(entry, "cacheWriteInputTokens");
    if (input && output && total && *total != *input + *output) {
      f.add(2021, "total is not input plus output", "/usage");
    }
    const bool part_of_output = reasoning && output && *reasoning > *output;
    const bool part_of_input =
        input && (cached || written) && cached.value_or(0) + written.value_or(0) > *input;
    if (part_of_output || part_of_input) f.add(2022, "a part exceeds its whole", "/usage");
    const std::string* provider = entry.find_text("provider");
    const std::string* model = entry.find_text("model");
    const std::pair key(provider == nullptr ? "" : *provider, model == nullptr ? "" : *model);
    if (!seen.insert(key).second) f.add(2023, "two entries for one model", "/usage");
  }
}

void Sequence::run_error(const Event& e, Findings& f) {
  usage(e.usage, f);
  state_.phase = Phase::failed;
}

void Sequence::step_started(const Event& e, Findings& f) {
  const std::pair step(owner_of(e), std::string(*e.name));
  if (state_.run.steps.contains(step)) {
    f.add(2101, "step '" + step.second + "' is open", "/stepName");
    return;
  }
  state_.run.steps.insert(step);
}

void Sequence::step_finished(const Event& e, Findings& f) {
  const std::pair step(owner_of(e), std::string(*e.name));
  if (state_.run.steps.erase(step) > 0) return;
  const bool elsewhere = std::ranges::any_of(
      state_.run.steps, [&](const auto& open) { return open.second == step.second; });
  f.add(elsewhere ? 2102 : 2103,
        "step '" + step.second + (elsewhere ? "' is open under another owner" : "' is not open"),
        "/stepName");
}

}  // namespace vouch::validator
