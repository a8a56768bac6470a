// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/chaos.hpp"

#include "tests/sim/dispute/tearing.hpp"

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/handover.hpp"
#include "vouch/membership/rosters.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::sim {
namespace {

using consensus::Body;
using consensus::NewView;
using consensus::SlateOffer;
using consensus::ViewChange;
using consensus::Word;

constexpr std::size_t kept_max = 64, offers_max = 8;

struct Maker {
  const MischiefContext& context;
  SubjectId subject = stream_subject(context.cluster, disputed_stream);

  std::uint64_t below(std::uint64_t bound) const { return context.random.below(bound); }

  Value some_value() const {
    const std::size_t b = below(context.branches.size());
    const std::uint64_t size = below(context.branches[b].entries.size() + 1);
    return {size, context.heads[b].at(size), 0, some_state(b, size)};
  }

  /// The true one mostly; where none is due, or another, it is a lie.
  std::optional<Hash> some_state(std::size_t b, std::uint64_t size) const {
    auto state = context.branches[b].state_at(size, context.heads[b]);
    if (below(4) != 0) return state;
    return state && below(2) == 0 ? std::nullopt : std::optional(context.heads[b].at(size));
  }

  /// The newest mostly; nothing is drawn where there is one alone.
  std::uint32_t some_epoch() const {
    const std::uint32_t newest = context.roster.epoch();
    if (newest == 0 || below(4) != 0) return newest;
    return static_cast<std::uint32_t>(below(newest + 1));
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
    s.epoch = some_epoch();
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
      s.value = Value{size, context.heads[b].at(size), 0, some_state(b, size)};
      change.links = branch.links(base.size, size, context.heads[b]);
    }
    if (below(8) == 0) {
      // A lock that nothing but an own prepare proves.
      Statement prepare = some_statement(Phase::prepare);
      prepare.height = s.height;
      prepare.view = static_cast<std::uint32_t>(below(view + 1));
      s.lock = Lock{prepare.view, *prepare.value, prepare.epoch};
      change.lock_proof.push_back(sign(prepare));
    } else if (below(2) == 0 && !context.copy.votes.empty()) {
      // A lock on something that was prepared, proven with whatever prepares there are.
      const Statement& of = context.copy.votes[below(context.copy.votes.size())].statement;
      s.lock = Lock{of.view, *of.value, of.epoch};
      std::map<PeerId, SignedStatement> proof;
      for (const SignedStatement& vote : context.copy.votes) {
        if (vote.statement.view == of.view && vote.statement.value == of.value &&
            vote.statement.height == of.height && vote.statement.epoch == of.epoch) {
          proof.emplace(vote.voter, vote);
        }
      }
      for (const auto& [voter, vote] : proof) change.lock_proof.push_back(vote);
    }
    change.vote = sign(s);
    return change;
  }

  /// Prepares that were heard, for one value: a quorum, or fewer.
  std::vector<SignedStatement> some_prepares() const {
    std::map<PeerId, SignedStatement> proof;
    if (context.copy.votes.empty()) return {};
    const Statement& of = context.copy.votes[below(context.copy.votes.size())].statement;
    for (const SignedStatement& vote : context.copy.votes) {
      Statement same = vote.statement;
      same.incarnation = of.incarnation;
      if (same == of) proof.emplace(vote.voter, vote);
    }
    std::vector<SignedStatement> out;
    for (const auto& [voter, vote] : proof) out.push_back(vote);
    return out;
  }

  /// Whoever it likes, as the next voters.
  consensus::Proposal some_roster() const {
    membership::Roster next = context.roster.next();
    for (const auto& copy : context.copies) {
      below(2) == 0 ? next.add(copy->id) : next.remove(copy->id);
    }
    if (next.size() == 0) next.add(context.signer.id());
    Statement s;
    s.phase = Phase::propose;
    s.subject = roster_subject(context.cluster);
    s.epoch = context.roster.epoch();
    s.value = membership::value_of(next);
    const auto vote = sign_bundle(context.cluster, context.signer, {s}).front();
    return {membership::encode_roster(next), vote.voter, vote.path, vote.signature};
  }

