// SPDX-License-Identifier: MIT
#include "vouch/observe/dump.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vouch/base/stream_key.hpp"
#include "vouch/observe/batches.hpp"
#include "vouch/observe/disputes.hpp"
#include "vouch/observe/finished.hpp"
#include "vouch/observe/health.hpp"
#include "vouch/observe/proofs.hpp"
#include "vouch/observe/rosters.hpp"
#include "vouch/observe/shared.hpp"
#include "vouch/observe/threads.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::observe {
namespace {

using json::Array;
using json::Object;

json::Value frontier_json(const FrontierMap& frontier) {
  Array out;
  for (const auto& [writer, entry] : frontier) {
    if (entry == proven_entry) continue;  // the proofs say it
    out.push_back(Object{{"writer", writer.peer.hex()},
                         {"incarnation", std::uint64_t{writer.incarnation}},
                         {"last", entry.last},
                         {"chain", entry.chain.hex()}});
  }
  return out;
}

Object member_json(const PeerId& peer, const state::MemberClaim& claim) {
  const Member& member = claim.member;
  return {{"peer", peer.hex()},
          {"name", member.name},
          {"incarnation", std::uint64_t{claim.incarnation}},
          {"session", member.session},
          {"status", std::string(member.status == MemberStatus::alive ? "alive" : "left")},
          {"direct", member.direct},
          {"gossip", member.gossip},
          {"version", member.version},
          {"rule_set", member.rule_set}};
}

json::Value findings_json(const std::vector<BriefFinding>& findings) {
  Array out;
  for (const BriefFinding& f : findings) {
    out.push_back(
        Object{{"index", f.index},
               {"code", std::uint64_t{f.code}},
               {"severity", std::string(name_of(static_cast<validator::Severity>(f.severity)))}});
  }
  return out;
}

json::Value attestation_json(const PeerId& voter, const state::AttestationCell& cell) {
  const auto& [head, claim] = *cell.claims().begin();
  const Summary& s = *claim.value.value();
  return Object{{"voter", voter.hex()},
                {"upto", cell.rank().upto},
                {"head", head.hex()},
                {"contradicts_itself", cell.contradicts_itself()},
                {"accepted", s.accepted},
                {"warned", s.warned},
                {"rejected", s.rejected},
                {"unjudged", s.unjudged},
                {"run_ended", s.run_ended},
                {"closed", s.closed},
                {"findings", findings_json(s.findings)}};
}

/// All voters that reached the furthest point name one head there.
bool agreed(const state::StreamCells& cells) {
  const state::AttestationCell* furthest = nullptr;
  for (const auto& [voter, cell] : cells.entries()) {
    if (cell.contradicts_itself()) return false;
    if (furthest == nullptr || furthest->rank() < cell.rank()) furthest = &cell;
  }
  for (const auto& [voter, cell] : cells.entries()) {
    if (cell.rank() == furthest->rank() &&
        cell.claims().begin()->first != furthest->claims().begin()->first) {
      return false;
    }
  }
  return true;
}

json::Value totals_json(const state::State& state) {
  std::uint64_t disputed = 0;
  for (const auto& [stream, cells] : state.streams.entries()) disputed += agreed(cells) ? 0 : 1;
  return Object{{"streams", std::uint64_t{state.streams.size()}}, {"disputed", disputed}};
}

/// By its key, or by the name that submitters give it.
bool is_meant(const std::string& wanted, const std::string& stream) {
  return wanted.empty() || wanted == stream || wanted == stream_name(stream);
}

/// Of a stream that began under a later rule set: its name, and the epoch that brought the rules.
void add_key(const std::string& stream, Object& out) {
  const auto key = parse_stream_key(stream);
  if (!key || key->epoch == 0) return;
  out.emplace_back("name", std::string(key->name));
  out.emplace_back("rules_epoch", std::uint64_t{key->epoch});
}

/// Of all streams, or of `only` this one.
json::Value streams_json(const state::State& state, const std::string& only) {
  Array out;
  for (const auto& [stream, cells] : state.streams.entries()) {
    if (!is_meant(only, stream)) continue;
    Array attestations;
    for (const auto& [voter, cell] : cells.entries()) {
      attestations.push_back(attestation_json(voter, cell));
    }
    Object one{
        {"stream", stream}, {"agreed", agreed(cells)}, {"attestations", std::move(attestations)}};
    add_key(stream, one);
    out.push_back(std::move(one));
  }
  return out;
}

Object counters_json(const machine::PeerMachine& machine) {
  const sync::ReplicaCounters& r = machine.replica().counters();
  const machine::MachineCounters& m = machine.counters();
  const sync::PushCounters& p = machine.pusher().counters();
  return {{"batches_received", r.batches},
          {"records_received", r.records},
          {"duplicates", r.duplicates},
          {"gaps", r.gaps},
          {"malformed", r.malformed},
          {"wrong_cluster", r.wrong_cluster},
          {"unknown_writer", r.unknown_writer},
          {"bad_signature", r.bad_signature},
          {"forks", r.forks},
          {"proven_writer", r.proven_writer},
          {"proofs", r.proofs},
          {"bad_proofs", r.bad_proofs},
          {"bad_ballots", r.bad_ballots},
          {"misplaced_votes", r.misplaced_votes},
          {"bad_certificates", r.bad_certificates},
          {"heartbeats", m.heartbeats},
          {"bad_heartbeats", m.bad_heartbeats},
          {"bad_pushes", m.bad_pushes},
          {"refused", m.refused},
          {"disputes", m.disputes},
          {"reincarnations", m.reincarnations},
          {"cells_repaired", m.repaired},
          {"states_taken", m.transfers},
          {"state_leaves_to_take", machine.transfer().leaves_left()},
          {"signatures_made", machine.signer().made()},
          {"signatures_checked", machine.signer().checked()},
          {"pulls_sent", machine.puller().asked()},
          {"pushes_sent", p.sent},
          {"pushes_retried", p.retried},
          {"push_conflicts", p.conflicts},
          {"push_backlog_bytes", std::uint64_t{machine.pusher().backlog_bytes()}}};
}

Object certificate_json(const std::string& stream, const std::string& proposal,
                        const Certificate& c, bool closed, const membership::RuleChain& rules) {
  Object out{{"stream", stream},
             {"proposal", proposal},
             {"subject", c.subject.hex()},
             {"height", std::uint64_t{c.height}},
             {"view", std::uint64_t{c.view}},
             {"size", c.value.size},
             {"head", c.value.head.hex()},
             {"closed", closed},
             {"certificate", to_hex(encode_certificate(c))}};
  if (stream.empty()) return out;
  add_key(stream, out);
  out.emplace_back("rule_set", std::string(rules.of(stream)));
  return out;
}

/// The last certificate of every subject that has a name here, or of `only` this stream.
Array certificates_json(const machine::PeerMachine& machine,
                        const std::optional<sync::ReleasedRow>& released, const std::string& only) {
  Array out;
  const membership::RuleChain rules = machine.agreement().setting().rules();
  if (released && released->certificate) {
    out.push_back(certificate_json(released->name, "", *released->certificate, true, rules));
  }
  machine.agreement().each([&](const consensus::Agreement::View& view) {
    const bool proposal = view.kind == consensus::SubjectKind::proposal;
    if (!view.last || (!only.empty() && (proposal || !is_meant(only, view.name)))) return;
    out.push_back(certificate_json(proposal ? "" : view.name, proposal ? view.name : "", *view.last,
                                   view.finished, rules));
  });
  return out;
}

Object traffic_json(const Traffic& t) {
  return {
      {"gossip_frames_sent", t.gossip_frames_sent}, {"gossip_bytes_sent", t.gossip_bytes_sent},
      {"direct_frames_sent", t.direct_frames_sent}, {"direct_bytes_sent", t.direct_bytes_sent},
      {"frames_dropped", t.frames_dropped},         {"handshakes_refused", t.handshakes_refused}};
}

void add_heard(json::Value& members, const machine::PeerMachine& machine, Instant now) {
  for (json::Value& member : *members.get<Array>()) {
    const auto peer = PeerId::from_hex(*member.find_text("peer"));
    const auto neighbour = machine.neighbours().find(*peer);
    if (neighbour == machine.neighbours().end()) continue;
    const auto ago =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - neighbour->second.heard);
    member.get<Object>()->emplace_back("heard_ms", std::int64_t{ago.count()});
    if (const auto& last = neighbour->second.last) {
      member.get<Object>()->emplace_back("events", last->events);
    }
  }
}

