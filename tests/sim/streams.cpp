// SPDX-License-Identifier: MIT
#include "tests/sim/streams.hpp"

#include "tests/sim/hash.hpp"

#include "vouch/base/stream_key.hpp"

namespace vouch::sim {
namespace {

constexpr std::uint64_t run_length = 12;
constexpr std::uint64_t burst_length = 160;
constexpr std::uint64_t fault_in = 97;  ///< one event in so many is wrong

std::string typed(std::string_view type, std::string_view rest) {
  std::string out = R"({"type":")";
  out.append(type).append("\"").append(rest).append("}");
  return out;
}

}  // namespace

bool is_burst(const std::string& stream) {
  return stream_name(stream).ends_with(burst_mark);
}

bool is_split(const std::string& stream) {
  return stream_name(stream).ends_with(split_mark);
}

std::string event_of(std::uint64_t seed, const std::string& key, std::uint64_t index) {
  const std::string stream(stream_name(key));
  if (is_burst(stream)) {
    return typed(
        index % 2 == 0 ? "RUN_STARTED" : "RUN_FINISHED",
        R"(,"threadId":")" + stream + R"(","runId":"r)" + std::to_string(index / 2) + "\"");
  }
  const std::uint64_t dice = quick_hash(as_bytes(stream), seed + index);
  const std::string run = std::to_string(index / run_length);
  const std::string message = R"(,"messageId":"m)" + run + "\"";
  const std::string call = R"(,"toolCallId":"c)" + run + "\"";
  switch (index % run_length) {
    case 0:
      return typed("RUN_STARTED", R"(,"threadId":")" + stream + R"(","runId":"r)" + run + "\"");
    case 1:
      return typed("TEXT_MESSAGE_START", message + R"(,"role":"assistant")");
    case 6:
      return typed("TEXT_MESSAGE_END", message);
    case 7:
      return typed("TOOL_CALL_START", call + R"(,"toolCallName":"look")");
    case 8:
      return typed("TOOL_CALL_ARGS", call + R"(,"delta":"{}")");
    case 9:
      return typed("TOOL_CALL_END", call);
    case 10:
      return typed("CUSTOM", R"(,"name":"mark","value":)" + std::to_string(dice % 1000));
    case 11:
      return typed("RUN_FINISHED", R"(,"threadId":")" + stream + R"(","runId":"r)" + run + "\"");
    default:
      break;
  }
  if (dice % fault_in == 0) return typed("TOOL_CALL_ARGS", R"(,"toolCallId":"none","delta":"x")");
  return typed("TEXT_MESSAGE_CONTENT", message + R"(,"delta":")" + std::to_string(dice) + "\"");
}

std::uint64_t length_of(std::uint64_t seed, const std::string& key) {
  const std::string stream(stream_name(key));
  if (is_burst(stream)) return burst_length;
  return run_length + quick_hash(as_bytes(stream), ~seed) % (6 * run_length);
}

bool Oracle::learn(std::uint32_t epoch, const std::string& rule_set) {
  auto policy = validator::under(first_, rule_set);
  if (!policy) return false;
  const auto [held, fresh] = later_.try_emplace(epoch, std::move(*policy));
  return fresh || held->second.rules.id() == rule_set;
}

validator::Options Oracle::options_of(const std::string& stream) const {
  const auto later = later_.find(parse_stream_key(stream).value_or(StreamKey{}).epoch);
  return validator::options_of(later == later_.end() ? first_ : later->second, stream);
}

Oracle::Known& Oracle::advance(const std::string& stream, std::uint64_t upto) {
  auto it = streams_.find(stream);
  if (it == streams_.end()) it = streams_.try_emplace(stream, options_of(stream)).first;
  Known& known = it->second;
  const std::uint64_t length = length_of(seed_, stream);
  while (known.validator.size() <= upto && !known.validator.closed()) {
    const std::uint64_t index = known.validator.size();
    const validator::Verdict verdict = index == length
                                           ? known.validator.close()
                                           : known.validator.feed(event_of(seed_, stream, index));
    known.codes.push_back(verdict.code);
  }
  return known;
}

Hash Oracle::head(const std::string& stream, std::uint64_t upto) {
  Known& known = advance(stream, upto);
  const auto asked = known.heads.find(upto);
  if (asked != known.heads.end()) return asked->second;
  auto head = known.validator.chain().head_at(upto + 1);
  if (!head) {
    // Inside a segment that is over: fold once more from the start.
    Oracle again(seed_, first_.rules);
    again.later_ = later_;
    head = again.advance(stream, upto).validator.chain().head_at(upto + 1);
  }
  known.heads[upto] = head.value_or(Hash{});
  return known.heads[upto];
}

std::uint16_t Oracle::code(const std::string& stream, std::uint64_t index) {
  return advance(stream, index).codes.at(index);
}

}  // namespace vouch::sim
