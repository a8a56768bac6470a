// Carries a machine: hands it what came in, and carries out its outbox. The order is the contract:
// rows are on disk before anything that rests on them leaves, and observers hear of it last; of
// what others attested they hear at once, it rests on no row of ours. While the disk works the
// machine goes on, and what it wants done meanwhile leaves together after that, in its order.
// Rows that nothing rests on wait for the next commit or a quarter of a second. Pure: store, wire
// and time come from outside; the driver and the simulator run this very code.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/row_store.hpp"
#include "vouch/base/wire.hpp"
#include "vouch/ingest/intake.hpp"
#include "vouch/machine/log_trimmer.hpp"
#include "vouch/machine/peer_machine.hpp"
#include "vouch/sync/answer.hpp"
#include "vouch/transport/link.hpp"
#include "vouch/transport/parts.hpp"

namespace vouch::machine {

using NoticeSink = std::function<void(const Notice&)>;
/// Answers requests of clients; nothing for a message that is none.
using ClientDesk = std::function<std::optional<Message>(const Message&)>;

struct CarrierCounters {
  std::uint64_t undecodable = 0;  ///< messages of authenticated senders that are none
  std::uint64_t unsent = 0;       ///< messages a full or absent connection did not take
  std::uint64_t store_errors = 0;
};

/// What a carrier connects; all must outlive it.
struct CarrierParts {
  PeerMachine& machine;
  ingest::Intake& intake;
  RowStore& store;
  Wire& wire;
  NoticeSink notices;
  ClientDesk desk;
};

class Carrier {
 public:
  explicit Carrier(CarrierParts parts)
      : parts_(std::move(parts)), trimmer_(parts_.machine.config().log_bytes) {}

  /// `nonce` is random and new for every start.
  void start(Instant now, std::uint64_t nonce);
  void receive(Instant now, transport::Incoming incoming);
  /// Ends a turn: collects news of streams that are due, ticks the machine, carries out the outbox.
  /// Also to be called when a flush of the store is over. Waits for the disk only when too much
  /// waits for it.
  void turn(Instant now);
  /// See PeerMachine::request, propose, seek_value, propose_roster and put; carried out by the next
  /// turn.
  void request(Instant now, const std::string& stream, std::uint64_t size);
  Result<void> propose(Instant now, const std::string& subject, ByteView value);
  void seek_value(Instant now, const std::string& subject);
  Result<void> propose_roster(Instant now, const membership::Roster& next);
  Result<PutMark> put(std::string_view key, std::optional<std::string> value, std::uint64_t now_ms);
  /// Says goodbye and carries it out.
  void stop(Instant now);
  /// When the next turn is due though nothing comes in; may have passed.
  std::optional<Instant> next_turn() const;

  /// Nothing that the machine knows waits for the disk.
  bool stored() const { return !flushing_ && !outbox_.synced; }
  /// What is told next waits for all that the machine knows by the end of this turn.
  void store_all() { outbox_.synced = true; }
  /// Tells somebody what the machine knows, once it would also know it after a crash; at once while
  /// the store takes no writes.
  void when_stored(std::function<void()> tell);

  /// The store refused the last write: nothing own leaves until it takes writes again.
  bool degraded() const { return store_error_.has_value(); }
  /// Why it refused it.
  const std::optional<Error>& store_error() const { return store_error_; }
  const CarrierCounters& counters() const { return counters_; }
  /// Things that wait to be carried out: bounded whatever the store does.
  std::size_t queued() const;

 private:
  void handle(Instant now, const transport::Incoming& incoming, const Message& message);
  void collect(Instant now);
  void flush(Instant now, bool wait = false);
  bool begin(Instant now);
  bool write(Instant now);
  bool settle(Instant now, bool wait);
  void trim();
  bool crowded();
  void transmit(Instant now);
  /// What others attested rests on nothing of ours: who waits for it waits neither for our disk nor
  /// for the rest of what came in.
  void notify_heard();
  void notify(Outbox& box, const std::function<bool(const Notice&)>& which);
  void hold_back();
  void note_stored(Instant now, const Result<void>& stored);
  static void tell_all(std::vector<std::function<void()>>& waiting);
  void answer(const AnswerPull& pull);
  void answer(const AnswerEvents& ask);
  void answer(const AnswerStored& ask);
  sync::LogReader log_reader(bool& whole);
  /// The batch that holds a record; no bytes when there is none.
  Bytes batch_with(const Writer& writer, std::uint64_t number);
  void weigh_evidence();
  void load(const LoadCertificate& wanted);
  void load(const LoadPage& wanted);
  void load(Instant now, const LoadPayload& wanted);
  std::optional<sync::StateRow> state_of(const std::string& stream);
  void send_state(const LoadPayload& wanted);
  void add_state(const AskEvents& request, Events& answer);
  void trim(const TrimPayload& wanted);
  void send_parts(const Message& message, const std::function<bool(ByteView)>& send);

  CarrierParts parts_;
  LogTrimmer trimmer_;
  transport::PartSplitter splitter_;
  transport::PartAssembler assembler_;
  Outbox outbox_;
  std::vector<std::function<void()>> to_tell_;  ///< once the outbox of this moment has left
  Outbox leaving_;                              ///< leaves when its rows are on disk
  std::vector<std::function<void()>> leaving_to_tell_;
  bool flushing_ = false;    ///< the disk works on them
  std::size_t written_ = 0;  ///< rows of the outbox that the store has already
  std::size_t heard_ = 0;    ///< messages since the disk began
  std::size_t weighed_ = 0;  ///< rows of the outbox whose bytes are counted
  std::size_t waiting_bytes_ = 0;
  std::vector<ingest::Progress> news_;
  Instant next_collect_{};
  Instant next_commit_{};
  std::optional<Error> store_error_;
  CarrierCounters counters_;
};

}  // namespace vouch::machine
