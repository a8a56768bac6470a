// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/chaos.hpp"

#include "vouch/base/bundle.hpp"

namespace vouch::sim {
namespace {

using consensus::Body;
using consensus::NewView;
using consensus::ViewChange;
using consensus::Word;

constexpr std::size_t kept_max = 64;

struct Maker {
  const MischiefContext& context;
  SubjectId subject = stream_subject(context.cluster, disputed_stream);

  std::uint64_t below(std::uint64_t bound) const { return context.random.below(bound); }

  Value some_value() const {
    const std::size_t b = below(context.branches.size());
    const std::uint64_t size = below(context.branches[b].entries.size() + 1);
    return {size, context.heads[b].at(size), 0};
  }

  Statement some_statement(Phase phase) const {
    Statement s;
    s.phase = phase;
    s.subject = subject;
    s.height = context.copy.agreement->certified(disputed_stream).height + 1;
    if (below(8) == 0) s.height += static_cast<std::uint32_t>(below(3));
    s.view = static_cast<std::uint32_t>(below(5));
    s.incarnation = 1;
    s.value = some_value();
    return s;
  }

  SignedStatement sign(const Statement& s) const {
    auto vote = sign_bundle(context.cluster, context.signer, {s}).front();
    if (context.copy.adversary == Adversary::forging) {
      vote.voter = context.roster.voters()[below(context.roster.size())];
    }
    return vote;
  }

  ViewChange some_change(std::uint32_t view) const {
    Statement s = some_statement(Phase::view_change);
    s.view = view;
    ViewChange change;
    const std::size_t b = below(context.branches.size());
    const Branch& branch = context.branches[b];
    const auto base = context.copy.agreement->certified(disputed_stream).value;
    s.value.reset();
    if (below(4) != 0 && base.size < branch.entries.size()) {
      const std::uint64_t size = base.size + 1 + below(branch.end_after(base.size) - base.size);
      s.value = Value{size, context.heads[b].at(size), 0};
      change.links = branch.links(base.size, size);
    }
    if (below(8) == 0) {
      // A lock that nothing but an own prepare proves.
      Statement prepare = some_statement(Phase::prepare);
      prepare.height = s.height;
      prepare.view = static_cast<std::uint32_t>(below(view + 1));
      s.lock = Lock{prepare.view, *prepare.value};
      change.lock_proof.push_back(sign(prepare));
    } else if (below(2) == 0 && !context.copy.votes.empty()) {
      // A lock on something that was prepared, proven with whatever prepares there are.
      const Statement& of = context.copy.votes[below(context.copy.votes.size())].statement;
      s.lock = Lock{of.view, *of.value};
      std::map<PeerId, SignedStatement> proof;
      for (const SignedStatement& vote : context.copy.votes) {
        if (vote.statement.view == of.view && vote.statement.value == of.value &&
            vote.statement.height == of.height) {
          proof.emplace(vote.voter, vote);
        }
      }
      for (const auto& [voter, vote] : proof) change.lock_proof.push_back(vote);
    }
    change.vote = sign(s);
    return change;
  }

  NewView some_new_view() const {
    Statement s = some_statement(Phase::new_view);
    s.view = 1 + static_cast<std::uint32_t>(below(4));
    NewView view;
    std::map<PeerId, ViewChange> basis;
    for (const ViewChange& change : context.copy.changes) {
      if (change.vote.statement.view == s.view && below(4) != 0) {
        basis.emplace(change.vote.voter, change);
      }
    }
    basis[context.signer.id()] = some_change(s.view);
    for (const auto& [voter, change] : basis) view.basis.push_back(change);
    const auto certified = context.copy.agreement->certified(disputed_stream);
    if (below(4) != 0) {
      const consensus::ChoiceContext choosing{disputed_stream, disputed_rules,
                                              context.roster.size()};
      const consensus::Base base{certified.value, 0};
      bool fit = true;
      for (const ViewChange& change : view.basis) {
        fit &= consensus::links_fit(choosing, base, change);
      }
      if (fit) s.value = consensus::choose(choosing, base, s.view, view.basis).value;
    }
    s.basis = consensus::basis_hash(view.basis);
    view.vote = sign(s);
    return view;
  }
};

}  // namespace

bool acts(Adversary adversary) {
  return adversary == Adversary::chaotic || adversary == Adversary::forging ||
         adversary == Adversary::spamming;
}

void collect(Copy& copy, ByteView bytes) {
  const auto words = consensus::decode_words(bytes);
  if (!words) return;
  for (const Word& word : *words) {
    if (const auto* change = std::get_if<ViewChange>(&word.body)) {
      copy.changes.push_back(*change);
      for (const SignedStatement& vote : change->lock_proof) copy.votes.push_back(vote);
    } else if (const auto* vote = std::get_if<SignedStatement>(&word.body)) {
      if (vote->statement.phase == Phase::prepare) copy.votes.push_back(*vote);
    }
  }
  while (copy.changes.size() > kept_max) copy.changes.erase(copy.changes.begin());
  while (copy.votes.size() > kept_max) copy.votes.erase(copy.votes.begin());
}

Mischief make_mischief(const MischiefContext& context) {
  const Maker maker{context};
  Mischief out;
  std::vector<Body> said;
  const bool spams = context.copy.adversary == Adversary::spamming;
  const std::uint64_t kind = spams ? 2 : context.random.below(5);
  if (kind <= 1) {
    const Statement s = maker.some_statement(kind == 0 ? Phase::prepare : Phase::commit);
    if (s.view == 0) {
      Ballot ballot{{s}, {}};
      ballot.signature = sign_bundle(context.cluster, context.signer, {s}).front().signature;
      out.ballot = ballot;
      return out;
    }
    said.emplace_back(maker.sign(s));
  } else if (kind <= 3) {
    const std::uint64_t view = 1 + context.random.below(spams ? 1000 : 4);
    said.emplace_back(maker.some_change(static_cast<std::uint32_t>(view)));
  } else {
    const NewView view = maker.some_new_view();
    said.emplace_back(view);
    for (const Phase phase : {Phase::prepare, Phase::commit}) {
      Statement s = view.vote.statement;
      s.phase = phase;
      s.basis = {};
      said.emplace_back(maker.sign(s));
    }
  }
  std::vector<Word> words;
  for (Body& body : said) {
    words.push_back({consensus::SubjectKind::stream, disputed_stream, std::move(body)});
  }
  const Bytes bytes = consensus::encode_words(words);
  for (const PeerId& voter : context.roster.voters()) {
    if (voter != context.signer.id() && context.random.below(3) != 0) {
      out.words.emplace_back(voter, bytes);
    }
  }
  return out;
}

}  // namespace vouch::sim
