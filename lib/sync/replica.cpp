// SPDX-License-Identifier: MIT
#include "vouch/sync/replica.hpp"

#include "vouch/base/bundle.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/membership/certificate.hpp"
#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/schemas/proof.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/state/vote_cells.hpp"
#include "vouch/sync/seal.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::sync {
namespace {

// Leaves room for the header, the signature and FlatBuffers' own bytes in a frame.
constexpr std::size_t body_bytes_max = limits::part_bytes - 512;

Bytes frontier_key(const Writer& writer) {
  ByteWriter key;
  key.raw(writer.peer.view());
  key.u32(writer.incarnation);
  return key.take();
}

Bytes frontier_row(const FrontierEntry& entry) {
  ByteWriter row;
  row.u64(entry.last);
  row.raw(entry.chain.view());
  return row.take();
}

template <class Record>
void move_tail(std::vector<Record>& from, std::size_t keep, std::vector<Record>& to) {
  const auto middle = from.begin() + static_cast<std::ptrdiff_t>(keep);
  to.assign(std::make_move_iterator(middle), std::make_move_iterator(from.end()));
  from.erase(middle, from.end());
}

/// Splits `records` in two, half of what can be moved in each; all else stays in the first, a
/// ballot because it is signed as a whole. Nothing when there is nothing to move.
std::optional<std::pair<Records, Records>> halve(const Records& records) {
  const std::size_t movable = records.attestations.size() + records.certificates.size() +
                              records.runs.size() + records.finished.size() + records.puts.size() +
                              records.finished_proposals.size();
  if (movable == 0 || records.size() == 1) return std::nullopt;
  std::size_t keep = movable / 2;
  Records low = records, high;
  const auto divide = [&keep](auto& from, auto& to) {
    const std::size_t kept = std::min(keep, from.size());
    move_tail(from, kept, to);
    keep -= kept;
  };
  divide(low.attestations, high.attestations);
  divide(low.certificates, high.certificates);
  divide(low.runs, high.runs);
  divide(low.finished, high.finished);
  divide(low.puts, high.puts);
  divide(low.finished_proposals, high.finished_proposals);
  return std::pair(std::move(low), std::move(high));
}

}  // namespace

Replica::Replica(ReplicaConfig config, const Signer& signer, state::State state,
                 FrontierMap frontier)
    : config_(std::move(config)),
      own_rosters_(config_.cluster, config_.roster),
      signer_(signer),
      state_(std::move(state)),
      frontier_(std::move(frontier)) {
  self_.peer = signer.id();
  // Proofs decide: whatever else a damaged store gave, the frontier says the same.
  std::erase_if(frontier_, [this](const auto& entry) {
    return entry.first.incarnation == 0 || proven(entry.first.peer);
  });
  for (const auto& [peer, proof] : state_.proofs.entries()) {
    frontier_[proven_logs(peer)] = proven_entry;
  }
  sum_ = state::StateSum(state_);
}

void Replica::write_as(std::uint32_t incarnation) {
  self_ = Writer{signer_.id(), incarnation};
}

void Replica::disown(const Writer& log, Outbox& out) {
  frontier_.erase(log);
  digest_stale_ = true;
  state_.sessions.erase(log);
  out.persist(Table::frontier, frontier_key(log), std::nullopt);
  out.persist(Table::cells, state::session_cell_key(log), std::nullopt);
  out.erase_all(Table::batches, log_prefix(log));
  out.withdraw(log);
  disown_votes(log, out);
  sum_ = state::StateSum(state_);
}

/// Votes that only the forgotten log carried: what others hold of it says them again, or not.
void Replica::disown_votes(const Writer& log, Outbox& out) {
  for (auto* cells : {&state_.prepares, &state_.commits}) {
    const Phase phase = cells == &state_.prepares ? Phase::prepare : Phase::commit;
    std::decay_t<decltype(*cells)> kept;
    for (const auto& [subject, voters] : cells->entries()) {
      auto others = voters;
      const state::VoteCell* own = voters.find(log.peer);
      if (own != nullptr) {
        const auto votes = state::votes_of(phase, subject, log.peer, *own);
        if (votes.front().statement.incarnation == log.incarnation) {
          others.erase(log.peer);
          out.persist(Table::cells, state::vote_key(phase, subject, log.peer), std::nullopt);
        }
      }
      if (!others.empty()) kept.join_at(subject, others);
    }
    *cells = std::move(kept);
  }
}

std::uint32_t Replica::highest_own_incarnation() const {
  std::uint32_t highest = 0;
  for (const auto& [writer, entry] : frontier_) {
    if (writer.peer == signer_.id()) highest = std::max(highest, writer.incarnation);
  }
  return highest;
}

