// SPDX-License-Identifier: MIT
#include "vouch/validator/chunks.hpp"

#include <algorithm>

#include "vouch/validator/owners.hpp"

namespace vouch::validator {
namespace {

Text view(const Owner& owner) {
  return owner ? Text(*owner) : Text();
}

bool closes_all(Kind kind) {
  return kind == Kind::run_started || kind == Kind::run_finished || kind == Kind::run_error ||
         kind == Kind::messages_snapshot;
}

bool touches_no_lane(Kind kind) {
  return kind == Kind::raw || kind == Kind::activity_snapshot || kind == Kind::activity_delta ||
         kind == Kind::reasoning_encrypted_value || kind == Kind::subagent_started;
}

}  // namespace

std::optional<ChunkLanes::ItemKind> ChunkLanes::kind_of_chunk(Kind kind) {
  switch (kind) {
    case Kind::text_message_chunk:
      return ItemKind::text;
    case Kind::tool_call_chunk:
      return ItemKind::tool;
    case Kind::reasoning_message_chunk:
      return ItemKind::reasoning;
    default:
      return std::nullopt;
  }
}

const Text& ChunkLanes::id_of(const Event& chunk, ItemKind kind) {
  return kind == ItemKind::tool ? chunk.tool_call_id : chunk.message_id;
}

ChunkLanes::Lanes::iterator ChunkLanes::lane_of(const Owner& owner) {
  return std::ranges::find(lanes_, owner, &Lane::owner);
}

void ChunkLanes::close(Lanes::iterator lane) {
  if (lane == lanes_.end()) return;
  closed_.push_back(std::move(*lane));
  lanes_.erase(lane);
}

void ChunkLanes::close_all() {
  while (!lanes_.empty()) close(lanes_.begin());
}

bool ChunkLanes::expand(const Event& event, std::vector<Event>& out, Findings& findings) {
  closed_.clear();
  const auto chunk = kind_of_chunk(event.kind);
  if (!chunk && closes_all(event.kind)) {
    close_all();
  } else if (!chunk && !touches_no_lane(event.kind)) {
    close(lane_of(owner_of(event)));
  }
  if (chunk && !expand_chunk(event, *chunk, out, findings)) return false;
  // Views are taken last, when no lane moves any more.
  std::vector<Event> ends;
  for (const Lane& lane : closed_) {
    Event end;
    end.kind = lane.kind == ItemKind::text   ? Kind::text_message_end
               : lane.kind == ItemKind::tool ? Kind::tool_call_end
                                             : Kind::reasoning_message_end;
    (lane.kind == ItemKind::tool ? end.tool_call_id : end.message_id) = lane.id;
    end.subagent_run_id = view(lane.owner);
    ends.push_back(end);
  }
  out.insert(out.begin(), ends.begin(), ends.end());
  if (!chunk) out.push_back(event);
  return true;
}

std::optional<Owner> ChunkLanes::resolve(const Event& chunk, ItemKind kind, Findings& findings) {
  const Text& id = id_of(chunk, kind);
  const Owner tag = owner_of(chunk);
  if (id) {
    const auto open = std::ranges::find_if(
        lanes_, [&](const Lane& lane) { return lane.kind == kind && lane.id == *id; });
    if (open == lanes_.end()) return tag;
    if (tag && tag != open->owner) {
      findings.add(3307, "the item belongs to another owner", "/subagentRunId");
      return std::nullopt;
    }
    return open->owner;
  }
  if (tag) return tag;
  const auto parent = lane_of(Owner());
  if (parent != lanes_.end() && parent->kind == kind) return Owner();
  const auto same_kind = [kind](const Lane& lane) { return lane.kind == kind; };
  const auto count = std::ranges::count_if(lanes_, same_kind);
  if (count == 0) return Owner();
  if (count == 1) return std::ranges::find_if(lanes_, same_kind)->owner;
  findings.add(3308, "several items could continue; the chunk names none");
  return std::nullopt;
}

bool ChunkLanes::expand_chunk(const Event& chunk, ItemKind kind, std::vector<Event>& out,
                              Findings& findings) {
  const auto owner = resolve(chunk, kind, findings);
  if (!owner) return false;
  const Text& id = id_of(chunk, kind);
  const auto lane = lane_of(*owner);
  const bool continues = lane != lanes_.end() && lane->kind == kind && (!id || *id == lane->id);
  if (continues) {
    if (!consistent(chunk, *lane, findings)) return false;
    if (chunk.delta || chunk.raw_event != nullptr || chunk.metadata != nullptr) {
      content(chunk, *lane, out);
    }
    return true;
  }
  close(lane);
  return open(chunk, kind, *owner, out, findings);
}

bool ChunkLanes::consistent(const Event& chunk, const Lane& lane, Findings& findings) const {
  const auto differs = [](const Text& repeated, const std::optional<std::string>& established) {
    return repeated && (!established || *repeated != *established);
  };
  if (lane.kind == ItemKind::text && chunk.role && *chunk.role != lane.role) {
    findings.add(3303, "the message was opened with role " + lane.role, "/role");
    return false;
  }
  if (lane.kind == ItemKind::text && differs(chunk.name, lane.name)) {
    findings.add(3304, "the message was opened with another name", "/name");
    return false;
  }
  if (lane.kind == ItemKind::tool && differs(chunk.tool_call_name, lane.tool_name)) {
    findings.add(3305, "the call was opened with another tool", "/toolCallName");
    return false;
  }
  if (lane.kind == ItemKind::tool && differs(chunk.parent_message_id, lane.parent)) {
    findings.add(3306, "the call was opened with another parent", "/parentMessageId");
    return false;
  }
  return true;
}

bool ChunkLanes::open(const Event& chunk, ItemKind kind, const Owner& owner,
                      std::vector<Event>& out, Findings& findings) {
  const Text& id = id_of(chunk, kind);
  if (!id) {
    findings.add(3301, "no item is open that this chunk could continue, and it names none");
    return false;
  }
  if (kind == ItemKind::tool && !chunk.tool_call_name) {
    findings.add(3302, "the first chunk of a call lacks toolCallName");
    return false;
  }
  Lane lane{owner, kind, std::string(*id), {}, {}, {}, {}};
  lane.role = chunk.role ? std::string(*chunk.role) : "assistant";
  if (chunk.name) lane.name = *chunk.name;
  if (chunk.tool_call_name) lane.tool_name = *chunk.tool_call_name;
  if (chunk.parent_message_id) lane.parent = *chunk.parent_message_id;
  lanes_.push_back(std::move(lane));
  // The texts of the chunk itself outlive this call, so the opener views them rather than the lane.
  Event start;
  start.kind = kind == ItemKind::text   ? Kind::text_message_start
               : kind == ItemKind::tool ? Kind::tool_call_start
                                        : Kind::reasoning_message_start;
  start.message_id = chunk.message_id;
  start.tool_call_id = chunk.tool_call_id;
  start.role = chunk.role;
  start.name = chunk.name;
  start.tool_call_name = chunk.tool_call_name;
  start.parent_message_id = chunk.parent_message_id;
  start.subagent_run_id = chunk.subagent_run_id;
  start.metadata = chunk.metadata;
  out.push_back(start);
  if (chunk.delta || chunk.raw_event != nullptr) content(chunk, lanes_.back(), out);
  return true;
}

void ChunkLanes::content(const Event& chunk, const Lane& lane, std::vector<Event>& out) const {
  Event content;
  content.kind = lane.kind == ItemKind::text   ? Kind::text_message_content
                 : lane.kind == ItemKind::tool ? Kind::tool_call_args
                                               : Kind::reasoning_message_content;
  (lane.kind == ItemKind::tool ? content.tool_call_id : content.message_id) = Text(lane.id);
  content.delta = chunk.delta ? chunk.delta : Text("");
  content.subagent_run_id = chunk.subagent_run_id ? chunk.subagent_run_id : view(lane.owner);
  content.metadata = chunk.metadata;
  content.raw_event = chunk.raw_event;
  out.push_back(content);
}

}  // namespace vouch::validator
