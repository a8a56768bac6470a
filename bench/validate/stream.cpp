// SPDX-License-Identifier: MIT
#include "bench/validate/stream.hpp"

#include <fmt/format.h>

namespace vouch::bench {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
  }
  std::size_t between(std::size_t low, std::size_t high) {
    return low + static_cast<std::size_t>(next() % (high - low + 1));
  }

 private:
  std::uint64_t state_;
};

constexpr std::string_view words[] = {
    "the",     "agent",   "of",     "looks",   "a",     "customer", "and",
    "invoice", "total",   "région", "up",      "order", "status",   "\\\"ok\\\"",
    "in",      "result",  "table",  "please",  "while", "価格",     "for",
    "value",   "reading", "next",   "page\\n", "it",    "shipment"};

class Writer {
 public:
  Writer(std::size_t events, std::uint64_t seed) : wanted_(events), dice_(seed) {}

  EventStream stream() {
    while (!full()) run();
    return std::move(out_);
  }

 private:
  bool full() const { return out_.size() >= wanted_; }

  void event(std::string_view type, std::string_view members) {
    if (full()) return;
    clock_ += 1 + dice_.next() % 40;
    out_.add(fmt::format(R"({{"type":"{}",{},"timestamp":{}}})", type, members, clock_));
  }

  std::string id(std::string_view kind) {
    return fmt::format("{}_{:012x}{:08x}", kind, ++ids_, dice_.next() & 0xFFFFFFFF);
  }

  /// About `bytes` bytes of JSON string content.
  std::string prose(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
      text += words[dice_.next() % std::size(words)];
      text += ' ';
    }
    return text;
  }
  std::string delta() { return prose(dice_.between(20, 190)); }

  void run() {
    const std::string thread = R"("threadId":"thread_benchmark_1")";
    const std::string ids = fmt::format(R"({},"runId":"{}")", thread, id("run"));
    event("RUN_STARTED", ids + R"(,"protocolVersion":"1.1")");
    event("STATE_SNAPSHOT", fmt::format(R"("snapshot":{})", snapshot()));
    for (int i = 0; i < 4; ++i) step(fmt::format("step {}", i));
    event("RUN_FINISHED", ids);
  }

  std::string snapshot() {
    std::string items;
    for (std::size_t i = 0; i < 20; ++i) {
      items += fmt::format(R"({}{{"title":"{}","done":false,"rank":{},"score":{}.5}})",
                           i == 0 ? "" : ",", prose(24), i, i);
    }
    return fmt::format(R"({{"items":[{}],"progress":0,"owner":{{"name":"A","team":"B"}}}})", items);
  }

  void step(const std::string& name) {
    event("STEP_STARTED", fmt::format(R"("stepName":"{}")", name));
    reasoning();
    text();
    call();
    for (int i = 0; i < 3; ++i) state_delta();
    event("STEP_FINISHED", fmt::format(R"("stepName":"{}")", name));
  }

  void reasoning() {
    const std::string span = fmt::format(R"("messageId":"{}")", id("rsn"));
    const std::string message = fmt::format(R"("messageId":"{}")", id("msg"));
    event("REASONING_START", span);
    event("REASONING_MESSAGE_START", message + R"(,"role":"reasoning")");
    for (int i = 0; i < 4; ++i) {
      event("REASONING_MESSAGE_CONTENT", fmt::format(R"({},"delta":"{}")", message, delta()));
    }
    event("REASONING_MESSAGE_END", message);
    event("REASONING_END", span);
  }

  void text() {
    message_ = id("msg");
    const std::string message = fmt::format(R"("messageId":"{}")", message_);
    event("TEXT_MESSAGE_START", message + R"(,"role":"assistant")");
    for (int i = 0; i < 48; ++i) {
      event("TEXT_MESSAGE_CONTENT", fmt::format(R"({},"delta":"{}")", message, delta()));
    }
    event("TEXT_MESSAGE_END", message);
  }

  void call() {
    const std::string tool = fmt::format(R"("toolCallId":"{}")", id("call"));
    event(
        "TOOL_CALL_START",
        fmt::format(R"({},"toolCallName":"search_orders","parentMessageId":"{}")", tool, message_));
    for (int i = 0; i < 6; ++i) {
      event("TOOL_CALL_ARGS",
            fmt::format(R"({},"delta":"\"field_{}\": \"{}\", ")", tool, i, delta()));
    }
    event("TOOL_CALL_END", tool);
    event("TOOL_CALL_RESULT",
          fmt::format(R"("messageId":"{}",{},"content":"{}")", id("msg"), tool, prose(200)));
  }

  void state_delta() {
    const std::size_t at = dice_.between(0, 19);
    event("STATE_DELTA",
          fmt::format(R"("delta":[{{"op":"replace","path":"/items/{}/title","value":"{}"}},)"
                      R"({{"op":"replace","path":"/progress","value":{}}}])",
                      at, prose(24), dice_.between(0, 100)));
  }

  std::size_t wanted_;
  Dice dice_;
  EventStream out_;
  std::uint64_t clock_ = 1760000000000;
  std::uint64_t ids_ = 0;
  std::string message_;
};

}  // namespace

EventStream realistic_stream(std::size_t events, std::uint64_t seed) {
  return Writer(events, seed).stream();
}

EventStream state_stream(std::size_t items, std::size_t deltas, bool keyed) {
  EventStream out;
  Dice dice(items);
  out.add(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})");
  std::string list;
  for (std::size_t i = 0; i < items; ++i) {
    if (i > 0) list += ',';
    if (keyed) list += fmt::format(R"("item-{}":)", i);
    list += fmt::format(R"({{"title":"item {}","done":false}})", i);
  }
  out.add(fmt::format(R"({{"type":"STATE_SNAPSHOT","snapshot":{{"items":{}{}{}}}}})",
                      keyed ? '{' : '[', list, keyed ? '}' : ']'));
  for (std::size_t i = 0; i < deltas; ++i) {
    out.add(fmt::format(
        R"({{"type":"STATE_DELTA","delta":[{{"op":"replace","path":"/items/{}{}/title",)"
        R"("value":"changed {}"}}]}})",
        keyed ? "item-" : "", dice.next() % items, i));
  }
  return out;
}

}  // namespace vouch::bench
