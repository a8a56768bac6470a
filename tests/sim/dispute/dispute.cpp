// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/sim/dispute/chaos.hpp"
#include "tests/sim/dispute/closing.hpp"
#include "tests/sim/dispute/disputing.hpp"
#include "tests/sim/signer.hpp"
#include <fmt/format.h>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::sim {
namespace {

using consensus::Agreement;
using consensus::Decided;
using transport::SplitMix64;

constexpr Time calm_limit = 2'000'000 * ms;
/// Views start over in each epoch, and the last of them are long.
constexpr Time changing_limit = 90'000 * ms;
constexpr Time down_max = 1500 * ms;

}  // namespace

void Disputing::set_up() {
  const std::size_t n = settings_.voters + settings_.spares;
  std::vector<PeerId> ids;
  signers_ = make_signers(settings_.seed, n, settings_.real_signatures);
  for (const auto& signer : signers_) ids.push_back(signer->id());
  roster_ = membership::Roster(
      {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(settings_.voters)}, 0);
  branches_ = draw_branches(random_, settings_.branches, 14, settings_.skew);
  const bool fabricates = std::find(settings_.byzantine.begin(), settings_.byzantine.end(),
                                    Adversary::fabricating) != settings_.byzantine.end();
  if (fabricates) branches_.back().fabricated = true;
  for (const Branch& branch : branches_) heads_.emplace_back(branch);
  referee_.emplace(
      Referee::Context{cluster_, roster_, *signers_.front(), branches_, heads_, copies_});
  const std::size_t honest_branches = branches_.size() - (fabricates ? 1 : 0);
  for (std::size_t i = 0; i < n; ++i) {
    const Adversary adversary =
        i < settings_.byzantine.size() ? settings_.byzantine[i] : Adversary::none;
    const bool fabricator = adversary == Adversary::fabricating;
    add_copy(i, adversary, fabricator ? branches_.size() - 1 : random_.below(honest_branches));
    if (adversary == Adversary::twins) {
      add_copy(i, adversary, random_.below(branches_.size()));
    }
  }
  trouble_until_ = static_cast<Time>(1000 + random_.below(4000)) * ms;
  next_cut_ = static_cast<Time>(random_.below(800)) * ms;
  for (int i = 0; i < 4 && settings_.spares > 0; ++i) {
    plan(Kind::operate, 0, static_cast<Time>(random_.below(3000)) * ms);
  }
  for (std::size_t i = 0; i < settings_.proposals; ++i) {
    // Several at a time: what is said about them is signed together.
    const Time at = static_cast<Time>(random_.below(4) * 500 + random_.below(3)) * ms;
    plan(Kind::propose, random_.below(copies_.size()), at);
  }
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    Copy& copy = *copies_[i];
    copy.agreement->write_as(now(), 1);
    plan(Kind::feed, i, static_cast<Time>(random_.below(200)) * ms);
    if (acts(copy.adversary)) {
      plan(Kind::chaos, i, static_cast<Time>(random_.below(50)) * ms);
    }
    if (copy.honest && settings_.crashes && random_.chance(0.5)) {
      plan(Kind::crash, i, static_cast<Time>(random_.below(3000)) * ms);
    }
  }
}

void Disputing::add_copy(std::size_t voter, Adversary adversary, std::size_t branch) {
  auto copy = std::make_unique<Copy>();
  copy->voter = voter;
  copy->id = signers_[voter]->id();
  copy->adversary = adversary;
  copy->honest = adversary == Adversary::none;
  copy->chain = std::make_unique<CopyChain>(branches_, heads_);
  copy->chain->branch = branch;
  if (adversary == Adversary::selective) {
    copy->listeners = static_cast<std::uint32_t>(random_.next());
  }
  copy->agreement = new_agreement(*copy);
  std::set<PeerId> known;
  for (const auto& signer : signers_) known.insert(signer->id());
  copy->replica =
      std::make_unique<sync::Replica>(sync::ReplicaConfig{cluster_, std::move(known), roster_},
                                      *signers_[voter], state::State{}, FrontierMap{});
  copies_.push_back(std::move(copy));
}

