// SPDX-License-Identifier: MIT
#include "tools/dump_health.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "tools/json_view.hpp"
#include "tools/plain_text.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"
#include "vouch/schemas/proof.hpp"

namespace vouch::tools {
namespace {

enum class Kind : std::uint8_t { counter, gauge, milliseconds, flag };

/// One figure: where it stands in a dump, and what Prometheus calls it.
struct Metric {
  std::string_view group, member, name;
  Kind kind;
  std::string_view help;
};

constexpr std::array metrics{
    Metric{"agreement", "certificates", "vouch_certificates_total", Kind::counter,
           "Decisions that were learned"},
    Metric{"agreement", "nulls", "vouch_null_certificates_total", Kind::counter,
           "Decisions that certify nothing"},
    Metric{"agreement", "settled_by_vote", "vouch_certificates_by_vote_total", Kind::counter,
           "Decisions of views above 0"},
    Metric{"agreement", "disputes", "vouch_disputes_total", Kind::counter,
           "Instances in which voters differed"},
    Metric{"agreement", "view_changes", "vouch_view_changes_total", Kind::counter,
           "Own view-changes"},
    Metric{"agreement", "votes_sent", "vouch_votes_sent_total", Kind::counter,
           "Own statements that were signed"},
    Metric{"agreement", "bundles", "vouch_vote_bundles_total", Kind::counter,
           "Signatures over own statements"},
    Metric{"agreement", "contradictions", "vouch_contradictions_total", Kind::counter,
           "Pairs of votes that no honest voter casts both of"},
    Metric{"agreement", "evidence_lost", "vouch_evidence_lost_total", Kind::counter,
           "Instances in which a voter's evidence was wrong"},
    Metric{"agreement", "evidence_put_off", "vouch_evidence_put_off_total", Kind::counter,
           "Times that a voter's evidence was put off, since too much of it was open or wrong"},
    Metric{"agreement", "alarms", "vouch_certificate_alarms_total", Kind::counter,
           "Certificates that contradict another"},
    Metric{"agreement", "other_states", "vouch_other_states_total", Kind::counter,
           "Certified states that the own fold does not come to"},
    Metric{"agreement", "bad_words", "vouch_bad_words_total", Kind::counter,
           "Words of voters that were refused"},
    Metric{"agreement", "refolded", "vouch_streams_refolded_total", Kind::counter,
           "Streams that were put on a certified chain"},
    Metric{"agreement", "resumed", "vouch_streams_resumed_total", Kind::counter,
           "Of those, streams that go on behind a certified state, the events before being gone"},
    Metric{"agreement", "events_forgotten", "vouch_events_forgotten_total", Kind::counter,
           "Events of open streams that went, a certified state standing for them"},
    Metric{"agreement", "decisions_timed", "vouch_decision_seconds_count", Kind::counter,
           "Decisions after an own vote"},
    Metric{"agreement", "decision_ms", "vouch_decision_seconds_sum", Kind::milliseconds,
           "Time from the first own vote to the decision"},
    Metric{"agreement", "open", "vouch_open_instances", Kind::gauge,
           "Instances with an own vote and without a decision"},
    Metric{"agreement", "open_disputes", "vouch_open_disputes", Kind::gauge,
           "Instances in which voters differ now"},
    Metric{"agreement", "oldest_open_ms", "vouch_oldest_open_instance_seconds", Kind::milliseconds,
           "Age of the oldest open instance"},
    Metric{"agreement", "last_certificate_ms", "vouch_last_certificate_age_seconds",
           Kind::milliseconds, "Time since the last decision was learned"},
    Metric{"agreement", "votes", "vouch_has_vote", Kind::flag, "This peer is a voter"},
    Metric{"health", "can_decide", "vouch_can_decide", Kind::flag,
           "As many voters as a decision needs are heard"},
    Metric{"health", "voters", "vouch_voters", Kind::gauge, "Voters of the roster"},
    Metric{"health", "needed", "vouch_voters_needed", Kind::gauge, "Voters that a decision needs"},
    Metric{"health", "heard", "vouch_voters_heard", Kind::gauge,
           "Voters whose votes can be counted now, this peer included"},
    Metric{"health", "differing", "vouch_states_differing", Kind::gauge,
           "Peers with another state than this one from the same logs"},
    Metric{"health", "forced_epochs", "vouch_forced_epochs", Kind::gauge,
           "Epochs of the roster that an operator forced"},
    Metric{"finished", "over", "vouch_streams_over", Kind::gauge,
           "Streams that are over and still shown"},
    Metric{"finished", "waiting", "vouch_streams_waiting", Kind::gauge,
           "Streams that some voters have finished and others not"},
    Metric{"finished", "released", "vouch_streams_released_total", Kind::counter,
           "Streams that all voters have finished: nothing of them is in memory"},
    Metric{"counters", "cells_repaired", "vouch_cells_repaired_total", Kind::counter,
           "Cells of the state that were wrong and were put right as other voters hold them"},
    Metric{"counters", "states_taken", "vouch_states_taken_total", Kind::counter,
           "States that were taken over from other voters, their logs being gone"},
    Metric{"counters", "state_leaves_to_take", "vouch_state_leaves_to_take", Kind::gauge,
           "Of 1,024 parts of the state, those that are still being taken over"},
    Metric{"counters", "records_received", "vouch_records_received_total", Kind::counter,
           "Records of other peers that were news"},
    Metric{"counters", "bad_signature", "vouch_bad_signatures_total", Kind::counter,
           "Frames with a wrong signature"},
    Metric{"counters", "proofs", "vouch_proofs_total", Kind::counter,
           "Keys that were proven to misbehave"},
    Metric{"counters", "push_backlog_bytes", "vouch_push_backlog_bytes", Kind::gauge,
           "Events that validators have not acknowledged"},
    Metric{"traffic", "gossip_bytes_sent", "vouch_gossip_sent_bytes_total", Kind::counter,
           "Published, before encryption"},
    Metric{"traffic", "direct_bytes_sent", "vouch_direct_sent_bytes_total", Kind::counter,
           "Sent to single peers, before encryption"},
    Metric{"traffic", "frames_dropped", "vouch_frames_dropped_total", Kind::counter,
           "Frames that were not sent"},
    Metric{"traffic", "handshakes_refused", "vouch_handshakes_refused_total", Kind::counter,
           "Connections with a key that is not listed"}};

const json::Value* member_of(const json::Value& dump, std::string_view group) {
  const json::Value* found = dump.find(group);
  return found == nullptr || found->get<json::Object>() == nullptr ? nullptr : found;
}

Result<const json::Value*> health_of(const json::Value& dump) {
  const json::Value* health = member_of(dump, "health");
  if (health != nullptr) return health;
  return fail(Errc::unknown, "only a running peer knows how it is: give its socket with --peer");
}

void print_one(const json::Value& group, const Metric& metric) {
  if (group.find(metric.member) == nullptr) return;
  const std::uint64_t value = metric.kind == Kind::flag ? (flag(group, metric.member) ? 1 : 0)
                                                        : number(group, metric.member);
  // Sum and count of a summary share the help and the type of its name.
  constexpr std::string_view count = "_count", sum = "_sum";
  const bool part = metric.name.ends_with(count) || metric.name.ends_with(sum);
  const std::string_view base = metric.name.substr(0, metric.name.rfind('_'));
  const std::string_view type = metric.kind == Kind::counter ? "counter" : "gauge";
  if (!part || metric.name.ends_with(count)) {
    fmt::print("# HELP {0} {1}\n# TYPE {0} {2}\n", part ? base : metric.name, metric.help,
               part ? "summary" : type);
  }
  if (metric.kind == Kind::milliseconds) {
    fmt::print("{} {}.{:03}\n", metric.name, value / 1000, value % 1000);
  } else {
    fmt::print("{} {}\n", metric.name, value);
  }
}

/// All kinds, so that a graph has a zero to rise from.
void print_proven(const json::Array& proofs) {
  fmt::print("# HELP {0} Keys that are proven to misbehave\n# TYPE {0} gauge\n",
             "vouch_proven_keys");
  for (const ProofKind kind : proof_kinds) {
    const auto count = std::ranges::count_if(
        proofs, [kind](const json::Value& proof) { return text(proof, "kind") == name_of(kind); });
    fmt::print("vouch_proven_keys{{kind=\"{}\"}} {}\n", name_of(kind), count);
  }
}

}  // namespace

Result<bool> print_health(const json::Value& dump, bool as_json) {
  const auto health = health_of(dump);
  if (!health) return tl::unexpected(health.error());
  const std::string state = text(**health, "state");
  if (as_json) {
    fmt::print("{}\n", json::to_text(**health));
    return state != "failing";
  }
  fmt::print("{}: {} of {} voters heard, {} needed to decide\n", state, number(**health, "heard"),
             number(**health, "voters"), number(**health, "needed"));
  for (const json::Value& reason : list(**health, "reasons")) {
    if (const auto* why = reason.get<std::string>()) fmt::print("  {}\n", printable(*why));
  }
  for (const json::Value& note : list(**health, "notes")) {
    if (const auto* what = note.get<std::string>()) fmt::print("  {}\n", printable(*what));
  }
  return state != "failing";
}

std::vector<std::string> metrics_parts() {
  std::set<std::string> parts{"proofs"};
  for (const Metric& metric : metrics) parts.emplace(metric.group);
  return {parts.begin(), parts.end()};
}

Result<void> print_metrics(const json::Value& dump) {
  if (const auto health = health_of(dump); !health) return tl::unexpected(health.error());
  for (const Metric& metric : metrics) {
    if (const json::Value* group = member_of(dump, metric.group)) print_one(*group, metric);
  }
  print_proven(list(dump, "proofs"));
  return {};
}

}  // namespace vouch::tools
