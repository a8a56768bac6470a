// Runs and steps (RULES 3.2).
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/validator/owners.hpp"
#include "vouch/validator/sequence.hpp"

namespace vouch::validator {
namespace {

/// Two numbers as digits without leading zeros: they may be of any length.
struct Version {
  std::string_view major, minor;
};

bool less(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool less(const Version& a, const Version& b) {
  return a.major != b.major ? less(a.major, b.major) : less(a.minor, b.minor);
}

/// Reads d+.d+ and nothing else.
std::optional<Version> read_version(std::string_view text) {
  const auto digits = [](std::string_view part) -> std::optional<std::string_view> {
    const bool fits = !part.empty() && part.find_first_not_of("0123456789") == part.npos;
    if (!fits) return std::nullopt;
    return part.substr(std::min(part.find_first_not_of('0'), part.size()));
  };
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = digits(text.substr(0, dot));
  const auto minor = digits(text.substr(dot + 1));
  if (!major || !minor) return std::nullopt;
  return Version{*major, *minor};
}

std::optional<std::int64_t> token_count(const json::Value& entry, std::string_view name) {
  const json::Value* value = entry.find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* i = value->get<std::int64_t>()) return *i;
  return static_cast<std::int64_t>(*value->get<double>());
}

/// None when nothing, or nothing with the right structure, is echoed.
const json::Array& echoed_messages(const Event& e) {
  static const json::Array none;
  const json::Value* messages = e.input == nullptr ? nullptr : e.input->find("messages");
  const auto* list = messages == nullptr ? nullptr : messages->get<json::Array>();
  return list == nullptr ? none : *list;
}

}  // namespace

void Sequence::run_started(const Event& e, Findings& f) {
  if (state_.thread_id && *state_.thread_id != key_of(e.thread_id) &&
      f.add(2005,
            "thread " + quoted(key_of(e.thread_id)) + " in a stream of thread " +
                quoted(*state_.thread_id),
            "/threadId")) {
    return;
  }
  const bool reused = state_.run_ids.contains(key_of(e.run_id));
  if (reused && f.add(2006, "run id " + quoted(key_of(e.run_id)) + " was used before", "/runId")) {
    return;
  }
  const json::Array& messages = echoed_messages(e);
  if (crowded(0, (reused ? 0 : 1) + new_ids(messages), f)) return;
  if (too_much_activity(messages, state_.activities_budget.used, f)) return;
  versions(e, f);
  if (applies()) judge_inputs(e, f);
  if (applies() && e.input != nullptr) read_echo(e, f);
  start_run(e);
}

void Sequence::read_echo(const Event& e, Findings& f) {
  const std::string* thread = e.input->find_text("threadId");
  const std::string* run = e.input->find_text("runId");
  if (*thread != *e.thread_id || *run != *e.run_id) {
    f.add(2013, "the echoed input names another thread or run", "/input");
  }
  const json::Array& messages = echoed_messages(e);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    check_message(messages[i], "/input/messages/" + std::to_string(i), f);
  }
}

void Sequence::start_run(const Event& e) {
  state_.run = {};
  state_.run.thread_id = key_of(e.thread_id);
  state_.run.run_id = key_of(e.run_id);
  state_.run.index = index_;
  state_.phase = Phase::active;
  ++state_.runs;
  if (!state_.thread_id) state_.thread_id = key_of(e.thread_id);
  state_.run_ids.emplace(key_of(e.run_id));
  for (const json::Value& message : echoed_messages(e)) seed_message(message, false);
  if (applies()) take_inputs(e);
}

void Sequence::versions(const Event& e, Findings& f) const {
  if (!e.protocol_version) {
    f.add(2033, "RUN_STARTED names no protocol version");
    return;
  }
  const auto version = read_version(*e.protocol_version);
  const Version ours{"1", rules_.protocol == Protocol::agui_1_1 ? "1" : ""};
  if (!version) {
    f.add(2032, "protocol version " + quoted(*e.protocol_version) + " cannot be read",
          "/protocolVersion");
  } else if (less(ours, *version)) {
    f.add(2031, "protocol version " + quoted(*e.protocol_version) + " is newer than the rules",
          "/protocolVersion");
  }
}