std::unique_ptr<Agreement> Disputing::new_agreement(Copy& copy) {
  consensus::Setting setting{cluster_, roster_, *signers_[copy.voter], *copy.chain, disputed_rules,
                             0,        {}};
  return std::make_unique<Agreement>(std::move(setting));
}

/// False when the voter takes no events now.
bool Disputing::feed(Copy& copy, std::size_t index) {
  const bool takes = !copy.chain->complete() && copy.agreement->on_track(disputed_stream);
  if (takes) {
    ++copy.chain->have;
    copy.agreement->on_chain(now(), disputed_stream);
    const bool end = copy.chain->entries().end_after(copy.chain->have - 1) == copy.chain->have;
    if (end || random_.chance(0.3)) attest(copy, index);
    // Somebody waits for a certificate before the segment ends.
    if (random_.chance(0.1)) copy.agreement->request(now(), disputed_stream, copy.chain->have);
    compare(copy);
  }
  if (!copy.chain->complete() || !copy.agreement->on_track(disputed_stream)) {
    plan(Kind::feed, index, static_cast<Time>(1 + random_.below(60)) * ms);
  }
  return takes;
}

void Disputing::attest(Copy& copy, std::size_t index) {
  if (!copy.agreement->on_track(disputed_stream)) return;
  const std::uint32_t height = copy.agreement->certified(disputed_stream).height;
  Event event;
  event.kind = Kind::attest;
  event.what = std::make_shared<const AttestedPoint>(
      AttestedPoint{height, *copy.chain->tip(disputed_stream)});
  send_log(copy, index, event);
}

/// What others attested against the own chain and against each other. True when it differs.
bool Disputing::compare(Copy& copy) {
  bool differs = false;
  for (const auto& [voter, attested] : copy.attested) {
    if (copy.replica->proven(voter)) continue;
    const auto& [size, head] = attested.point;
    const auto first =
        std::find_if(copy.attested.begin(), copy.attested.end(),
                     [size = size](const auto& other) { return other.second.point.size == size; });
    const auto own = copy.chain->head_at(disputed_stream, size);
    if ((own && *own != head) || first->second.point.head != head) {
      copy.agreement->on_evidence(now(), disputed_stream, voter, attested.point);
      differs = true;
    }
  }
  return differs;
}

void Disputing::fold(Copy& copy, const consensus::FoldRequest& fold) {
  const Value& target = fold.wanted.target;
  const auto found =
      served_branch(branches_, heads_, {target.size, target.head}, copy.chain->branch);
  if (!found) return;
  bool equal = true;
  if (settings_.skew) {
    const auto size = static_cast<std::ptrdiff_t>(target.size);
    const auto& own = copy.chain->entries().entries;
    const auto& other = branches_[*found].entries;
    equal = std::equal(own.begin(), own.begin() + size, other.begin(), other.begin() + size);
  }
  if (target.state && !fold.adopt) {
    equal = equal && copy.chain->fold_state(*found, target.size) == target.state;
  }
  std::optional<std::size_t> reached;
  if (equal && fold.adopt) {
    copy.chain->branch = *found;
    copy.chain->have = target.size;
    for (std::size_t i = 0; i < copies_.size(); ++i) {
      if (copies_[i].get() == &copy) {
        plan(Kind::feed, i, travel());
        reached = i;
      }
    }
  }
  copy.agreement->on_folded(now(), disputed_stream, target, equal, equal && fold.adopt);
  if (reached) attest(copy, *reached);
}

