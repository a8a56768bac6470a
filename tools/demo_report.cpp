// SPDX-License-Identifier: MIT
#include "tools/demo_report.hpp"

#include <algorithm>
#include <map>

#include "tools/json_view.hpp"
#include <fmt/format.h>
#include <unistd.h>

#include "vouch/client/peer_client.hpp"
#include "vouch/membership/roster.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::tools {
namespace {

std::size_t certified(const json::Value& dump, const std::vector<RecordedStream>& streams) {
  std::map<std::string, std::uint64_t> sizes;
  for (const json::Value& one : list(dump, "certificates")) {
    sizes[text(one, "stream")] = number(one, "size");
  }
  return static_cast<std::size_t>(std::count_if(streams.begin(), streams.end(), [&](const auto& s) {
    const auto size = sizes.find(s.name);
    return size != sizes.end() && size->second >= s.events.size();
  }));
}

PeerOutcome peer_outcome(const ProcessPeer& peer, const json::Value& dump,
                         const std::vector<RecordedStream>& streams) {
  PeerOutcome out{peer.name,
                  peer.id.short_hex(),
                  text(dump, "state_hash"),
                  number(dump, "session"),
                  0,
                  0,
                  0,
                  0,
                  certified(dump, streams)};
  if (const json::Value* traffic = dump.find("traffic")) {
    out.gossip_frames = number(*traffic, "gossip_frames_sent");
    out.gossip_bytes = number(*traffic, "gossip_bytes_sent");
    out.direct_frames = number(*traffic, "direct_frames_sent");
    out.direct_bytes = number(*traffic, "direct_bytes_sent");
  }
  return out;
}

/// The most attested head of a closed stream, and its counts.
StreamOutcome stream_outcome(const json::Value& stream) {
  StreamOutcome out;
  out.stream = text(stream, "stream");
  std::map<std::string, std::size_t> heads;
  for (const json::Value& attestation : list(stream, "attestations")) {
    if (!flag(attestation, "closed")) continue;
    const std::size_t voters = ++heads[text(attestation, "head")];
    if (voters < out.voters) continue;
    out.voters = voters;
    out.events = number(attestation, "upto");
    out.accepted = number(attestation, "accepted");
    out.warned = number(attestation, "warned");
    out.rejected = number(attestation, "rejected");
    out.unjudged = number(attestation, "unjudged");
  }
  return out;
}

json::Value report_json(const DemoReport& report) {
  json::Array streams, peers;
  for (const StreamOutcome& s : report.streams) {
    streams.push_back(json::Object{{"stream", s.stream},
                                   {"events", s.events},
                                   {"accepted", s.accepted},
                                   {"warned", s.warned},
                                   {"rejected", s.rejected},
                                   {"unjudged", s.unjudged},
                                   {"voters", std::uint64_t{s.voters}}});
  }
  for (const PeerOutcome& p : report.peers) {
    peers.push_back(json::Object{{"name", p.name},
                                 {"peer", p.id},
                                 {"state_hash", p.state_hash},
                                 {"session", p.session},
                                 {"gossip_frames", p.gossip_frames},
                                 {"gossip_bytes", p.gossip_bytes},
                                 {"direct_frames", p.direct_frames},
                                 {"direct_bytes", p.direct_bytes},
                                 {"certified", std::uint64_t{p.certified}}});
  }
  json::Object out{{"converged", report.converged()},
                   {"converge_ms", report.converge_ms},
                   {"streams", std::move(streams)},
                   {"peers", std::move(peers)}};
  if (report.receipt) {
    const ReceiptOutcome& r = *report.receipt;
    out.emplace_back("receipt", json::Object{{"stream", r.stream},
                                             {"height", std::uint64_t{r.height}},
                                             {"size", r.size},
                                             {"votes", std::uint64_t{r.votes}},
                                             {"valid", r.valid},
                                             {"tampered_refused", r.tampered_refused}});
  }
  if (report.lie) out.emplace_back("lie", lie_json(*report.lie));
  return json::Value(std::move(out));
}

void print_streams(const DemoReport& report) {
  fmt::print("\n{:<58} {:>6} {:>8} {:>6} {:>8} {:>8} {:>6}\n", "stream", "events", "accepted",
             "warned", "rejected", "unjudged", "voters");
  for (const StreamOutcome& s : report.streams) {
    const std::string name =
        s.stream.size() <= 58 ? s.stream : "…" + s.stream.substr(s.stream.size() - 57);
    fmt::print("{:<58} {:>6} {:>8} {:>6} {:>8} {:>8} {:>4}/{}\n", name, s.events, s.accepted,
               s.warned, s.rejected, s.unjudged, s.voters, report.voters);
  }
}

void print_peers(const DemoReport& report) {
  fmt::print("\n{:<5} {:<9} {:<17} {:>8} {:>9} {:>14} {:>13} {:>14} {:>13}\n", "peer", "key",
             "state hash", "session", "certified", "gossip frames", "gossip bytes", "direct frames",
             "direct bytes");
  for (const PeerOutcome& p : report.peers) {
    fmt::print("{:<5} {:<9} {:<17} {:>8} {:>6}/{:<2} {:>14} {:>13} {:>14} {:>13}\n", p.name, p.id,
               p.state_hash.substr(0, 16), p.session, p.certified, report.streams.size(),
               p.gossip_frames, p.gossip_bytes, p.direct_frames, p.direct_bytes);
  }
}

void print_receipt(const ReceiptOutcome& r) {
  fmt::print("Receipt: {} voters certified the first {} entries of {}; it is {}.\n", r.votes,
             r.size, r.stream, r.valid ? "valid" : "NOT VALID");
  fmt::print("Tampered: the same events with one letter changed are {}.\n",
             r.tampered_refused ? "refused" : "NOT REFUSED");
}

}  // namespace

