// SPDX-License-Identifier: MIT
// Packed forms, all numbers LEB128 unless said otherwise:
//   names         count, then per name: length shared with the one before, rest (sorted)
//   sessions      count, then session (rising from 1), nonce (8 bytes)
//   members       count, then session, status, five texts
//   attestations  count, then height, upto, summary, head (32 bytes); the i-th is of the i-th name
//   summary       flags (1 run ended, 2 closed, 4 has findings, 8 has anything but accepted),
//                 accepted, [warned, rejected, unjudged], [count, then index, code, severity]
//   statements    count, then each as schemas/votes.cpp has it; votes_signature, 64 bytes, if any
//   certificates  as schemas/certificate_columns.hpp has it
//   runs          count, then flags (1 ended), thread, run, stream; rising
//   finished      as names
//   puts          count, then slot, flags (1 has a value), incarnation, number, written, version,
//                 key, [value], count, then writer (32 bytes), incarnation, number; rising
//   finished_proposals  count, then subject (32 bytes); rising
#include "vouch/schemas/batch_codec.hpp"

#include <functional>
#include <string_view>
#include <tuple>

#include "batch_generated.h"
#include <flatbuffers/flatbuffers.h>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/certificate_columns.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/schemas/same_text.hpp"
#include "vouch/schemas/subject_column.hpp"
#include "vouch/schemas/utf8.hpp"

namespace vouch {
namespace {

enum SummaryFlag : std::uint8_t {
  run_ended = 1,
  closed = 2,
  has_findings = 4,
  not_all_accepted = 8
};

template <class Items, class Name>
Bytes pack_names(const Items& items, Name name_in) {
  ByteWriter out;
  out.leb(items.size());
  std::string_view previous;
  for (const auto& item : items) {
    const std::string_view name = std::invoke(name_in, item);
    VOUCH_CHECK(previous.data() == nullptr || previous < name);
    const std::size_t shared = shared_prefix(previous, name);
    out.leb(shared);
    out.text(name.substr(shared));
    previous = name;
  }
  return out.take();
}

std::vector<std::string> unpack_names(ByteReader& in) {
  std::vector<std::string> names(in.count(2));
  std::string previous;
  bool first = true;
  for (std::string& name : names) {
    const std::uint64_t shared = in.leb();
    const std::string_view rest = in.text();
    if (shared > previous.size() || shared + rest.size() > limits::stream_name_bytes_max)
      in.spoil();
    if (!in.ok()) return {};
    name = previous.substr(0, shared).append(rest);
    if (!first && name <= previous) in.spoil();
    previous = name;
    first = false;
  }
  return names;
}

Bytes pack_sessions(const std::vector<Session>& sessions) {
  ByteWriter out;
  out.leb(sessions.size());
  for (const Session& s : sessions) {
    out.leb(s.session);
    out.u64(s.nonce);
  }
  return out.take();
}

std::vector<Session> unpack_sessions(ByteReader& in) {
  std::vector<Session> sessions(in.count(9));
  std::uint64_t previous = 0;
  for (Session& s : sessions) {
    s.session = in.leb();
    s.nonce = in.u64();
    if (s.session <= previous) in.spoil();
    previous = s.session;
  }
  return sessions;
}

Bytes pack_members(const std::vector<Member>& members) {
  ByteWriter out;
  out.leb(members.size());
  for (const Member& m : members) {
    out.leb(m.session);
    out.u8(static_cast<std::uint8_t>(m.status));
    for (const std::string* text : {&m.name, &m.direct, &m.gossip, &m.version, &m.rule_set}) {
      out.text(*text);
    }
  }
  return out.take();
}

std::vector<Member> unpack_members(ByteReader& in) {
  std::vector<Member> members(in.count(7));
  for (Member& m : members) {
    m.session = in.leb();
    const std::uint8_t status = in.u8();
    if (status > static_cast<std::uint8_t>(MemberStatus::left)) in.spoil();
    m.status = static_cast<MemberStatus>(status);
    for (std::string* text : {&m.name, &m.direct, &m.gossip, &m.version, &m.rule_set}) {
      *text = in.text();
      if (text->size() > limits::stream_name_bytes_max) in.spoil();
    }
  }
  return members;
}

Bytes pack_attestations(const std::vector<Attestation>& attestations) {
  ByteWriter out;
  out.leb(attestations.size());
  for (const Attestation& a : attestations) {
    out.leb(a.height);
    out.leb(a.upto);
    write_summary(out, a.summary);
    out.raw(a.head.view());
  }
  return out.take();
}

std::vector<Attestation> unpack_attestations(ByteReader& in, std::vector<std::string> names) {
  std::vector<Attestation> attestations(in.count(36));
  if (attestations.size() != names.size()) in.spoil();
  for (std::size_t i = 0; in.ok() && i < attestations.size(); ++i) {
    Attestation& a = attestations[i];
    a.stream = std::move(names[i]);
    const std::uint64_t height = in.leb();
    if (height > UINT32_MAX) in.spoil();
    a.height = static_cast<std::uint32_t>(height);
    a.upto = in.leb();
    a.summary = read_summary(in);
    a.head = in.fixed<Hash>();
  }
  return attestations;
}

Bytes pack_statements(const std::vector<Statement>& statements) {
  VOUCH_CHECK(statements.size() <= bundle_statements_max);
  ByteWriter out;
  out.leb(statements.size());
  for (const Statement& statement : statements) write_statement(out, statement);
  return out.take();
}

Ballot unpack_ballot(ByteReader& in, ByteReader& signature) {
  constexpr std::size_t statement_bytes_min = 2 + SubjectId::size + 4;
  Ballot ballot;
  const std::size_t count = in.count(statement_bytes_min);
  if (count > bundle_statements_max) in.spoil();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    ballot.statements.push_back(read_statement(in));
  }
  if (count > 0) ballot.signature = signature.fixed<Signature>();
  return ballot;
}

Bytes pack_runs(const std::vector<ThreadRun>& runs) {
  ByteWriter out;
  out.leb(runs.size());
  for (const ThreadRun& r : runs) {
    out.u8(r.ended ? 1 : 0);
    for (const std::string* text : {&r.thread, &r.run, &r.stream}) out.text(*text);
  }
  return out.take();
}

std::vector<ThreadRun> unpack_runs(ByteReader& in) {
  std::vector<ThreadRun> runs(in.count(4));
  const auto place = [](const ThreadRun& r) { return std::tie(r.thread, r.run, r.stream); };
  for (std::size_t i = 0; in.ok() && i < runs.size(); ++i) {
    ThreadRun& r = runs[i];
    const std::uint8_t flags = in.u8();
    r.ended = flags == 1;
    if (flags > 1) in.spoil();
    for (std::string* text : {&r.thread, &r.run, &r.stream}) {
      *text = in.text();
      if (text->size() > limits::stream_name_bytes_max) in.spoil();
    }
    if (i > 0 && place(r) <= place(runs[i - 1])) in.spoil();
  }
  return runs;
}

Bytes pack_puts(const std::vector<Put>& puts) {
  ByteWriter out;
  out.leb(puts.size());
  for (const Put& put : puts) write_put(out, put);
  return out.take();
}

std::vector<Put> unpack_puts(ByteReader& in) {
  std::vector<Put> puts(in.count(9));
  for (std::size_t i = 0; in.ok() && i < puts.size(); ++i) {
    puts[i] = read_put(in);
    if (i > 0 && puts[i].slot <= puts[i - 1].slot) in.spoil();
  }
  return puts;
}

void write_mark(ByteWriter& out, const PutMark& mark) {
  out.leb(mark.incarnation);
  out.leb(mark.number);
}

PutMark read_mark(ByteReader& in) {
  const std::uint64_t incarnation = in.leb();
  const std::uint64_t number = in.leb();
  if (incarnation == 0 || incarnation > UINT32_MAX || number == 0) in.spoil();
  return {static_cast<std::uint32_t>(incarnation), number};
}

/// A column that is absent is an empty list.
ByteView column_of(const flatbuffers::Vector<std::uint8_t>* column) {
  static constexpr std::uint8_t none[] = {0};
  return column == nullptr ? ByteView(none) : ByteView(column->data(), column->size());
}

}  // namespace