void Disputing::handle(Event& event) {
  Copy& copy = *copies_[event.copy];
  trace_.add(static_cast<std::uint64_t>(event.at) << 8 | static_cast<std::uint64_t>(event.kind));
  ++report_.steps;
  if (event.kind == Kind::restart) return restart(copy, event.copy);
  if (event.kind == Kind::operate) return operate();
  const bool record =
      event.kind == Kind::ballot || event.kind == Kind::attest || event.kind == Kind::certificate;
  const bool logged = record || event.kind == Kind::proof;
  if (logged && (!copy.up || cut(copy, *copies_[event.from]) || too_early(copy, event))) {
    // The log is pulled again until it is there.
    return schedule(std::move(event), 50 * ms + travel());
  }
  if (record && copy.replica->proven(copies_[event.from]->id)) return;
  if (!copy.up) {
    const bool waits =
        event.kind == Kind::feed || event.kind == Kind::folded || event.kind == Kind::propose;
    if (waits) schedule(std::move(event), 50 * ms);
    return;
  }
  switch (event.kind) {
    case Kind::feed:
      if (!feed(copy, event.copy)) return;
      break;
    case Kind::words:
      if (cut(copy, *copies_[event.from])) return;
      if (listens(copy.adversary)) collect(copy, event.get<Said>().words);
      hear_words(copy, copies_[event.from]->id, event.get<Said>());
      break;
    case Kind::proof: {
      Outbox out;
      copy.replica->receive(event.get<Bytes>(), out);
      return tell_proofs(copy, event.copy, out);
    }
    case Kind::ballot:
      for (const SignedStatement& vote : event.get<Votes>()) {
        if (vote.statement.view != 0) continue;
        copy.heard.push_back(vote);
        hear_vote(copy, vote);
      }
      break;
    case Kind::attest: {
      AttestedPoint& held = copy.attested[copies_[event.from]->id];
      const auto rank = [](const AttestedPoint& a) { return std::pair(a.height, a.point.size); };
      const auto& told = event.get<AttestedPoint>();
      if (rank(held) <= rank(told)) held = told;
      if (!compare(copy)) return;
      break;
    }
    case Kind::certificate: {
      const auto& told = event.get<Certificate>();
      if (told.roster.empty()) {
        const auto [held, fresh] = copy.highest.try_emplace(told.subject, told);
        if (!fresh && held->second.height < told.height) held->second = told;
      }
      copy.agreement->on_certificate(now(), told);
      break;
    }
    case Kind::folded:
      fold(copy, event.get<consensus::FoldRequest>());
      break;
    case Kind::tick:
      if (copy.tick_at != event.at) return;
      copy.tick_at = -1;
      copy.agreement->on_tick(now());
      break;
    case Kind::crash:
      if (now_ >= trouble_until_) return;
      copy.up = false;
      return plan(Kind::restart, event.copy, static_cast<Time>(random_.below(down_max / ms)) * ms);
    case Kind::chaos: {
      Mischief mischief = make_mischief({cluster_, copy.agreement->rosters().newest(),
                                         *signers_[copy.voter], branches_, heads_, copies_,
                                         subjects_, copy, random_, settings_.spares > 0});
      for (const Statement& s : mischief.proposed) referee_->proposed(s.subject, *s.value);
      for (auto& [to, bytes] : mischief.words) {
        send_words(copy, event.copy, to, say(copy, std::move(bytes)));
      }
      if (mischief.ballot) {
        Event said;
        said.kind = Kind::ballot;
        said.what = opened(copy, *mischief.ballot);
        send_log(copy, event.copy, said);
      }
      plan(Kind::chaos, event.copy,
           static_cast<Time>(20 + random_.below(now_ < trouble_until_ ? 60 : 2000)) * ms);
      break;
    }
    case Kind::propose:
      propose(copy, event.copy);
      break;
    case Kind::restart:
    case Kind::operate:
      break;
  }
  after(copy, event.copy);
}