bool Sequence::wrong_run(const Event& e, Findings& f) const {
  const RunState& run = state_.run;
  if (run.nameless) return false;
  if (key_of(e.thread_id) != run.thread_id &&
      f.add(2007, "the run belongs to thread " + quoted(run.thread_id), "/threadId", run.index)) {
    return true;
  }
  return key_of(e.run_id) != run.run_id &&
         f.add(2008, "the active run is " + quoted(run.run_id), "/runId", run.index);
}

bool Sequence::incomplete(Findings& f) const {
  const RunState& run = state_.run;
  const auto still_open = [&f](std::uint16_t code, const OpenItems& items, const char* what) {
    if (items.empty()) return false;
    const auto& [id, item] = *items.begin();
    return f.add(code, std::string(what) + " " + quoted(id) + " is still open", "", item.index);
  };
  if (!run.steps.empty()) {
    const auto& [name, owners] = *run.steps.begin();
    const auto index = owners.begin()->second;
    if (f.add(2104, "step " + quoted(name) + " is still open", "", index)) return true;
  }
  if (still_open(3004, run.text, "message") ||
      still_open(3204, run.reasoning, "reasoning message") ||
      still_open(3207, run.spans, "reasoning span") || still_open(3104, run.tool, "call")) {
    return true;
  }
  if (run.subagents_active.empty()) return false;
  const auto& [id, index] = *run.subagents_active.begin();
  return f.add(4005, "subagent " + quoted(id) + " is still active", "", index);
}

void Sequence::run_finished(const Event& e, Findings& f) {
  if (wrong_run(e, f) || incomplete(f)) return;
  if (applies()) {
    if (wrong_outcome(e, f)) return;
    usage(e.usage, f);
    unadvertised_calls(f);
    leave_to_thread(e);
  }
  // What an overridden rule let stay open ends here.
  state_.run.close_everything();
  state_.phase = Phase::finished;
}

bool Sequence::wrong_outcome(const Event& e, Findings& f) const {
  const std::string* type = e.outcome == nullptr ? nullptr : e.outcome->find_text("type");
  Ids interrupts;
  if (type != nullptr && *type == "interrupt") {
    const json::Array& list = *e.outcome->find("interrupts")->get<json::Array>();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string at = "/outcome/interrupts/" + std::to_string(i);
      const std::string& id = *list[i].find_text("id");
      if (!interrupts.insert(id).second &&
          f.add(6020, "interrupt " + quoted(id) + " appears twice", at + "/id")) {
        return true;
      }
      const std::string* call = list[i].find_text("toolCallId");
      if (call != nullptr && !state_.calls.contains(*call)) {
        f.add(6021, "call " + quoted(*call) + " is not known", at + "/toolCallId");
      }
    }
  }
  if (type != nullptr && *type == "success" && wrong_pending_list(*e.outcome, f)) return true;
  if (type != nullptr && *type == "cancelled" && e.result != nullptr) {
    f.add(2012, "a cancelled run has a result", "/result");
  }
  for (const std::string& id : state_.run.suspended_interrupts) {
    if (interrupts.contains(id)) continue;
    f.add(4007, "interrupt " + quoted(id) + " of a subagent is not named", "/outcome");
  }
  return false;
}

bool Sequence::wrong_pending_list(const json::Value& outcome, Findings& f) const {
  std::vector<std::string> unanswered;
  for (const std::string& call : state_.run.calls) {
    if (!state_.run.answered.contains(call)) unanswered.push_back(call);
  }
  const json::Value* list = outcome.find("pendingToolCallIds");
  if (list == nullptr || list->get<json::Array>()->empty()) {
    if (!unanswered.empty()) f.add(3111, "calls are unanswered and not named", "/outcome");
    return false;
  }
  const std::string at = "/outcome/pendingToolCallIds";
  std::vector<std::string> named;
  for (const json::Value& id : *list->get<json::Array>()) named.push_back(*id.get<std::string>());
  auto sorted_named = named, sorted_unanswered = unanswered;
  std::ranges::sort(sorted_named);
  std::ranges::sort(sorted_unanswered);
  if (sorted_named != sorted_unanswered) {
    return f.add(3109, "the list is not the set of unanswered calls", at);
  }
  if (named != unanswered) f.add(3110, "the list is in another order", at);
  return false;
}

