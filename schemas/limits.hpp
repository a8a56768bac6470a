// Every bound in one place, with what happens when it is reached.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace vouch::limits {

inline constexpr std::size_t event_bytes_max = 1U << 20;  ///< larger events are refused at the door
inline constexpr std::size_t frame_bytes_max = 64U
                                               << 10;  ///< larger frames are dropped and counted
inline constexpr std::size_t part_bytes = 48U << 10;   ///< messages travel in parts of this size
inline constexpr std::size_t unfinished_bytes_max =
    4U << 20;  ///< per sender; then its oldest is dropped
inline constexpr std::size_t stream_name_bytes_max = 256;  ///< longer names are refused at the door
inline constexpr std::size_t segment_entries_max = 1024;   ///< a segment ends here at the latest
inline constexpr std::size_t checkpoint_interval = 64;     ///< attestations name multiples of it
inline constexpr std::size_t attest_events_max =
    256;                                              ///< attest at the latest after so many events
inline constexpr std::size_t first_findings_max = 8;  ///< findings an attestation carries
inline constexpr std::size_t thread_runs_max =
    1024;  ///< runs of a stream that its thread is told of; those after them are not
inline constexpr std::size_t put_slots = 1024;  ///< shared keys that one peer may hold a value of
inline constexpr std::size_t put_key_bytes_max = 256;     ///< longer keys are refused
inline constexpr std::size_t put_value_bytes_max = 4096;  ///< larger values are refused
inline constexpr std::size_t state_leaves = 1024;         ///< parts in which states are compared
inline constexpr std::size_t asked_leaves_max = 64;       ///< whose cells are asked for at a time
inline constexpr std::size_t log_ends_max = 4096;  ///< logs that a question about a state names
inline constexpr std::size_t voters_max = 127;
inline constexpr std::size_t rule_set_bytes_max = 2048;    ///< that a roster names
inline constexpr std::size_t roster_bytes_max = 8U << 10;  ///< of the largest roster
inline constexpr int flatbuffer_depth_max = 8;
inline constexpr int flatbuffer_tables_max = 1024;

}  // namespace vouch::limits