bool DemoReport::converged() const {
  if (peers.empty() || streams.empty()) return false;
  const auto same = [this](const PeerOutcome& p) {
    return p.state_hash == peers.front().state_hash;
  };
  const auto closed = [this](const StreamOutcome& s) {
    return s.voters >= membership::default_validators(voters);
  };
  return std::all_of(peers.begin(), peers.end(), same) &&
         std::all_of(streams.begin(), streams.end(), closed);
}

bool DemoReport::holds() const {
  const bool caught = lie ? lie->caught() : voters < lie_peers_min;
  return converged() && receipt && receipt->holds() && caught;
}

bool DemoReport::clean(const std::string& stream) const {
  return std::any_of(streams.begin(), streams.end(), [&](const StreamOutcome& s) {
    return s.stream == stream && s.voters > 0 && s.accepted == s.events;
  });
}

Result<DemoReport> examine(ProcessCluster& cluster, const std::vector<RecordedStream>& streams) {
  DemoReport report;
  report.voters = cluster.peers().size();
  for (const ProcessPeer& peer : cluster.peers()) {
    auto client = client::PeerClient::connect({"ipc://" + peer.socket.string(), std::nullopt}, {},
                                              std::chrono::seconds(2));
    if (!client) return tl::unexpected(client.error());
    const auto dump = (*client)->dump();
    if (!dump) return tl::unexpected(dump.error());
    const auto value = json::parse(*dump);
    if (!value) return fail(Errc::malformed, "a peer's state is no JSON");
    report.peers.push_back(peer_outcome(peer, *value, streams));
    if (report.peers.size() > 1) continue;
    for (const json::Value& stream : list(*value, "streams")) {
      report.streams.push_back(stream_outcome(stream));
    }
  }
  if (report.streams.size() != streams.size()) report.streams.resize(streams.size());
  return report;
}

void print_json(const DemoReport& report) {
  fmt::print("{}\n", json::to_text(report_json(report)));
}

void print_outcome(const DemoReport& report) {
  if (report.lie) {
    const LieOutcome& lie = *report.lie;
    fmt::print("\nThe lie was {}, {} and {}.\n", lie.found() ? "found" : "NOT FOUND",
               lie.outvoted() ? "outvoted" : "NOT OUTVOTED",
               lie.proven() ? "proven" : "NOT PROVEN");
  } else if (report.voters < lie_peers_min) {
    fmt::print("\nNobody lies here: {} peers outvote crashes alone, a liar needs {}.\n",
               report.voters, lie_peers_min);
  }
}

void print_report(const DemoReport& report) {
  print_streams(report);
  print_peers(report);
  if (report.converged()) {
    fmt::print("\nConverged: {} peers hold the same state, {} ms after the last event.\n",
               report.peers.size(), report.converge_ms);
  } else {
    fmt::print(
        "\nNOT converged: the state hashes differ, or a validator has not attested the end of a "
        "stream.\n");
  }
  if (report.receipt) {
    print_receipt(*report.receipt);
  } else {
    fmt::print("NO receipt: no clean stream with text was certified.\n");
  }
}

std::filesystem::path default_streams(const std::filesystem::path& program) {
  const auto installed =
      program.parent_path().parent_path() / "share" / "vouch" / "real_streams.jsonl";
  return std::filesystem::exists(installed) ? installed : std::filesystem::path(VOUCH_STREAMS_FILE);
}

DemoView::DemoView(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

void DemoView::say(const std::string& line) {
  if (quiet_) return;
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
  fmt::print(stderr, "{}\n", line);
}

void DemoView::progress(std::size_t streams, std::size_t streams_total, std::size_t events,
                        std::size_t events_total, ProcessCluster& cluster) {
  if (quiet_ || events_total == 0) return;
  const std::size_t tenth = events * 10 / events_total;
  if (!terminal_ && tenth == last_tenth_) return;
  last_tenth_ = tenth;
  std::string alive;
  for (const ProcessPeer& peer : cluster.peers()) {
    alive += fmt::format(" {}{}", peer.name, peer.process > 0 ? "+" : "-");
  }
  const std::string line =
      fmt::format("  {:>3}%  {}/{} events  {}/{} streams  peers{}", events * 100 / events_total,
                  events, events_total, streams, streams_total, alive);
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{}", line);
    std::fflush(stderr);
    drawn_ = true;
  } else {
    fmt::print(stderr, "{}\n", line);
  }
}

}  // namespace vouch::tools
