// SPDX-License-Identifier: MIT
#include "vouch/observe/disputes.hpp"

#include "vouch/membership/quorum.hpp"

namespace vouch::observe {
namespace {

using consensus::SubjectKind;
using consensus::Voice;
using json::Array;
using json::Object;
using Voices = std::map<PeerId, Voice>;

/// What there is to say of an open or a settled one.
struct Dispute {
  std::string name;
  SubjectKind kind = SubjectKind::stream;
  SubjectId subject;
  std::uint32_t height = 0;
  std::uint32_t view = 0;
  std::uint64_t certified = 0;
  Voices voices;
  std::optional<std::uint64_t> parting;
  std::optional<Certificate> certificate;
};

/// The votes of view 0 stand in the state, also after a restart.
void add_votes(const state::State& state, const Dispute& dispute, Voices& voices) {
  for (const auto* cells : {&state.prepares, &state.commits}) {
    const auto* voters = cells->find(dispute.subject);
    if (voters == nullptr) continue;
    const Phase phase = cells == &state.prepares ? Phase::prepare : Phase::commit;
    for (const auto& [voter, cell] : voters->entries()) {
      if (cell.rank().height != dispute.height) continue;
      const Voice vote{phase, 0, cell.claims().begin()->first};
      const auto [held, fresh] = voices.try_emplace(voter, vote);
      if (!fresh && held->second.view == 0 && phase == Phase::commit) held->second = vote;
    }
  }
}

/// Two voters voted in view 0 for different values.
bool votes_differ(const Voices& voices) {
  std::set<Value> values;
  for (const auto& [voter, voice] : voices) {
    if (voice.phase != Phase::view_change && voice.value) values.insert(*voice.value);
  }
  return values.size() > 1;
}

Object certificate_json(const Certificate& c, std::uint64_t certified) {
  Array signers;
  for (const Certificate::Commit& commit : c.commits) signers.push_back(commit.voter.hex());
  Object out{{"height", std::uint64_t{c.height}},
             {"view", std::uint64_t{c.view}},
             {"size", c.value.size},
             {"head", c.value.head.hex()},
             {"null", c.value.size == certified},
             {"signers", std::move(signers)}};
  if (c.value.state) out.emplace_back("state", c.value.state->hex());
  return out;
}

Array voters_json(const DisputeSources& sources, const Dispute& dispute) {
  const state::StreamCells* cells = sources.state.streams.find(dispute.name);
  Array out;
  for (const PeerId& voter : sources.voters) {
    Object one{{"voter", voter.hex()}};
    const state::AttestationCell* word = cells == nullptr ? nullptr : cells->find(voter);
    if (word != nullptr && dispute.kind == SubjectKind::stream) {
      one.emplace_back("upto", word->rank().upto);
      one.emplace_back("head", word->claims().begin()->first.hex());
    }
    const auto voice = dispute.voices.find(voter);
    if (voice != dispute.voices.end()) {
      one.emplace_back("said", std::string(name_of(voice->second.phase)));
      one.emplace_back("view", std::uint64_t{voice->second.view});
      if (voice->second.value) {
        one.emplace_back("size", voice->second.value->size);
        one.emplace_back("said_head", voice->second.value->head.hex());
      }
    }
    out.push_back(std::move(one));
  }
  return out;
}

Array missing_json(const DisputeSources& sources, const Dispute& dispute) {
  Array out;
  for (const PeerId& voter : sources.voters) {
    const auto voice = dispute.voices.find(voter);
    const bool here = voice != dispute.voices.end() && voice->second.view >= dispute.view;
    if (!here && !dispute.certificate) out.push_back(voter.hex());
  }
  return out;
}

Object dispute_json(const DisputeSources& sources, const Dispute& dispute) {
  const bool proposal = dispute.kind == SubjectKind::proposal;
  Object out{{"stream", proposal ? "" : dispute.name},
             {"proposal", proposal ? dispute.name : ""},
             {"subject", dispute.subject.hex()},
             {"height", std::uint64_t{dispute.height}},
             {"state", std::string(dispute.certificate ? "settled" : "open")},
             {"view", std::uint64_t{dispute.view}},
             {"certified", dispute.certified},
             {"needed", std::uint64_t{membership::quorum(sources.voters.size())}},
             {"voters", voters_json(sources, dispute)},
             {"missing", missing_json(sources, dispute)}};
  if (dispute.parting) out.emplace_back("parted_at", *dispute.parting);
  if (dispute.certificate) {
    out.emplace_back("certificate", certificate_json(*dispute.certificate, dispute.certified));
  }
  return out;
}

std::int64_t ms_between(Instant from, Instant to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

void add_open(const DisputeSources& sources, Array& out) {
  sources.agreement.each([&](const consensus::Agreement::View& view) {
    // A proposal has no view without a primary: it is no dispute before its first one failed.
    const bool proposal = view.kind == SubjectKind::proposal;
    if (view.open == nullptr || (proposal && view.view < 2)) return;
    Dispute dispute{view.name,
                    view.kind,
                    view.subject,
                    view.open->height(),
                    view.view,
                    view.certified.value.size,
                    view.open->voices(),
                    view.open->parting(),
                    {}};
    add_votes(sources.state, dispute, dispute.voices);
    if (!view.disputed && !votes_differ(dispute.voices)) return;
    Object one = dispute_json(sources, dispute);
    if (const auto began = view.open->began(); began && sources.now) {
      one.emplace_back("since_ms", ms_between(*began, *sources.now));
    }
    out.push_back(std::move(one));
  });
}

void add_settled(const DisputeSources& sources, Array& out) {
  for (const consensus::Settled& s : sources.agreement.settled()) {
    if (s.kind == SubjectKind::proposal && s.certificate.view < 2) continue;
    const Certificate& c = s.certificate;
    Object one = dispute_json(
        sources, {s.name, s.kind, c.subject, c.height, c.view, s.base, s.voices, s.parting, c});
    if (sources.now) one.emplace_back("since_ms", ms_between(s.ended, *sources.now));
    if (s.began) one.emplace_back("took_ms", ms_between(*s.began, s.ended));
    out.push_back(std::move(one));
  }
}

void add_stored(const DisputeSources& sources, Array& out) {
  std::map<SubjectId, std::pair<std::string, SubjectKind>> names;
  sources.agreement.each([&](const consensus::Agreement::View& view) {
    names[view.subject] = {view.name, view.kind};
  });
  std::map<SubjectId, std::uint64_t> certified;
  for (const Certificate& c : sources.stored) {
    const std::uint64_t base = std::exchange(certified[c.subject], c.value.size);
    const auto named = names.find(c.subject);
    const auto kind = named == names.end() ? SubjectKind::stream : named->second.second;
    if (c.view < (kind == SubjectKind::proposal ? 2U : 1U)) continue;
    const std::string name = named == names.end() ? "" : named->second.first;
    out.push_back(
        dispute_json(sources, {name, kind, c.subject, c.height, c.view, base, {}, {}, c}));
  }
}

}  // namespace

Array disputes_json(const DisputeSources& sources) {
  Array out;
  add_open(sources, out);
  add_settled(sources, out);
  add_stored(sources, out);
  return out;
}

}  // namespace vouch::observe
