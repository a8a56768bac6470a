// Messages between peers, and between clients and peers, as plain values; schemas/message.fbs has
// the grammar. Decoding takes any bytes.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/ids.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch {

/// How much of a writer's log is held: the last contiguous record number and the hash of its batch.
struct FrontierEntry {
  std::uint64_t last = 0;
  Hash chain;
  bool operator==(const FrontierEntry&) const = default;
};
using FrontierMap = std::map<Writer, FrontierEntry>;

/// What stands in a frontier in place of all logs of a peer that is proven to misbehave: no batch
/// names incarnation 0, and no log reaches `proven_entry`.
inline Writer proven_logs(const PeerId& peer) {
  return {peer, 0};
}
inline constexpr FrontierEntry proven_entry{UINT64_MAX, {}};

/// Says what is held. Who holds the same is silent, who holds anything else answers with its own.
struct Check {
  FrontierDigest frontier;
  bool operator==(const Check&) const = default;
};
/// One log of a frontier: salted hashes of its writer and of its end (lib/sync/marks.hpp).
struct Mark {
  std::uint32_t writer = 0;
  std::uint64_t last = 0;
  std::uint32_t chain = 0;
  bool operator==(const Mark&) const = default;
};
/// Asks for all batches beyond a frontier.
struct Pull {
  std::uint64_t salt = 0;
  std::vector<Mark> marks;
  bool own = false;  ///< only those of whoever is asked, and of who asks
  bool operator==(const Pull&) const = default;
};
/// Sealed batches in an order in which they can be accepted; `more` when the answer was cut short.
struct Pulled {
  std::vector<Bytes> batches;
  std::uint32_t incarnation = 0;  ///< the asker's highest of which anything is held
  bool more = false;
  bool behind = false;  ///< of some log more is held, and what the asker needs first is not sent
  bool self_behind = false;  ///< that log is the asker's
  bool operator==(const Pulled&) const = default;
};
/// Events of a stream from its ingesting peer to a validator, signed over their digests.
struct Push {
  std::string stream;
  std::uint64_t first = 0;
  std::vector<std::string> events;
  bool closes = false;  ///< the close mark follows the last event
  BundlePath path;      ///< to the root that is signed, of all pushes that left together
  Signature signature;
  bool attest = false;  ///< somebody waits: attest at once how far you are
  bool operator==(const Push&) const = default;
};
struct Pushed {
  std::string stream;
  std::uint64_t next = 0;  ///< the index the validator needs next
  bool conflict = false;   ///< it holds another event at one of the indices
  bool operator==(const Pushed&) const = default;
};
/// Words of one voter to another (lib/consensus/messages.hpp); has no answer of its own.
struct Agree {
  Bytes words;
  bool operator==(const Agree&) const = default;
};
/// Asks for stored events first..upto-1 of a stream.
struct AskEvents {
  std::string stream;
  std::uint64_t first = 0;
  std::uint64_t upto = 0;
  /// Of all of them: events from another one on are not wanted. Empty when they are not known.
  std::vector<Hash> digests;
  bool operator==(const AskEvents&) const = default;
};
/// What stands for the events of a stream up to `size`, where these are gone.
struct EventsState {
  std::uint64_t size = 0;
  Bytes bytes;        ///< validator::FoldState
  Bytes certificate;  ///< of a value with their hash as state
  bool operator==(const EventsState&) const = default;
};
/// As many as are held and go into one answer; none when the first is not held.
struct Events {
  std::string stream;
  std::uint64_t first = 0;
  std::vector<std::string> events;
  std::optional<EventsState> state = {};  ///< where the first is gone, and instead of events
  bool operator==(const Events&) const = default;
};
/// Asks where a state differs.
struct AskLeaves {
  std::uint64_t salt = 0;  ///< of the sums; 0: those that are kept up with the state
  std::vector<LogEnd> read;
  bool operator==(const AskLeaves&) const = default;
};
/// The state in limits::state_leaves parts (lib/state/state_sum.hpp).
struct Leaves {
  FrontierDigest frontier;           ///< of the logs that the state comes from
  std::vector<std::uint64_t> sums;   ///< of each part
  std::vector<std::uint16_t> lacks;  ///< which of the logs in question are not read so far
  bool operator==(const Leaves&) const = default;
};
/// Asks for the cells of some leaves.
struct AskCells {
  std::vector<std::uint16_t> leaves;  ///< rising, at most limits::asked_leaves_max
  std::vector<LogEnd> read;
  bool operator==(const AskCells&) const = default;
};
/// All cells of these leaves, which may be fewer than were asked for.
struct Cells {
  struct Cell {
    Bytes key, row;  ///< lib/state/cells.hpp
    bool operator==(const Cell&) const = default;
  };
  FrontierDigest frontier;
  std::vector<std::uint16_t> leaves;
  std::vector<Cell> cells;
  std::vector<std::uint16_t> lacks;  ///< as in Leaves
  bool operator==(const Cells&) const = default;
};
/// Asks how far the logs of everybody reach.
struct AskEnds {
  std::optional<Writer> after;  ///< of those that follow on this one
  std::uint32_t epoch = 0;      ///< of the newest roster that the asker knows
  bool operator==(const AskEnds&) const = default;
};
/// The last batch of each log, or the proof against its writer.
struct Ends {
  std::vector<Bytes> rosters;  ///< certificates of those after the asker's
  std::vector<Bytes> batches;
  std::optional<Writer> upto;  ///< others follow on this one; nothing when that is all
  bool operator==(const Ends&) const = default;
};
/// Asks for streams and proposals that the state let go of.
struct AskReleased {
  std::optional<SubjectId> after;  ///< those whose subjects follow on this one
  std::vector<LogEnd> read;
  bool operator==(const AskReleased&) const = default;
};
/// By subject, rising; `more` when others follow.
struct ReleasedSubjects {
  struct Stream {
    std::string name;
    std::uint64_t size = 0;  ///< entries, the close mark included
    Hash head;
    auto operator<=>(const Stream&) const = default;
  };
  std::vector<Stream> streams;
  bool more = false;
  std::vector<std::uint16_t> lacks;  ///< as in Leaves
  std::vector<SubjectId> proposals;
  bool operator==(const ReleasedSubjects&) const = default;
};
/// Asks what was decided about a proposal.
struct AskValue {
  SubjectId proposal;
  bool operator==(const AskValue&) const = default;
};
struct ProposalValue {
  Bytes certificate;  ///< packed; unchecked
  Bytes value;        ///< at most proposal_bytes_max; unchecked
  bool operator==(const ProposalValue&) const = default;
};
struct Open {
  std::string stream;
  bool operator==(const Open&) const = default;
};
struct Opened {
  std::uint64_t next = 0;
  bool closed = false;
  bool operator==(const Opened&) const = default;
};
struct Submit {
  std::string stream;
  std::optional<std::uint64_t> first;  ///< index of the first event; nothing = the next free ones
  std::vector<std::string> events;
  bool closes = false;
  bool operator==(const Submit&) const = default;
};
/// Answer to Submit: encoded verdicts (lib/validator/verdict_codec.hpp) in the order of the events.
struct Verdicts {
  std::vector<Bytes> verdicts;
  std::uint64_t next = 0;
  bool operator==(const Verdicts&) const = default;
};
struct Dump {
  std::string
      stream;  ///< of streams and certificates its own alone, also once released; empty: all
  std::vector<std::string> parts = {};  ///< by name (observe/dump.hpp); none: all
  bool wants(std::string_view part) const {
    return parts.empty() || std::find(parts.begin(), parts.end(), part) != parts.end();
  }
  bool operator==(const Dump&) const = default;
};
struct Dumped {
  std::string json;
  bool operator==(const Dumped&) const = default;
};
/// An operator proposes the roster of these bytes (membership/roster.hpp), or, when there are none,
/// only asks. Answered with Dumped: observe/rosters.hpp.
struct ChangeRoster {
  Bytes roster;
  bool operator==(const ChangeRoster&) const = default;
};
struct Refused {
  Errc code = Errc::malformed;
  std::string detail;
  bool operator==(const Refused&) const = default;
};

using MessageBody =
    std::variant<Pull, Pulled, Push, Pushed, Open, Opened, Submit, Verdicts, Dump, Dumped, Refused,
                 AskEvents, Events, Agree, Check, ChangeRoster, AskLeaves, Leaves, AskCells, Cells,
                 AskEnds, Ends, AskReleased, ReleasedSubjects, AskValue, ProposalValue>;

struct Message {
  std::uint64_t id = 0;
  MessageBody body;
  bool operator==(const Message&) const = default;
};

Bytes encode_message(const Message& message);
/// Errc::malformed for anything no encoder makes. Thread-safe, no state.
Result<Message> decode_message(ByteView bytes);

void write_frontier(class ByteWriter& out, const FrontierMap& frontier);

}  // namespace vouch
