// What is known of subjects, for who asks.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/agreement.hpp"

namespace vouch::consensus {

Standpoint Agreement::certified(const std::string& stream) const {
  const Subject* subject = find(SubjectKind::stream, stream);
  if (subject == nullptr) return {};
  return {subject->height, subject->base.value};
}

std::optional<Certificate> Agreement::certificate(SubjectKind kind, const std::string& name) const {
  const Subject* subject = find(kind, name);
  return subject == nullptr ? std::nullopt : subject->last;
}

std::optional<Agreement::Verdict> Agreement::decision(const std::string& name) const {
  return decision(id_of(SubjectKind::proposal, name));
}

std::optional<Agreement::Verdict> Agreement::decision(const SubjectId& id) const {
  const Subject* subject = subjects_.find(id);
  const bool decided = subject != nullptr && subject->kind == SubjectKind::proposal &&
                       subject->last && subject->open == nullptr;
  if (!decided) return std::nullopt;
  const Bytes* bytes = bytes_of(*subject, subject->last->value);
  return Verdict{*subject->last, bytes == nullptr ? std::nullopt : std::optional(*bytes)};
}

std::string Agreement::name_of(const SubjectId& id) const {
  const Subject* subject = subjects_.find(id);
  return subject == nullptr ? std::string() : subject->name;
}

std::vector<std::pair<membership::Roster, std::set<PeerId>>> Agreement::proposed_rosters() const {
  std::vector<std::pair<membership::Roster, std::set<PeerId>>> out;
  for (const auto& [value, backed] : backed_) {
    std::set<PeerId> by;
    for (const auto& [voter, proposal] : backed.by) by.insert(voter);
    out.emplace_back(backed.roster, std::move(by));
  }
  return out;
}

const Instance* Agreement::deciding() const {
  return subjects_.find(roster_id_)->open.get();
}

std::optional<std::vector<PeerId>> Agreement::entering() const {
  if (!setting_.stopped()) return std::nullopt;
  std::vector<PeerId> out;
  handovers_.each([&](const PeerId& voter, const Handover&) {
    if (handovers_.is_read(voter)) out.push_back(voter);
  });
  return out;
}

bool Agreement::on_track(const std::string& stream) const {
  const Subject* subject = find(SubjectKind::stream, stream);
  return subject == nullptr || !subject->behind;
}

void Agreement::each(const std::function<void(const View&)>& visit) const {
  subjects_.each([&](const SubjectId&, const Subject& s) {
    const bool own = s.kind == SubjectKind::stream || s.kind == SubjectKind::proposal;
    if (s.name.empty() || !own) return;
    const bool open = s.open != nullptr;
    visit({s.id,
           s.name,
           s.kind,
           {s.height, s.base.value},
           open ? s.open->view() : 0,
           open && s.open->disputed(),
           !open,
           s.last,
           s.open.get()});
  });
}

}  // namespace vouch::consensus