  /// It knows of no certificate, of too many, of no lock, or of one that it makes up. Its pages
  /// come behind the index, or never.
  std::vector<Body> some_handover() const {
    std::vector<Body> out;
    consensus::HandoverIndex index;
    consensus::PageCutter cutter;
    consensus::SubjectState state{subject, 0, {}};
    state.height = context.copy.agreement->certified(disputed_stream).height;
    if (below(3) == 0) state.height = static_cast<std::uint32_t>(below(6));
    if (below(2) == 0) state.prepares = some_prepares();
    if (below(6) == 0) {
      Statement prepare = some_statement(Phase::prepare);
      prepare.height = state.height + 1;
      state.prepares = {sign(prepare)};
    }
    if (below(4) != 0 && (state.height > 0 || !state.prepares.empty())) cutter.add(state);
    std::vector<consensus::CutPage> pages = cutter.take();
    for (const consensus::CutPage& page : pages) index.pages.push_back(page.hash);
    if (below(8) == 0) index.pages.push_back(crypto::blake2b(Bytes{1}));
    Statement s;
    s.phase = Phase::handover;
    s.subject = roster_subject(context.cluster);
    s.height = context.roster.epoch();
    s.epoch = s.height - 1;
    s.incarnation = 1;
    Bytes bytes = consensus::encode_index(index);
    s.basis = crypto::blake2b(bytes);
    out.emplace_back(consensus::Handover{sign(s), std::move(bytes)});
    for (consensus::CutPage& page : pages) {
      if (below(8) != 0) out.emplace_back(consensus::HandoverPage{std::move(page.bytes)});
    }
    return out;
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

/// About rosters: to each voter something else.
Mischief roster_mischief(const MischiefContext& context, const Maker& maker) {
  Mischief out;
  const std::string name(roster_name);
  for (const auto& copy : context.copies) {
    if (copy->id == context.signer.id() || context.random.below(3) == 0) continue;
    const bool hands_over = context.roster.epoch() > 0 && context.random.below(3) != 0;
    std::vector<Word> words;
    for (Body& body : hands_over ? maker.some_handover() : std::vector<Body>{maker.some_roster()}) {
      words.push_back({consensus::SubjectKind::roster, name, std::move(body)});
    }
    out.words.emplace_back(copy->id, consensus::encode_words(words));
  }
  return out;
}

/// For a user's subject, to each voter other values, and more than it may.
Mischief proposing_mischief(const MischiefContext& context) {
  Mischief out;
  const std::string& name = context.subjects[context.random.below(context.subjects.size())];
  const SubjectId subject = proposal_subject(context.cluster, name);
  for (const PeerId& voter : context.roster.voters()) {
    if (voter == context.signer.id()) continue;
    std::vector<Word> words;
    for (std::uint64_t left = 1 + context.random.below(6); left > 0; --left) {
      const Bytes value = to_bytes(as_bytes(std::to_string(context.random.below(64))));
      const Statement s = consensus::proposal_statement(subject, 0, crypto::blake2b(value));
      const auto vote = sign_bundle(context.cluster, context.signer, {s}).front();
      words.push_back({consensus::SubjectKind::proposal, name,
                       consensus::Proposal{value, vote.voter, vote.path, vote.signature}});
      out.proposed.push_back(s);
    }
    out.words.emplace_back(voter, consensus::encode_words(words));
  }
  return out;
}

/// What several subjects are to be, as their primary or not.
SlateOffer some_offer(const MischiefContext& context) {
  const auto& heard = context.copy.offers;
  if (!heard.empty() && context.random.below(2) == 0) {
    return heard[context.random.below(heard.size())];
  }
  std::vector<consensus::SlateEntry> entries;
  for (const std::string& name : context.subjects) {
    const SubjectId subject = proposal_subject(context.cluster, name);
    const bool led =
        context.copy.agreement->setting().primary(subject, 1, 1) == context.signer.id();
    if (context.random.below(led ? 4 : 8) != 0 && !led) continue;
    const Bytes value = to_bytes(as_bytes(std::to_string(context.random.below(3))));
    entries.push_back({name, crypto::blake2b(value)});
  }
  while (entries.size() < 2) entries.push_back({"p0", crypto::blake2b(as_bytes("0"))});
  return {{}, std::move(entries)};
}

/// About a slate of its own, or one that was heard: to each voter something else, and about what
/// stands on it something else again.
Mischief slate_mischief(const MischiefContext& context) {
  Mischief out;
  for (const PeerId& voter : context.roster.voters()) {
    if (voter == context.signer.id() || context.random.below(4) == 0) continue;
    SlateOffer offer = some_offer(context);
    const consensus::Slate slate(context.cluster, offer.entries);
    Statement s;
    s.view = 1;
    s.epoch = context.roster.epoch();
    s.incarnation = 1;
    s.subject = slate.id();
    s.value = slate.value();
    s.phase = Phase::new_view;
    const auto sign = [&] { return sign_bundle(context.cluster, context.signer, {s}).front(); };
    offer.vote = sign();
    std::vector<Word> words;
    if (context.random.below(2) == 0) {
      words.push_back({consensus::SubjectKind::slate, slate.name(), offer});
    }
    for (std::uint64_t left = context.random.below(4); left > 0; --left) {
      s.phase = context.random.below(2) == 0 ? Phase::prepare : Phase::commit;
      words.push_back({consensus::SubjectKind::slate, slate.name(), sign()});
    }
    if (context.random.below(2) == 0) {
      const std::size_t at = context.random.below(slate.places().size());
      s.subject = slate.places()[at].subject;
      s.value = Value{1, slate.entries()[context.random.below(slate.entries().size())].head};
      words.push_back({consensus::SubjectKind::proposal, slate.entries()[at].name, sign()});
    }
    out.words.emplace_back(voter, consensus::encode_words(words));
  }
  return out;
}

/// Votes that may contradict each other, under one signature: to each voter some of them.
Mischief bundled_mischief(const MischiefContext& context, const Maker& maker,
                          const Statement& first) {
  const TearingContext tearing{context.cluster, context.signer, context.copy.votes, context.random};
  std::vector<Statement> statements{first};
  while (statements.size() < 4 && context.random.below(2) == 0) {
    Statement s = first;
    if (context.random.below(2) == 0) s.value = maker.some_value();
    s.phase = context.random.below(2) == 0 ? Phase::prepare : Phase::commit;
    statements.push_back(s);
  }
  Mischief out;
  for (const PeerId& voter : context.roster.voters()) {
    if (voter == context.signer.id() || context.random.below(3) == 0) continue;
    const auto bundle = std::make_shared<const Bytes>(told_in_part(tearing, statements));
    out.words.emplace_back(voter, consensus::join_speech({&bundle, 1}, {}));
  }
  return out;
}

}  // namespace

bool acts(Adversary adversary) {
  return adversary == Adversary::chaotic || adversary == Adversary::forging ||
         adversary == Adversary::spamming;
}

bool listens(Adversary adversary) {
  return acts(adversary) || adversary == Adversary::tearing;
}

void collect(Copy& copy, const std::vector<Word>& words) {
  for (const Word& word : words) {
    if (const auto* offer = std::get_if<SlateOffer>(&word.body)) copy.offers.push_back(*offer);
    if (word.kind != consensus::SubjectKind::stream) continue;
    if (const auto* change = std::get_if<ViewChange>(&word.body)) {
      copy.changes.push_back(*change);
      for (const SignedStatement& vote : change->lock_proof) copy.votes.push_back(vote);
    } else if (const auto* vote = std::get_if<SignedStatement>(&word.body)) {
      if (vote->statement.phase == Phase::prepare) copy.votes.push_back(*vote);
    }
  }
  while (copy.changes.size() > kept_max) copy.changes.erase(copy.changes.begin());
  while (copy.votes.size() > kept_max) copy.votes.erase(copy.votes.begin());
  while (copy.offers.size() > offers_max) copy.offers.erase(copy.offers.begin());
}

Mischief make_mischief(const MischiefContext& context) {
  const Maker maker{context};
  if (context.changes && context.random.below(4) == 0) return roster_mischief(context, maker);
  const bool proposes = context.copy.adversary == Adversary::chaotic && !context.subjects.empty();
  if (proposes && context.random.below(4) == 0) return proposing_mischief(context);
  if (proposes && context.random.below(4) == 0) return slate_mischief(context);
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
    if (context.copy.adversary != Adversary::forging) return bundled_mischief(context, maker, s);
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