void Disputing::after(Copy& copy, std::size_t index) {
  if (copy.agreement->take_entered()) hear_again(copy);
  Outbox out;
  std::vector<Ballot> ballots;
  while (auto ballot = copy.agreement->next_ballot(now(), out)) ballots.push_back(*ballot);
  copy.agreement->flush(now(), out);
  while (auto ballot = copy.agreement->next_ballot(now(), out)) ballots.push_back(*ballot);
  copy.agreement->flush(now(), out);
  const bool dies = copy.honest && settings_.crashes && now_ < trouble_until_ &&
                    !out.rows.empty() && random_.chance(0.02);
  if (dies) {
    copy.up = false;
    plan(Kind::restart, index, static_cast<Time>(random_.below(down_max / ms)) * ms);
    if (random_.chance(0.5)) return;  // before the commit: nothing of it ever was
  }
  for (Row& row : out.rows) {
    if (!row.value) {
      copy.rows.erase({row.table, row.key});
      continue;
    }
    referee_->stored(copy, *row.value);
    copy.rows[{row.table, row.key}] = std::move(*row.value);
  }
  for (const Ballot& ballot : ballots) {
    Event event;
    event.kind = Kind::ballot;
    auto votes = opened(copy, ballot);
    copy.heard.insert(copy.heard.end(), votes->begin(), votes->end());
    event.what = std::move(votes);
    send_log(copy, index, event);  // what is in the log is pulled in the end, whoever dies
  }
  if (dies) return;
  referee_->lives(copy);
  std::shared_ptr<const Said> said;  // of which several often get the same
  for (Send& send : out.sends) {
    Bytes& bytes = std::get<Agree>(send.message.body).words;
    if (said == nullptr || said->bytes != bytes) said = say(copy, std::move(bytes));
    send_words(copy, index, send.to, said);
  }
  for (const LoadCertificate& load : out.certificates) {
    const auto row = copy.rows.find(
        {Table::certificates, Agreement::certificate_key(load.subject, load.height)});
    if (row == copy.rows.end()) continue;
    const consensus::Word word{static_cast<consensus::SubjectKind>(load.kind), load.name,
                               *decode_certificate(row->second)};
    send_words(copy, index, load.to, say(copy, consensus::encode_words({word})));
  }
  for (const LoadPage& load : out.pages) {
    const auto row = copy.rows.find({Table::agreement, load.key});
    if (row == copy.rows.end()) continue;
    if (load.to == copy.id) {
      copy.agreement->on_page(row->second);
    } else {
      send_words(copy, index, load.to,
                 say(copy, consensus::encode_words({consensus::page_word(row->second)})));
    }
  }
  copy.look();
  for (const Decided& decided : std::exchange(copy.decided, {})) {
    decide(decided);
    tell_certificate(copy, index, decided.certificate);
  }
  for (const auto& found : std::exchange(copy.found, {})) {
    ++report_.contradictions;
    if (!copy.honest) continue;
    referee_->accused(found.one.voter);
    copy.replica->accuse(found.one, found.other, out);
  }
  tell_proofs(copy, index, out);
  if (copy.honest && copy.agreement->counters().alarms > 0) referee_->alarmed();
  for (consensus::FoldRequest& fold : copy.agreement->take_folds()) {
    Event event;
    event.kind = Kind::folded;
    event.copy = static_cast<std::uint32_t>(index);
    event.what = std::make_shared<const consensus::FoldRequest>(std::move(fold));
    schedule(std::move(event), 2 * travel());
  }
  const auto next = copy.agreement->next_deadline();
  if (!next) return;
  const Time at = std::max<Time>(next->time_since_epoch().count(), now_ + 1);
  if (copy.tick_at >= 0 && copy.tick_at <= at) return;
  copy.tick_at = at;
  plan(Kind::tick, index, at - now_);
}

void Disputing::decide(const Decided& decided) {
  const Certificate& c = decided.certificate;
  if (decided.kind == consensus::SubjectKind::roster) return referee_->certified_roster(c);
  // Known by its hash alone it is taken for a stream.
  if (c.subject != disputed_) return referee_->certified_proposal(c);
  if (!referee_->decided().contains(c.height)) report_.views_above += c.view > 0 ? 1 : 0;
  referee_->certified(c);
}