json::Value members_json(const state::State& state) {
  Array out;
  for (const auto& [peer, cell] : state.members.entries()) {
    out.push_back(member_json(peer, *cell.value()));
  }
  return out;
}

/// Of parts, those that are wanted; the others are not made.
class Parts {
 public:
  Parts(const Dump& wanted, Object& out) : wanted_(wanted), out_(out) {}
  void add(const char* part, const auto& make) {
    if (wanted_.wants(part)) out_.emplace_back(part, make());
  }

 private:
  const Dump& wanted_;
  Object& out_;
};

void add_state(const state::State& state, const FrontierMap& frontier, const Dump& wanted,
               Object& out) {
  Parts parts(wanted, out);
  parts.add("frontier", [&] { return frontier_json(frontier); });
  parts.add("members", [&] { return members_json(state); });
  parts.add("proofs", [&] { return proofs_json(state.proofs); });
  parts.add("streams", [&] { return streams_json(state, wanted.stream); });
  parts.add("totals", [&] { return totals_json(state); });
  parts.add("threads", [&] { return threads_json(state); });
  parts.add("shared", [&] { return shared_json(state); });
  parts.add("state_hash", [&] { return state::state_hash(state).hex(); });
  parts.add("frontier_hash", [&] { return state::frontier_hash(frontier).hex(); });
}

}  // namespace

