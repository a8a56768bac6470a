// Rules 2001 to 2104: runs and steps.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/validator/rule_table.hpp"

namespace vouch::validator::table {

// clang-format off: one rule a block
inline constexpr Rule run_rules[] = {
    {2001, "run.first-event", C, in_10Lv, Family::runs, "RUN_STARTED or RUN_ERROR first",
     "Send RUN_STARTED before everything else."},
    {2002, "run.event-after-error", C, in_10Lv, Family::runs, "only RUN_STARTED after RUN_ERROR",
     "Stop sending after RUN_ERROR, or start the next run first."},
    {2003, "run.event-after-finished", C, in_10Lv, Family::runs,
     "only RUN_STARTED or RUN_ERROR after RUN_FINISHED",
     "Send everything that belongs to the run before RUN_FINISHED."},
    {2004, "run.nested-start", C, in_10Lv, Family::runs, "RUN_STARTED when no run is active",
     "End the run with RUN_FINISHED or RUN_ERROR before the next one starts."},
    {2005, "run.thread-changed", C, in_10, Family::runs, "one thread per stream",
     "Keep threadId through the stream; open another stream for another thread."},
    {2006, "thread.run-id-reused", P, in_10, Family::runs, "a run id that was not used before",
     "Mint a new runId for every run, also after a failed one."},
    {2007, "run.finished-thread-mismatch", C, in_10, Family::runs,
     "RUN_FINISHED names the thread of the run", "Repeat the threadId of RUN_STARTED."},
    {2008, "run.finished-run-mismatch", C, in_10, Family::runs, "RUN_FINISHED names the run",
     "Repeat the runId of RUN_STARTED."},
    {2010, "run.truncated", C, in_10, Family::runs, "a terminal event before the stream closes",
     "End every run with RUN_FINISHED or RUN_ERROR, also when the agent fails or is cancelled."},
    {2011, "run.empty-stream", Oi, in_10, Family::runs, "at least one event",
     "Open a stream only when there is a run to send.", Scope::stream, advice},
    {2012, "run.cancelled-with-result", Sw, in_10, Family::runs, "no result on a cancelled run",
     "Leave 'result' out when the outcome is cancelled."},
    {2013, "run.input-echo-mismatch", Ow, in_10, Family::runs,
     "the echoed input names the same thread and run",
     "Echo the input as it was received, with the ids of the event."},
    {2021, "usage.total-mismatch", Pw, in_10, Family::runs,
     "total tokens are input plus output tokens",
     "Count cached and reasoning tokens inside input and output, or leave the total out."},
    {2022, "usage.part-exceeds-total", Pw, in_10, Family::runs,
     "a part of the tokens is not more than the whole",
     "Count reasoning tokens in the output, cached ones in the input."},
    {2023, "usage.duplicate-entry", Oi, in_10, Family::runs,
     "one usage entry per provider and model", "Add the counts of one model up into one entry."},
    {2031, "version.newer", W, in_10, Family::runs,
     "a protocol version not newer than the rule set",
     "Judge the stream with a newer rule set, or declare the version that is spoken."},
    {2032, "version.uninterpretable", W, in_10, Family::runs, "a protocol version like 1.1",
     "Write the version as two numbers with a dot."},
    {2033, "version.missing", Si, in_10, Family::runs, "RUN_STARTED names its protocol version",
     "Add \"protocolVersion\":\"1.1\" to RUN_STARTED."},
    {2101, "step.already-open", C, in_10Lv, Family::steps,
     "STEP_STARTED of a step that is not open",
     "Finish the step first, or give the inner one another name."},
    {2102, "step.wrong-owner", C, in_10v, Family::steps,
     "a step finishes under the owner that started it",
     "Put the same subagentRunId on both events."},
    {2103, "step.not-open", C, in_10Lv, Family::steps, "STEP_FINISHED of an open step",
     "Send STEP_STARTED with the same stepName before."},
    {2104, "step.open-at-finish", C, in_10Lv, Family::steps, "no open step at RUN_FINISHED",
     "Send STEP_FINISHED for each step before RUN_FINISHED, or end with RUN_ERROR."},
};
// clang-format on

}  // namespace vouch::validator::table