void Disputing::restart(Copy& copy, std::size_t index) {
  copy.up = true;
  copy.tick_at = -1;
  copy.agreement = new_agreement(copy);
  copy.decided.clear();
  copy.found.clear();
  referee_->restarted(copy);
  std::vector<std::pair<Bytes, Bytes>> rows;
  for (const auto& [key, row] : copy.rows) {
    if (key.first == Table::agreement) rows.emplace_back(key.second, row);
  }
  if (copy.agreement->restore(rows) != 0) referee_->breach("a stored row is not read back");
  hear_again(copy);
  for (const auto& [subject, held] : copy.highest) copy.agreement->on_certificate(now(), held);
  copy.agreement->write_as(now(), 1);
  copy.agreement->on_chain(now(), disputed_stream);
  attest(copy, index);
  compare(copy);
  // The last life may have ended between a certificate and its record.
  copy.agreement->each([&](const auto& subject) {
    if (subject.last) tell_certificate(copy, index, *subject.last);
  });
  const auto& chain = copy.agreement->rosters().certificates();
  if (!chain.empty()) tell_certificate(copy, index, chain.back());
  after(copy, index);
  plan(Kind::feed, index, 10 * ms);
  if (settings_.crashes && random_.chance(0.3)) {
    plan(Kind::crash, index, static_cast<Time>(random_.below(1000)) * ms);
  }
}

bool Disputing::finished() const {
  const bool certified = std::all_of(copies_.begin(), copies_.end(), [this](const auto& copy) {
    // Who never had a vote is not listened to, and so is not told where it differs.
    if (!copy->honest || !referee_->rosters().contains(copy->id)) return true;
    if (!copy->up || !copy->chain->complete()) return false;
    // Who has no vote any more may lack what it knows no name of to ask by.
    const bool votes = copy->agreement->rosters().newest().contains(copy->id);
    if (votes && !decided_all(*copy)) return false;
    const auto held = copy->agreement->certified(disputed_stream);
    return copy->chain->tip(disputed_stream) == validator::Point{held.value.size, held.value.head};
  });
  return certified && referee_->unproven().empty();
}

/// How long after the network healed what is checked in the end must have happened. Whoever was
/// down then is back soon.
Time Disputing::bearable_calm() const {
  if (settings_.must_end) return calm_limit;
  if (settings_.spares > 0) return changing_limit;
  const Duration closing =
      closing_time({}, settings_.voters, referee_->nulls(), Duration(hop_max()));
  return down_max + closing.count();
}

DisputeReport Disputing::run() {
  report_.seed = settings_.seed;
  set_up();
  bool healed = false;
  Time bearable = 0;
  while (!agenda_.empty() && referee_->breaches().empty()) {
    referee_->waiting(agenda_.size());
    Event event = agenda_.pop();
    now_ = event.at;
    if (settings_.faults && now_ >= next_cut_ && now_ < trouble_until_) {
      cut_mask_ = random_.next();
      cut_until_ = std::min(trouble_until_, now_ + static_cast<Time>(random_.below(800)) * ms);
      next_cut_ = cut_until_ + static_cast<Time>(random_.below(1000)) * ms;
    }
    if (!healed && now_ >= trouble_until_) {
      referee_->healed();
      bearable = bearable_calm();
    }
    healed = now_ >= trouble_until_;
    handle(event);
    if (now_ >= trouble_until_ && finished()) break;
    if (healed && now_ >= trouble_until_ + bearable) break;
  }
  report_.virtual_us = now_;
  report_.calm_us = now_ - trouble_until_;
  const bool lacks_proofs = !referee_->unproven().empty();  // which is said in the end
  if (settings_.must_end && referee_->breaches().empty() && !finished() && !lacks_proofs) {
    std::string where;
    for (const auto& copy : copies_) where += " " + text_of(*copy);
    referee_->breach("the stream is not certified to its end:" + where);
  }
  if (!settings_.must_end && !finished()) referee_->ended();
  referee_->judged();
  report_.certificates = referee_->decided().size();
  report_.nulls = referee_->nulls();
  report_.breaches = referee_->breaches();
  for (const auto& [height, value] : referee_->decided()) {
    trace_.add(height);
    trace_.add(value.head.view());
  }
  report_.trace_hash = trace_.hash();
  report_.what = text_of(settings_);
  return std::move(report_);
}

DisputeReport run_dispute(const DisputeSettings& settings) {
  return Disputing(settings).run();
}

}  // namespace vouch::sim