void Replica::write(const Records& records, Outbox& out) {
  VOUCH_CHECK(self_.incarnation != 0 && !proven(self_.peer));
  if (records.empty()) return;
  const Bytes body = encode_records(records);
  if (body.size() > body_bytes_max) {
    if (const auto halves = halve(records)) {
      write(halves->first, out);
      write(halves->second, out);
      return;
    }
  }
  write_one(records, body, out);
}

void Replica::write_one(const Records& records, ByteView body, Outbox& out) {
  const FrontierEntry before = frontier_[self_];
  BatchHeader header;
  header.cluster = config_.cluster;
  header.writer = self_;
  header.first = before.last + 1;
  header.count = static_cast<std::uint32_t>(records.size());
  header.previous = before.chain;
  header.epoch = logged_epoch();
  history_.note(header, records, frontier_);
  SealedBatch batch = seal_batch(header, body, signer_);
  absorb(header, records, out);
  advance(self_, header.last(), batch.hash, out);
  out.persist(Table::batches, batch_key(self_, header.first), batch.frame);
  out.synced = true;
  if (config_.publishes) out.publish.push_back(std::move(batch.frame));
}

Receipt Replica::receive(ByteView raw, Outbox& out) {
  if (is_proof(raw)) return receive_proof(raw, out);
  const auto frame = split_frame(raw);
  if (!frame || frame->kind != FrameKind::batch) {
    ++counters_.malformed;
    return {};
  }
  const auto header = decode_batch_header(*frame);
  if (!header) {
    ++counters_.malformed;
    return {};
  }
  if (header->cluster != config_.cluster) {
    ++counters_.wrong_cluster;
    return {Accepted::refused, header->writer};
  }
  const PeerId& peer = header->writer.peer;
  if (!takes_from(peer)) {
    ++counters_.unknown_writer;
    return {Accepted::refused, header->writer};
  }
  if (proven(header->writer.peer)) {
    ++counters_.proven_writer;
    return {Accepted::refused, header->writer};
  }
  // What a certificate comes to must not rest on what other logs told so far.
  if (header->epoch > rosters().newest().epoch()) {
    ++counters_.unknown_epoch;
    return {Accepted::refused, header->writer};
  }
  return place(*frame, *header, raw, out);
}

/// The epoch of the newest roster that the logs tell of, as far as they are read here.
std::uint32_t Replica::logged_epoch() const {
  const auto* held = state_.certificates.find(roster_subject(config_.cluster));
  if (held == nullptr) return rosters().first().epoch();
  return held->claims().begin()->first.epoch;
}

Receipt Replica::place(const FrameView& frame, const BatchHeader& header, ByteView raw,
                       Outbox& out) {
  const auto held = frontier_.find(header.writer);
  const FrontierEntry before = held == frontier_.end() ? FrontierEntry{} : held->second;
  // Old batches are plentiful when pulls and gossip overlap: they are not worth a verification,
  // unless the newest one comes back changed.
  const bool old = header.last() <= before.last;
  if (old && (header.last() != before.last || batch_hash(frame) == before.chain)) {
    ++counters_.duplicates;
    return {Accepted::duplicate, header.writer};
  }
  const Bytes text = batch_statement(frame);
  if (!signer_.verify(header.writer.peer, text, frame.signature)) {
    ++counters_.bad_signature;
    return {Accepted::refused, header.writer};
  }
  if (!old && header.first > before.last + 1) {
    ++counters_.gaps;
    return {Accepted::gap, header.writer};
  }
  if (old || header.first != before.last + 1 || header.previous != before.chain) {
    ++counters_.forks;
    // Our own log is given up by whoever has the pen: nobody accuses itself.
    if (header.writer.peer != self_.peer && before.last != 0) {
      out.evidence.push_back({header.writer, before.last, 0, to_bytes(raw)});
    }
    return {Accepted::forked, header.writer};
  }
  const auto records = decode_records(frame.body);
  if (!records || records->size() != header.count) {
    ++counters_.malformed;
    return {Accepted::refused, header.writer};
  }
  Absorbed absorbed = absorb(header, *records, out);
  advance(header.writer, header.last(), crypto::blake2b(text), out);
  out.persist(Table::batches, batch_key(header.writer, header.first), to_bytes(raw));
  // What is known is no news: where subscriptions go round in circles it ends here.
  if (config_.relays) out.publish.push_back(to_bytes(raw));
  ++counters_.batches;
  counters_.records += header.count;
  find_double_votes(absorbed.votes, out);
  return {Accepted::news, header.writer, std::move(absorbed)};
}

Absorbed Replica::absorb(const BatchHeader& header, const Records& records, Outbox& out) {
  const Writer& writer = header.writer;
  Absorbed absorbed{votes_of(writer, records.ballot),
                    convincing(header.epoch, records.certificates), records.finished_proposals};
  state::State delta = state::delta_from(writer, header.first, records);
  if (!absorbed.votes.empty()) delta.join(state::delta_from(absorbed.votes));
  if (!absorbed.certificates.empty()) delta.join(state::delta_from(absorbed.certificates));
  take_in(std::move(delta), out);
  return absorbed;
}

