// SPDX-License-Identifier: MIT
#include "tests/sim/scale/print.hpp"

#include <string_view>

#include <fmt/format.h>

namespace vouch::sim {
namespace {

constexpr std::array<std::string_view, roles_count> role_names{"voters", "relays", "observers"};

std::string json_of(const Times& times) {
  return fmt::format(R"({{"p50":{:.1f},"p99":{:.1f},"max":{:.1f}}})", times.p50, times.p99,
                     times.max);
}

std::string json_of(const Spread& spread) {
  return fmt::format(R"({{"median":{:.1f},"max":{:.1f}}})", spread.median, spread.max);
}

std::string json_of(const RoleFigures& role) {
  return fmt::format(
      R"({{"peers":{},"received_bytes_per_s":{},"sent_bytes_per_s":{},"checks_per_s":{},)"
      R"("received_heartbeats":{:.1f},"received_batches":{:.1f},"received_direct":{:.1f}}})",
      role.peers, json_of(role.received), json_of(role.sent), json_of(role.checks),
      role.heartbeat_bytes, role.batch_bytes, role.direct_bytes);
}

void print_json(const ScaleReport& r, double wall_s) {
  std::string roles;
  for (std::size_t i = 0; i < roles_count; ++i) {
    roles += fmt::format(R"("{}":{},)", role_names[i], json_of(r.roles[i]));
  }
  fmt::print(R"({{"ok":{},"seed":{},"peers":{},"fan_out":{},"trace_hash":"{:016x}","rounds":{},)"
             R"("hops":{},"attestations":{},)",
             r.ok(), r.settings.seed, r.settings.peers, r.settings.fan_out, r.trace_hash,
             r.settings.rounds, r.hops, r.attested);
  fmt::print(R"("to_voters_ms":{},"to_all_ms":{},"to_equal_ms":{},)", json_of(r.to_voters),
             json_of(r.to_all), json_of(r.to_equal));
  fmt::print(R"({}"heartbeat_bytes":{:.1f},"batch_bytes":{:.1f},"batches_per_s":{:.2f},)"
             R"("certificates_per_s":{:.2f},)",
             roles, r.heartbeat_bytes, r.batch_bytes, r.batches, r.certificates);
  fmt::print(R"("expected":{{"batches_per_s":{:.1f},"gossip_bytes_per_s":{:.1f},)"
             R"("relay_sent_bytes_per_s":{:.1f},"voter_sent_bytes_per_s":{:.1f},)"
             R"("to_all_max_ms":{:.1f}}},)",
             r.expected.batches, r.expected.gossip_bytes, r.expected.relay_sent,
             r.expected.voter_sent, r.expected.to_all_max);
  fmt::print(R"("asked_in_vain":{},"steps":{},"virtual_s":{:.1f},"wall_s":{:.1f}}})"
             "\n",
             r.asked_in_vain, r.steps, r.measured_s, wall_s);
}

void print_times(std::string_view what, const Times& times) {
  fmt::print("  {:<44} p50 {:>6.0f}   p99 {:>6.0f}   max {:>6.0f} ms\n", what, times.p50, times.p99,
             times.max);
}

}  // namespace

void print_scale(const ScaleReport& r, double wall_s, bool json) {
  for (const std::string& breach : r.breaches) fmt::print(stderr, "  {}\n", breach);
  if (json) {
    print_json(r, wall_s);
    return;
  }
  fmt::print("{} peers ({} voters, {} relays, {} observers), relays of {}: at most {} hops\n",
             r.settings.peers, r.roles[0].peers, r.roles[1].peers, r.roles[2].peers,
             r.settings.fan_out, r.hops);
  fmt::print("{} rounds, {:.0f} s of virtual time in {:.0f} s; {} steps, trace {:016x}\n\n",
             r.settings.rounds, r.measured_s, wall_s, r.steps, r.trace_hash);
  fmt::print("Time to converge, {} attestations\n", r.attested);
  print_times("from a voter until all voters hold it", r.to_voters);
  print_times("from a voter until every peer holds it", r.to_all);
  print_times("from events until all are certified and equal", r.to_equal);
  fmt::print("  {:<44} {:>34.0f} ms\n\n", "the longest way in the tree, by arithmetic",
             r.expected.to_all_max);
  fmt::print("Per peer and second{:>19}{:>22}{:>24}\n", "received, bytes", "sent, bytes",
             "signatures checked");
  fmt::print("{:>27}{:>11}{:>12}{:>11}{:>12}{:>11}\n", "median", "max", "median", "max", "median",
             "max");
  for (std::size_t i = 0; i < roles_count; ++i) {
    const RoleFigures& role = r.roles[i];
    fmt::print("  {:<10}{:>15.0f}{:>11.0f}{:>12.0f}{:>11.0f}{:>12.1f}{:>11.1f}\n", role_names[i],
               role.received.median, role.received.max, role.sent.median, role.sent.max,
               role.checks.median, role.checks.max);
  }
  fmt::print("\n{:.1f} certificates/s: {:.0f} batches/s by arithmetic\n", r.certificates,
             r.expected.batches);
  fmt::print("{:.1f} batches/s of {:.0f} bytes, {} heartbeats/s of {:.0f} bytes: {:.0f} bytes/s\n",
             r.batches, r.batch_bytes, r.settings.voters, r.heartbeat_bytes,
             r.expected.gossip_bytes);
  fmt::print(
      "to whom has no vote, {:.0f} from a relay with all its subscribers, {:.0f} gossip from\n"
      "a voter, by arithmetic\n",
      r.expected.relay_sent, r.expected.voter_sent);
}

}  // namespace vouch::sim