void write_summary(ByteWriter& out, const Summary& s) {
  const bool plain = s.warned == 0 && s.rejected == 0 && s.unjudged == 0;
  out.u8(static_cast<std::uint8_t>((s.run_ended ? run_ended : 0) | (s.closed ? closed : 0) |
                                   (s.findings.empty() ? 0 : has_findings) |
                                   (plain ? 0 : not_all_accepted)));
  out.leb(s.accepted);
  if (!plain) {
    out.leb(s.warned);
    out.leb(s.rejected);
    out.leb(s.unjudged);
  }
  if (s.findings.empty()) return;
  out.leb(s.findings.size());
  for (const BriefFinding& f : s.findings) {
    out.zigzag(f.index);
    out.leb(f.code);
    out.u8(f.severity);
  }
}

Summary read_summary(ByteReader& in) {
  Summary s;
  const std::uint8_t flags = in.u8();
  if (flags > 15) in.spoil();
  s.run_ended = (flags & run_ended) != 0;
  s.closed = (flags & closed) != 0;
  s.accepted = in.leb();
  if ((flags & not_all_accepted) != 0) {
    s.warned = in.leb();
    s.rejected = in.leb();
    s.unjudged = in.leb();
  }
  if ((flags & has_findings) == 0) return s;
  s.findings.resize(in.count(3));
  if (s.findings.empty() || s.findings.size() > limits::first_findings_max) in.spoil();
  for (BriefFinding& f : s.findings) {
    f.index = in.zigzag();
    const std::uint64_t code = in.leb();
    f.severity = in.u8();
    if (code > UINT16_MAX || f.severity > 2) in.spoil();
    f.code = static_cast<std::uint16_t>(code);
  }
  return s;
}

