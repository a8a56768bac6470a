// The replicated facts that peers write about themselves, as plain values. A record carries no
// writer: it is accepted only from its own writer's batches, and the batch names the writer.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "vouch/schemas/ids.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch {

/// A finding as it is replicated: no text, which every peer can look up by the code.
struct BriefFinding {
  std::int64_t index = 0;  ///< of the event; -1 for what closing the stream found
  std::uint16_t code = 0;
  std::uint8_t severity = 0;  ///< 0 info, 1 warning, 2 fatal
  auto operator<=>(const BriefFinding&) const = default;
};

/// What a prefix of a stream contains: a function of the prefix, so equal heads have equal
/// summaries.
struct Summary {
  std::uint64_t accepted = 0, warned = 0, rejected = 0, unjudged = 0;
  bool run_ended = false;              ///< the last entry ended a run
  bool closed = false;                 ///< the last entry is the close mark
  std::vector<BriefFinding> findings;  ///< the first ones, at most limits::first_findings_max
  auto operator<=>(const Summary&) const = default;
};

/// "I validated the stream up to and including index `upto` and got this head."
struct Attestation {
  std::string stream;
  std::uint32_t height = 0;  ///< certificates of the stream so far
  std::uint64_t upto = 0;
  Hash head;
  Summary summary;
  bool operator==(const Attestation&) const = default;
};

/// First record of every start; two different nonces for one session prove a cloned data folder.
struct Session {
  std::uint64_t session = 0;  ///< 1, 2, 3, ... within an incarnation
  std::uint64_t nonce = 0;    ///< random
  bool operator==(const Session&) const = default;
};

enum class MemberStatus : std::uint8_t { alive = 0, left = 1 };

/// How a peer describes itself.
struct Member {
  std::uint64_t session = 0;
  MemberStatus status = MemberStatus::alive;
  std::string name;
  std::string direct;   ///< endpoint of its ROUTER
  std::string gossip;   ///< endpoint of its PUB
  std::string version;  ///< of the software
  std::string rule_set;
  auto operator<=>(const Member&) const = default;
};

/// "The stream, which came in here, has had this run of the thread." Ids longer than
/// limits::stream_name_bytes_max are named by their hash.
struct ThreadRun {
  std::string thread;
  std::string run;
  std::string stream;
  bool ended = false;  ///< by RUN_FINISHED, RUN_ERROR, a rejection or the end of the stream
  auto operator<=>(const ThreadRun&) const = default;
};

/// Which put of a writer: they rise with every one.
struct PutMark {
  std::uint32_t incarnation = 0;
  std::uint64_t number = 0;
  auto operator<=>(const PutMark&) const = default;
};

/// A writer's word on a key that all peers share, in one of its limits::put_slots slots: it takes
/// the place of what the slot had, and of the puts in `over` wherever they are.
struct Put {
  PutMark mark;  ///< first: the later put of a slot stays
  std::uint16_t slot = 0;
  std::string key;
  std::optional<std::string> value;  ///< nothing: the key is erased
  std::uint64_t written_ms = 0;      ///< Unix time at the writer
  std::uint64_t version = 1;         ///< one more than any in its place of which it was written
  /// The newest put of each other writer that was seen, of this key; rising by writer.
  std::vector<std::pair<PeerId, PutMark>> over;
  auto operator<=>(const Put&) const = default;
};

/// In the order in which a batch numbers them.
struct Records {
  std::vector<Session> sessions;
  std::vector<Member> members;
  std::vector<Attestation> attestations;
  /// The writer's votes of view 0; without statements when it cast none.
  Ballot ballot;
  std::vector<Certificate> certificates;
  std::vector<ThreadRun> runs;  ///< by thread, run and stream, each once
  /// Streams that are over, and of which the writer has nothing more to say; rising, each once.
  std::vector<std::string> finished;
  std::vector<Put> puts;  ///< by slot, each once
  /// The same of proposals that are decided; rising, each once.
  std::vector<SubjectId> finished_proposals;

  std::size_t size() const {
    return sessions.size() + members.size() + attestations.size() + ballot.statements.size() +
           certificates.size() + runs.size() + finished.size() + puts.size() +
           finished_proposals.size();
  }
  bool empty() const { return size() == 0; }
  bool operator==(const Records&) const = default;
};

}  // namespace vouch