Result<void> check_parts(const Dump& wanted) {
  const bool known = std::ranges::all_of(wanted.parts, [](const std::string& part) {
    return std::ranges::find(dump_parts, part) != dump_parts.end();
  });
  if (known && wanted.parts.size() <= dump_parts.size()) return {};
  return fail(Errc::invalid_config,
              fmt::format("a dump has these parts, each once: {}", fmt::join(dump_parts, ", ")));
}

Object dump_stored(const state::State& state, const FrontierMap& frontier) {
  Object out;
  add_state(state, frontier, {}, out);
  out.emplace_back("state_digest", state::StateSum(state).digest().hex());
  return out;
}

std::string dump_live(const machine::PeerMachine& machine, const std::string& cluster,
                      const OwnView& own, const Dump& wanted, Instant now) {
  const sync::Replica& replica = machine.replica();
  Object out{{"peer", replica.self().peer.hex()},
             {"name", machine.config().self.name},
             {"cluster", cluster},
             {"rule_set", machine.config().self.rule_set},
             {"incarnation", std::uint64_t{replica.self().incarnation}},
             {"session", machine.config().self.session},
             {"live", true},
             {"trouble", trouble_of(machine)}};
  add_state(replica.state(), replica.frontier(), wanted, out);
  Parts parts(wanted, out);
  parts.add("state_digest", [&] { return replica.state_digest().hex(); });
  parts.add("roster",
            [&] { return chain_json(machine.rosters(), machine.config().self.rule_set); });
  parts.add("batches", [&] { return batches_json(replica.history().batches()); });
  parts.add("counters", [&] { return counters_json(machine); });
  parts.add("certificates",
            [&] { return certificates_json(machine, own.released, wanted.stream); });
  parts.add("disputes", [&] {
    return disputes_json(
        {machine.agreement(), replica.state(), machine.roster().voters(), now, {}});
  });
  parts.add("agreement", [&] { return agreement_json(machine, now); });
  parts.add("health", [&] { return health_json(machine, own.store_error, now); });
  parts.add("finished", [&] { return finished_json(machine); });
  parts.add("traffic", [&] { return traffic_json(own.traffic); });
  parts.add("stalls", [&] { return own.stalls.json(); });
  json::Value value(std::move(out));
  if (json::Value* members = value.find("members")) add_heard(*members, machine, now);
  return json::to_text(value);
}

}  // namespace vouch::observe