void write_put(ByteWriter& out, const Put& put) {
  out.leb(put.slot);
  out.u8(put.value ? 1 : 0);
  write_mark(out, put.mark);
  out.leb(put.written_ms);
  out.leb(put.version);
  out.text(put.key);
  if (put.value) out.text(*put.value);
  out.leb(put.over.size());
  for (const auto& [writer, mark] : put.over) {
    out.raw(writer.view());
    write_mark(out, mark);
  }
}

Put read_put(ByteReader& in) {
  Put put;
  const std::uint64_t slot = in.leb();
  const std::uint8_t flags = in.u8();
  if (slot >= limits::put_slots || flags > 1) in.spoil();
  put.slot = static_cast<std::uint16_t>(slot);
  put.mark = read_mark(in);
  put.written_ms = in.leb();
  put.version = in.leb();
  put.key = in.text();
  if (put.key.empty() || put.key.size() > limits::put_key_bytes_max || !valid_utf8(put.key)) {
    in.spoil();
  }
  if (flags == 1) put.value = in.text();
  if (put.value && put.value->size() > limits::put_value_bytes_max) in.spoil();
  put.over.resize(in.count(PeerId::size + 2));
  if (put.over.size() > limits::voters_max) in.spoil();
  for (std::size_t i = 0; in.ok() && i < put.over.size(); ++i) {
    auto& [writer, mark] = put.over[i];
    writer = in.fixed<PeerId>();
    mark = read_mark(in);
    if (i > 0 && writer <= put.over[i - 1].first) in.spoil();
  }
  return put;
}

Bytes encode_records(const Records& records) {
  flatbuffers::FlatBufferBuilder builder(1024);
  const auto column = [&builder](bool any, const Bytes& bytes) {
    return any ? builder.CreateVector(bytes) : 0;
  };
  const bool attests = !records.attestations.empty();
  const auto names = column(attests, pack_names(records.attestations, &Attestation::stream));
  const auto sessions = column(!records.sessions.empty(), pack_sessions(records.sessions));
  const auto members = column(!records.members.empty(), pack_members(records.members));
  const auto attestations = column(attests, pack_attestations(records.attestations));
  const bool votes = !records.ballot.statements.empty();
  const auto statements = column(votes, pack_statements(records.ballot.statements));
  const auto signature = column(votes, to_bytes(records.ballot.signature.view()));
  const auto certificates =
      column(!records.certificates.empty(), pack_certificates(records.certificates));
  const auto runs = column(!records.runs.empty(), pack_runs(records.runs));
  const auto finished =
      column(!records.finished.empty(), pack_names(records.finished, std::identity()));
  const auto puts = column(!records.puts.empty(), pack_puts(records.puts));
  const auto proposals =
      column(!records.finished_proposals.empty(), pack_subjects(records.finished_proposals));
  builder.Finish(wire::CreateBatch(builder, names, sessions, members, attestations, statements,
                                   signature, certificates, runs, finished, puts, proposals));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Result<Records> decode_records(ByteView body) {
  // A copy on the heap is aligned; the verifier accepts unaligned buffers that must not be read.
  const Bytes aligned = to_bytes(body);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), limits::flatbuffer_depth_max,
                                 limits::flatbuffer_tables_max);
  if (!wire::VerifyBatchBuffer(verifier)) return fail(Errc::malformed, "batch body is no table");
  const wire::Batch* batch = wire::GetBatch(aligned.data());
  ByteReader names(column_of(batch->names()));
  ByteReader sessions(column_of(batch->sessions()));
  ByteReader members(column_of(batch->members()));
  ByteReader attestations(column_of(batch->attestations()));
  ByteReader statements(column_of(batch->statements()));
  const auto* signed_by = batch->votes_signature();
  ByteReader signature(signed_by == nullptr ? ByteView() : column_of(signed_by));
  ByteReader certificates(column_of(batch->certificates()));
  ByteReader runs(column_of(batch->runs()));
  ByteReader finished(column_of(batch->finished()));
  ByteReader puts(column_of(batch->puts()));
  ByteReader proposals(column_of(batch->finished_proposals()));
  Records records;
  records.sessions = unpack_sessions(sessions);
  records.members = unpack_members(members);
  records.attestations = unpack_attestations(attestations, unpack_names(names));
  records.ballot = unpack_ballot(statements, signature);
  records.certificates = unpack_certificates(certificates);
  records.runs = unpack_runs(runs);
  records.finished = unpack_names(finished);
  records.puts = unpack_puts(puts);
  records.finished_proposals = unpack_subjects(proposals);
  for (const ByteReader* column :
       {&names, &sessions, &members, &attestations, &statements, &signature, &certificates, &runs,
        &finished, &puts, &proposals}) {
    if (!column->done()) return fail(Errc::malformed, "batch columns do not fit their form");
  }
  return records;
}

}  // namespace vouch
