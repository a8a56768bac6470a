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

void ChunkLanes::add(Lane lane) {
  by_id_[static_cast<std::size_t>(lane.kind)].insert_or_assign(lane.id, lane.owner);
  lane.opened = order_.empty() ? 0 : order_.rbegin()->first + 1;
  order_.emplace(lane.opened, lane.owner);
  lanes_.insert_or_assign(lane.owner, std::move(lane));
}

bool ChunkLanes::index_lanes() {
  for (const auto& [owner, lane] : lanes_) {
    auto& ids = by_id_[static_cast<std::size_t>(lane.kind)];
    const bool fits = lane.owner == owner && ids.emplace(lane.id, owner).second &&
                      order_.emplace(lane.opened, owner).second;
    if (!fits) return false;
  }
  return true;
}

ChunkLanes::Lane ChunkLanes::take(Lanes::iterator lane) {
  Lane taken = std::move(lane->second);
  by_id_[static_cast<std::size_t>(taken.kind)].erase(taken.id);
  order_.erase(taken.opened);
  lanes_.erase(lane);
  return taken;
}

void ChunkLanes::close(Lanes::iterator lane) {
  if (lane == lanes_.end()) return;
  closed_.push_back(take(lane));
}

void ChunkLanes::close_all() {
  while (!order_.empty()) close(lanes_.find(order_.begin()->second));
}

void ChunkLanes::clear() {
  lanes_.clear();
  order_.clear();
  for (auto& ids : by_id_) ids.clear();
  opened_.reset();
}

void ChunkLanes::retract() {
  if (!opened_) return;
  take(lanes_.find(*opened_));
  opened_.reset();
}

bool ChunkLanes::expand(const Event& event, std::vector<Event>& out, Findings& findings) {
  closed_.clear();
  opened_.reset();
  const auto chunk = kind_of_chunk(event.kind);
  if (!chunk && closes_all(event.kind)) {
    close_all();
  } else if (!chunk && !touches_no_lane(event.kind)) {
    close(lanes_.find(owner_of(event)));
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

std::optional<Owner> ChunkLanes::resolve(const Event& chunk, ItemKind kind,
                                         Findings& findings) const {
  const auto& lanes = by_id_[static_cast<std::size_t>(kind)];
  const Text& id = id_of(chunk, kind);
  const Owner tag = owner_of(chunk);
  if (id) {
    const auto open = lanes.find(std::string(*id));
    if (open == lanes.end()) return tag;
    if (tag && tag != open->second &&
        findings.add(3307, "the item belongs to another owner", "/subagentRunId")) {
      return std::nullopt;
    }
    return open->second;
  }
  if (tag) return tag;
  const auto parent = lanes_.find(Owner());
  if (parent != lanes_.end() && parent->second.kind == kind) return Owner();
  if (lanes.size() == 1) return lanes.begin()->second;
  if (!lanes.empty() && findings.add(3308, "several items could continue; the chunk names none")) {
    return std::nullopt;
  }
  return Owner();
}

bool ChunkLanes::expand_chunk(const Event& chunk, ItemKind kind, std::vector<Event>& out,
                              Findings& findings) {
  const auto owner = resolve(chunk, kind, findings);
  if (!owner) return false;
  const Text& id = id_of(chunk, kind);
  const auto lane = lanes_.find(*owner);
  const bool nameless = !id || (legacy_ && kind == ItemKind::reasoning && id->empty());
  const bool continues =
      lane != lanes_.end() && lane->second.kind == kind && (nameless || *id == lane->second.id);
  if (continues) {
    if (!consistent(chunk, lane->second, findings)) return false;
    if (has_content(chunk) || chunk.metadata != nullptr) content(chunk, lane->second, out);
    return true;
  }
  if (!id && findings.add(3301, "no item is open that it could continue, and it names none")) {
    return false;
  }
  if (kind == ItemKind::tool && !chunk.tool_call_name &&
      findings.add(3302, "the first chunk of a call lacks toolCallName")) {
    return false;
  }
  close(lane);
  open(chunk, kind, *owner, out);
  return true;
}

bool ChunkLanes::consistent(const Event& chunk, const Lane& lane, Findings& findings) const {
  const auto differs = [](const Text& repeated, const std::optional<std::string>& established) {
    return repeated && (!established || *repeated != *established);
  };
  if (lane.kind == ItemKind::text) {
    const bool other_role = chunk.role && *chunk.role != lane.role;
    if (other_role && findings.add(3303, "the message has role " + quoted(lane.role), "/role")) {
      return false;
    }
    return !(differs(chunk.name, lane.name) &&
             findings.add(3304, "the message was opened with another name", "/name"));
  }
  if (lane.kind == ItemKind::reasoning) return true;
  if (differs(chunk.tool_call_name, lane.tool_name) &&
      findings.add(3305, "the call was opened with another tool", "/toolCallName")) {
    return false;
  }
  return !(differs(chunk.parent_message_id, lane.parent) &&
           findings.add(3306, "the call was opened with another parent", "/parentMessageId"));
}

bool ChunkLanes::has_content(const Event& chunk) const {
  return chunk.delta || (!legacy_ && chunk.raw_event != nullptr);
}

void ChunkLanes::open(const Event& chunk, ItemKind kind, const Owner& owner,
                      std::vector<Event>& out) {
  Lane lane{owner, kind, std::string(id_of(chunk, kind).value_or("")), {}, {}, {}, {}};
  lane.role = chunk.role ? std::string(*chunk.role) : "assistant";
  if (chunk.name) lane.name = *chunk.name;
  if (chunk.tool_call_name) lane.tool_name = *chunk.tool_call_name;
  if (chunk.parent_message_id) lane.parent = *chunk.parent_message_id;
  add(std::move(lane));
  opened_ = owner;
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
  if (has_content(chunk)) content(chunk, lanes_.at(owner), out);
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
