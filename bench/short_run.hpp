// One short run as an agent submits it: ten events and the close mark, a stream of its own.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <thread>

#include <fmt/format.h>

#include "vouch/distributed_validator.hpp"

namespace vouch::bench {

inline constexpr std::uint64_t run_events = 10;

inline std::string event_of_run(const std::string& thread, std::uint64_t index) {
  constexpr auto bracket = R"({{"type":"{}","threadId":"{}","runId":"r1"}})";
  if (index == 0) return fmt::format(bracket, "RUN_STARTED", thread);
  if (index + 1 == run_events) return fmt::format(bracket, "RUN_FINISHED", thread);
  if (index == 1) return R"({"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"})";
  if (index + 2 == run_events) return R"({"type":"TEXT_MESSAGE_END","messageId":"m1"})";
  return R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":"as a model says it"})";
}

/// Submits a run and closes its stream; goes on when the peer is busy. Errors: those of submit and
/// close.
inline Result<void> submit_run(DistributedValidator& peer, const std::string& name) {
  Stream stream = peer.stream(name);
  for (std::uint64_t i = 0; i < run_events;) {
    const auto taken = stream.submit(event_of_run(name, i));
    if (taken) {
      ++i;
    } else if (taken.error().code == Errc::busy) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } else {
      return tl::unexpected(taken.error());
    }
  }
  if (const auto closed = stream.close(); !closed) return tl::unexpected(closed.error());
  return {};
}

/// Waits for the receipt of a run that was submitted. Errors: timed_out, and those of wait.
inline Result<void> await_receipt(DistributedValidator& peer, const std::string& name,
                                  std::chrono::milliseconds patience) {
  const auto support = peer.stream(name).wait(run_events, Strength::pbft, patience);
  if (!support) return tl::unexpected(support.error());
  if (!support->reached) return fail(Errc::timed_out, "no receipt");
  return {};
}

}  // namespace vouch::bench
