// What a script says for the voters that it plays, and what it reads.
// SPDX-License-Identifier: MIT
#include "tests/consensus/council.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/membership/certificate.hpp"

namespace vouch::consensus {

const Statement* statement_in(const Body& body) {
  if (const auto* vote = std::get_if<SignedStatement>(&body)) return &vote->statement;
  if (const auto* change = std::get_if<ViewChange>(&body)) return &change->vote.statement;
  if (const auto* view = std::get_if<NewView>(&body)) return &view->vote.statement;
  return nullptr;
}

bool is_vote(const Body& body, Phase phase, std::uint32_t view) {
  const Statement* s = statement_in(body);
  return s != nullptr && s->phase == phase && s->view == view;
}

Statement Council::statement(Phase phase, std::uint32_t view, std::optional<Value> value,
                             std::uint32_t height) const {
  Statement s;
  s.phase = phase;
  s.subject = stream_subject(cluster_, sim::disputed_stream);
  s.height = height;
  s.view = view;
  s.incarnation = 1;
  s.value = value;
  return s;
}

SignedStatement Council::sign(Index voter, const Statement& statement) const {
  return sign_bundle(cluster_, *seats_[voter].signer, {statement}).front();
}

ViewChange Council::change(Index voter, std::uint32_t view, std::size_t branch,
                           std::uint64_t size) const {
  if (size == 0) {
    return {sign(voter, statement(Phase::view_change, view, std::nullopt)), std::nullopt, {}};
  }
  const auto claim = statement(Phase::view_change, view, value(branch, size));
  return {sign(voter, claim), branches_[branch].links(0, size, heads_[branch]), {}};
}

NewView Council::new_view(Index voter, std::uint32_t view, const Value& value,
                          std::vector<ViewChange> basis) const {
  Statement s = statement(Phase::new_view, view, value);
  s.basis = basis_hash(basis);
  return {sign(voter, s), std::move(basis)};
}

namespace {

bool is_about_rosters(const Body& body) {
  const Statement* s = statement_in(body);
  const auto* certificate = std::get_if<Certificate>(&body);
  const auto* proposal = std::get_if<Proposal>(&body);
  return std::holds_alternative<Handover>(body) || std::holds_alternative<HandoverPage>(body) ||
         (s != nullptr && s->subject == roster_subject(ClusterId{})) ||
         (certificate != nullptr && !certificate->roster.empty()) ||
         (proposal != nullptr && membership::decode_roster(proposal->bytes));
}

}  // namespace

void Council::say(Index from, const std::vector<Index>& to, const Body& body) {
  const auto* vote = std::get_if<SignedStatement>(&body);
  for (const Index receiver : to) {
    if (vote != nullptr && vote->statement.view == 0) {
      later(std::chrono::milliseconds(1), [=, this] { deliver({from, receiver, body}); });
    } else {
      const bool roster = is_about_rosters(body);
      const Word word{roster ? SubjectKind::roster : SubjectKind::stream,
                      roster ? std::string(roster_name) : sim::disputed_stream, body};
      later(std::chrono::milliseconds(1), [=, this] { deliver_word(from, receiver, word); });
    }
  }
}

void Council::support(Index voter, std::uint32_t view, const Value& value, std::uint32_t height) {
  for (const Phase phase : {Phase::prepare, Phase::commit}) {
    say(voter, others(voter), sign(voter, statement(phase, view, value, height)));
  }
}

std::vector<SignedStatement> Council::votes(Index hearer, Phase phase, std::uint32_t view,
                                            const Value& value, std::uint32_t height) const {
  std::map<PeerId, SignedStatement> found;
  for (const Body& body : heard(hearer)) {
    const auto* vote = std::get_if<SignedStatement>(&body);
    const bool fits = vote != nullptr && is_vote(body, phase, view) &&
                      vote->statement.value == value && vote->statement.height == height;
    if (fits) found.emplace(vote->voter, *vote);
  }
  std::vector<SignedStatement> out;
  for (const auto& [voter, vote] : found) out.push_back(vote);
  return out;
}

ViewChange Council::change_of(Index hearer, Index voter, std::uint32_t view) const {
  for (const Body& body : heard(hearer)) {
    const auto* change = std::get_if<ViewChange>(&body);
    const bool fits = change != nullptr && is_vote(body, Phase::view_change, view) &&
                      index_of(change->vote.voter) == voter;
    if (fits) return *change;
  }
  ADD_FAILURE() << "voter " << voter << " did not move to view " << view;
  return {};
}

Certificate Council::certificate(const std::vector<SignedStatement>& commits) const {
  std::map<PeerId, SignedStatement> by_voter;
  for (const SignedStatement& commit : commits) by_voter.emplace(commit.voter, commit);
  return membership::certificate_from(by_voter);
}

Value Council::value(std::size_t branch, std::uint64_t size) const {
  return {size, heads_[branch].at(size), 0, branches_[branch].state_at(size, heads_[branch])};
}

Standpoint Council::certified(Index voter) const {
  return seats_[voter].agreement->certified(sim::disputed_stream);
}

std::optional<Certificate> Council::last(Index voter) const {
  return seats_[voter].agreement->certificate(SubjectKind::stream, sim::disputed_stream);
}

const AgreementCounters& Council::counters(Index voter) const {
  return seats_[voter].agreement->counters();
}

std::optional<Value> Council::decided(std::uint32_t height) const {
  const auto held = decided_.find(height);
  return held == decided_.end() ? std::nullopt : std::optional(held->second);
}

}  // namespace vouch::consensus