void Sequence::usage(const json::Value* entries, Findings& f) const {
  if (entries == nullptr || !rules_.modern()) return;
  std::set<std::pair<std::optional<std::string>, std::optional<std::string>>> seen;
  const json::Array& list = *entries->get<json::Array>();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const json::Value& entry = list[i];
    const std::string at = "/usage/" + std::to_string(i);
    const auto input = token_count(entry, "inputTokens");
    const auto output = token_count(entry, "outputTokens");
    const auto total = token_count(entry, "totalTokens");
    const auto reasoning = token_count(entry, "reasoningTokens");
    const auto cached = token_count(entry, "cachedInputTokens");
    const auto written = token_count(entry, "cacheWriteInputTokens");
    if (input && output && total && *total != *input + *output) {
      f.add(2021, "total is not input plus output", at + "/totalTokens");
    }
    if (reasoning && output && *reasoning > *output) {
      f.add(2022, "more reasoning tokens than output tokens", at + "/reasoningTokens");
    }
    if (input && cached.value_or(0) + written.value_or(0) > *input) {
      f.add(2022, "more cached tokens than input tokens", at);
    }
    const auto text = [&entry](std::string_view name) {
      const std::string* held = entry.find_text(name);
      return held == nullptr ? std::nullopt : std::optional(*held);
    };
    if (!seen.emplace(text("provider"), text("model")).second) {
      f.add(2023, "two entries for one model", at);
    }
  }
}

void Sequence::run_error(const Event& e, Findings& f) {
  if (applies()) usage(e.usage, f);
  // The run had finished, and fails after all: nobody waits for an answer any more.
  if (state_.phase == Phase::finished) state_.thread.interrupts.clear();
  state_.phase = Phase::failed;
}

void Sequence::step_started(const Event& e, Findings& f) {
  const std::string name(key_of(e.name));
  const Owner owner = owner_of(e);
  const auto named = state_.run.steps.find(name);
  const bool is_open = named != state_.run.steps.end() && named->second.contains(owner);
  if (is_open) {
    f.add(2101, "step " + quoted(name) + " is open", "/stepName", named->second.at(owner));
    return;
  }
  if (crowded(1, 0, f)) return;
  state_.run.steps[name].emplace(owner, index_);
  ++state_.run.steps_open;
  opened_by(owner);
}

void Sequence::step_finished(const Event& e, Findings& f) {
  const std::string name(key_of(e.name));
  const Owner owner = owner_of(e);
  const auto named = state_.run.steps.find(name);
  if (named == state_.run.steps.end()) {
    f.add(2103, "step " + quoted(name) + " is not open", "/stepName");
    return;
  }
  if (named->second.erase(owner) == 0) {
    f.add(2102, "step " + quoted(name) + " is open under another owner", "/subagentRunId",
          named->second.begin()->second);
    return;
  }
  if (named->second.empty()) state_.run.steps.erase(named);
  --state_.run.steps_open;
  closed_by(owner);
}

void Sequence::thinking(const Event& e, Findings& f) {
  RunState& run = state_.run;
  switch (e.kind) {
    case Kind::thinking_start:
      if (run.thinking && f.add(3251, "thinking has started already", "/type")) return;
      run.thinking = true;
      return;
    case Kind::thinking_end:
      if (!run.thinking && f.add(3252, "thinking has not started", "/type")) return;
      run.thinking = false;
      return;
    case Kind::thinking_text_message_start:
      if (!run.thinking && f.add(3253, "thinking has not started", "/type")) return;
      if (run.thinking_text && f.add(3254, "a thinking message is open", "/type")) return;
      run.thinking_text = true;
      return;
    default:
      if (!run.thinking_text && f.add(3255, "no thinking message is open", "/type")) return;
      if (e.kind == Kind::thinking_text_message_end) run.thinking_text = false;
  }
}

}  // namespace vouch::validator
