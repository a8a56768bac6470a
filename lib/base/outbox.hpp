// What a step wants done, as data. The order is a contract: persist, then send, then notify.
// Nothing here does anything; the driver, or a simulator, carries it out.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "vouch/schemas/messages.hpp"
#include "vouch/schemas/records.hpp"

namespace vouch {

enum class Table : std::uint8_t {
  meta,          ///< single facts
  batches,       ///< peer, incarnation, first number -> sealed frame
  frontier,      ///< peer, incarnation -> last number, chain hash
  cells,         ///< lib/state/cells.hpp
  streams,       ///< stream key -> descriptor
  payloads,      ///< stream key, first index -> events
  agreement,     ///< subject -> lib/consensus/agreement_flush.cpp
  certificates,  ///< subject, height -> certificate
  released,      ///< subject -> lib/sync/released_row.hpp
  states,        ///< stream key -> what stands for events that are gone
};

/// One row to write; nothing as value erases it, or all rows whose keys start like this one.
struct Row {
  Table table = Table::meta;
  Bytes key;
  std::optional<Bytes> value;
  bool prefix = false;
};

struct Send {
  PeerId to;
  Message message;
};
struct Reply {
  std::string route;
  Message message;
};
/// Answer a Pull from the log.
struct AnswerPull {
  std::string route;
  std::uint64_t id = 0;
  PeerId from;
  Pull request;
};
/// Answer a question for events from the store.
struct AnswerEvents {
  std::string route;
  std::uint64_t id = 0;
  AskEvents request;
};
/// Answer a question for the ends of logs, or for what was released, from the store.
struct AnswerStored {
  std::string route;
  std::uint64_t id = 0;
  std::variant<AskEnds, AskReleased, AskValue> request;
  std::vector<std::uint16_t> lacks;  ///< as the answer says it
};
/// Read events of a stream from the store and hand them to on_payload. The target is the peer that
/// gets them, oneself when they are to be judged again.
struct LoadPayload {
  std::string stream;
  std::uint64_t first = 0;
  PeerId target;
};

/// Let events below an index go from the store: a state stands for them.
struct TrimPayload {
  std::string stream;
  std::uint64_t below = 0;
};

/// Read a certificate from the store and send it to a voter that lacks it.
struct LoadCertificate {
  PeerId to;
  SubjectId subject;
  std::uint32_t height = 0;
  std::uint8_t kind = 0;  ///< consensus::SubjectKind
  std::string name;
};
/// Read a page of a handover from the store and hand it to on_page, for this peer.
struct LoadPage {
  PeerId to;
  Bytes key;  ///< of Table::agreement
};
/// Read batches of a writer from the store and hand them to on_evidence: two signed statements that
/// may contradict each other.
struct LoadEvidence {
  Writer writer;
  std::uint64_t number = 0;        ///< of a record in the batch wanted
  std::uint64_t other_number = 0;  ///< the same for the other batch; 0 = `other` is at hand
  Bytes other;
};

/// A voter's attestation became part of the state (our own included).
struct Attested {
  std::string stream;  ///< as everywhere here its key, see base/stream_key.hpp
  PeerId voter;
  std::uint64_t upto = 0;
  Hash head;
  bool reviewed = false;  ///< already compared with our own chain
};
/// Two signed heads differ at one index.
struct Disputed {
  std::string stream;
  std::uint64_t index = 0;
  PeerId one, other;
};
/// A key is proven to misbehave: nothing that it ever wrote counts any more.
struct Proven {
  PeerId offender;
  std::string kind;  ///< see schemas/proof.hpp
  std::string what;  ///< for people; may contain names that the offender chose
};
/// A stream is to be judged again up to `size` entries, and nobody gave all of its events.
struct EventsMissing {
  std::string stream;
  std::uint64_t size = 0;
};
/// A subject was decided up to its next certified point, or, when `null`, once more not.
struct Certified {
  bool proposal = false;
  std::string name;  ///< of the stream or of the user's subject; "" when only its hash is known
  std::uint32_t height = 0;
  std::uint32_t view = 0;  ///< 0: by gossip alone, without any vote on a dispute
  std::uint64_t size = 0;  ///< entries of the stream
  Hash head;
  bool null = false;
  Bytes value;  ///< of a proposal, where it is known
};
/// A peer put or erased a shared value, and it became part of the state. Our own is stored by now.
struct PutHeard {
  PeerId writer;
  std::string key;
  PutMark mark;
};
/// The voters are those of another epoch from now on, here.
struct RosterChanged {
  std::uint32_t epoch = 0;
  bool votes = false;  ///< this peer is one of them, and votes
};
using Notice =
    std::variant<Attested, Disputed, Proven, EventsMissing, Certified, PutHeard, RosterChanged>;

struct Outbox {
  std::vector<Row> rows;
  bool synced = false;  ///< rows must be on disk before anything below leaves
  std::vector<Bytes> publish;
  std::vector<Send> sends;
  std::vector<Reply> replies;
  std::vector<AnswerPull> pulls;
  std::vector<AnswerEvents> events;
  std::vector<AnswerStored> stored;
  std::vector<LoadPayload> loads;
  std::vector<TrimPayload> trims;
  std::vector<LoadCertificate> certificates;
  std::vector<LoadPage> pages;
  std::vector<LoadEvidence> evidence;
  std::vector<Notice> notices;
  std::vector<Writer> withdrawn;  ///< logs that are not stored any more

  /// Batches of a log, or of all logs of a peer (proven_logs), whose rows are erased here: what was
  /// not published yet never is. Whatever an outbox before this one still holds of it, when its
  /// rows were refused, goes as well.
  void withdraw(const Writer& log);
  /// What another one wants follows what this one does.
  void append(Outbox&& other);
  std::size_t size() const {
    return rows.size() + publish.size() + sends.size() + replies.size() + pulls.size() +
           events.size() + stored.size() + loads.size() + certificates.size() + pages.size() +
           evidence.size() + notices.size() + trims.size();
  }
  /// Nothing but rows, on which nothing rests.
  bool only_rows() const { return size() == rows.size(); }

  void persist(Table table, Bytes key, std::optional<Bytes> value) {
    rows.push_back({table, std::move(key), std::move(value)});
  }
  void erase_all(Table table, Bytes prefix) {
    rows.push_back({table, std::move(prefix), std::nullopt, true});
  }
  void send(const PeerId& to, MessageBody body, std::uint64_t id = 0) {
    sends.push_back({to, {id, std::move(body)}});
  }
};

}  // namespace vouch