/// Whatever the logs say becomes part of the state here.
void Replica::take_in(state::State said, Outbox& out) {
  state::State news = std::move(said).delta_of(state_);
  leave_out_released(news);
  sum_.take(state_, news);
  state_.join(news);
  state::visit_forms(state_, news, [this, &out](Bytes key, const Bytes& value, Bytes row) {
    sum_.add(key, value);
    out.persist(Table::cells, std::move(key), std::move(row));
  });
  find_contradictions(news, out);
  tell_attested(news, out);
  for (const auto& [slot, peers] : news.puts.entries()) {
    for (const auto& [peer, cell] : peers.entries()) {
      out.notices.push_back(PutHeard{peer, cell.value()->key, cell.value()->mark});
    }
  }
  const bool roster = news.certificates.find(roster_subject(config_.cluster)) != nullptr;
  release_finished(roster ? state_ : news, out);
}

void Replica::tell_attested(const state::State& news, Outbox& out) {
  for (const auto& [stream, voters] : news.streams.entries()) {
    for (const auto& [voter, cell] : voters.entries()) {
      for (const auto& [head, claim] : cell.claims()) {
        out.notices.push_back(Attested{stream, voter, cell.rank().upto, head});
      }
    }
  }
}

std::vector<SignedStatement> Replica::votes_of(const Writer& writer, const Ballot& ballot) {
  if (ballot.statements.empty()) return {};
  auto votes = open_ballot(config_.cluster, signer_, writer.peer, ballot);
  if (votes.empty()) ++counters_.bad_ballots;
  counters_.misplaced_votes += std::erase_if(votes, [&writer](const SignedStatement& vote) {
    const Statement& s = vote.statement;
    const bool gossips = s.phase == Phase::prepare || s.phase == Phase::commit;
    return !gossips || s.view != 0 || s.incarnation != writer.incarnation;
  });
  return votes;
}

/// `epoch` is what the batch says that its writer knows: with the rosters that follow in it that is
/// what its certificates may rest on, here and everywhere.
std::vector<Certificate> Replica::convincing(std::uint32_t epoch,
                                             const std::vector<Certificate>& certificates) {
  std::vector<Certificate> out;
  const SubjectId subject = roster_subject(config_.cluster);
  for (const Certificate& certificate : certificates) {
    const state::CertificateCell* held = state_.certificates.find(certificate.subject);
    // All voters write the certificate they made: its signatures are checked once, not n times.
    const bool old =
        held != nullptr &&
        (certificate.height < held->rank() ||
         (certificate.height == held->rank() && held->claims().contains(certificate.value)));
    if (old) continue;
    const auto doubt = rosters().doubt_of(signer_, certificate);
    if (doubt == membership::Doubt::none && certificate.epoch <= epoch) {
      out.push_back(certificate);
      if (certificate.subject == subject && certificate.value.epoch > epoch) {
        epoch = certificate.value.epoch;
        rosters().add(signer_, certificate);
      }
    } else {
      ++counters_.bad_certificates;
    }
  }
  return out;
}

void Replica::advance(const Writer& writer, std::uint64_t last, const Hash& chain, Outbox& out) {
  frontier_[writer] = {last, chain};
  digest_stale_ = true;
  out.persist(Table::frontier, frontier_key(writer), frontier_row(frontier_[writer]));
}

const Hash& Replica::frontier_digest() const {
  if (digest_stale_) digest_ = state::frontier_hash(frontier_);
  digest_stale_ = false;
  return digest_;
}

FrontierDigest Replica::short_digest() const {
  return *FrontierDigest::from(frontier_digest().view().first(FrontierDigest::size));
}

std::uint64_t Replica::own_last() const {
  const auto own = frontier_.find(self_);
  return own == frontier_.end() ? 0 : own->second.last;
}

Result<void> Replica::restore_frontier(ByteView key, ByteView row, FrontierMap& frontier) {
  ByteReader name(key), in(row);
  Writer writer;
  writer.peer = name.fixed<PeerId>();
  writer.incarnation = name.u32();
  FrontierEntry entry;
  entry.last = in.u64();
  entry.chain = in.fixed<Hash>();
  if (!name.done() || !in.done())
    return fail(Errc::malformed, "a stored frontier has another form");
  frontier[writer] = entry;
  return {};
}

Bytes Replica::log_prefix(const Writer& writer) {
  ByteWriter key;
  key.raw(writer.peer.view());
  for (int shift = 24; shift >= 0; shift -= 8) {
    key.u8(static_cast<std::uint8_t>(writer.incarnation >> shift));
  }
  return key.take();
}

Bytes Replica::batch_key(const Writer& writer, std::uint64_t first) {
  ByteWriter key;
  key.raw(log_prefix(writer));
  key.u64_ordered(first);
  return key.take();
}

}  // namespace vouch::sync
