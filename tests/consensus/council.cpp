// SPDX-License-Identifier: MIT
#include "tests/consensus/council.hpp"

#include <algorithm>

#include "tests/consensus/decided_row.hpp"
#include "tests/consensus/words_in.hpp"
#include "tests/sim/signer.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/membership/certificate.hpp"

namespace vouch::consensus {
namespace {

constexpr Duration travel = std::chrono::milliseconds(1);
constexpr std::size_t steps_max = 20'000;  ///< of one run
const std::string stream = sim::disputed_stream;

sim::Branch branch_of(const std::string& text) {
  sim::Branch out;
  for (const char event : text) {
    if (event == '|') {
      out.ends.push_back(out.entries.size());
    } else {
      const auto byte = static_cast<std::uint8_t>(event);
      out.entries.push_back({crypto::blake2b(Bytes{byte}), 0});
    }
  }
  if (out.ends.empty() || out.ends.back() < out.entries.size()) {
    out.ends.push_back(out.entries.size());
  }
  return out;
}

}  // namespace

Council::Council(std::size_t voters, const std::vector<std::string>& branches, std::size_t listed)
    : seats_(voters) {
  for (const std::string& text : branches) branches_.push_back(branch_of(text));
  for (const sim::Branch& branch : branches_) heads_.emplace_back(branch);
  std::vector<PeerId> ids;
  for (Index i = 0; i < voters; ++i) {
    seats_[i].signer = sim::make_signer(1, i, false);
    ids.push_back(seats_[i].signer->id());
  }
  if (listed != 0) ids.resize(listed);
  roster_ = membership::Roster(ids, 0);
  for (Index i = 0; i < voters; ++i) {
    seats_[i].chain = std::make_unique<sim::CopyChain>(branches_, heads_);
    start(i);
    seats_[i].agreement->write_as(now_, 1);
  }
}

Council::Index Council::index_of(const PeerId& id) const {
  for (Index i = 0; i < seats_.size(); ++i) {
    if (seats_[i].signer->id() == id) return i;
  }
  VOUCH_CHECK(false);
}

Council::Index Council::leader(std::uint32_t view, std::uint32_t height) const {
  const Seat& any = seats_.front();
  const Setting setting{cluster_, roster_, *any.signer, *any.chain, sim::disputed_rules, 0, {}};
  return index_of(setting.primary(stream_subject(cluster_, stream), height, view));
}

Council::Index Council::follower(std::size_t nth, const std::vector<std::uint32_t>& views) const {
  for (Index i = 0; i < seats_.size(); ++i) {
    const bool leads =
        std::any_of(views.begin(), views.end(), [&](auto view) { return leader(view) == i; });
    if (!leads && nth-- == 0) return i;
  }
  VOUCH_CHECK(false);
}

std::vector<Council::Index> Council::others(Index voter) const {
  std::vector<Index> out;
  for (Index i = 0; i < seats_.size(); ++i) {
    if (i != voter) out.push_back(i);
  }
  return out;
}

void Council::start(Index voter) {
  Seat& seat = seats_[voter];
  seat.agreement = std::make_unique<Agreement>(
      Setting{cluster_, roster_, *seat.signer, *seat.chain, sim::disputed_rules, 0, {}});
}

void Council::play(Index voter) {
  seats_[voter].agreement.reset();
  seats_[voter].played = true;
}

void Council::crash(Index voter) {
  seats_[voter].agreement.reset();
}

void Council::restart(Index voter) {
  Seat& seat = seats_[voter];
  start(voter);
  const std::vector<std::pair<Bytes, Bytes>> rows(seat.rows.begin(), seat.rows.end());
  EXPECT_EQ(seat.agreement->restore(rows), 0u) << "stored rows are not read back";
  for (const Body& record : seat.log) {
    if (const auto* vote = std::get_if<SignedStatement>(&record)) {
      seat.agreement->on_vote(now_, *vote);
    } else {
      seat.agreement->on_certificate(now_, std::get<Certificate>(record));
    }
  }
  seat.agreement->write_as(now_, seat.incarnation);
  seat.agreement->on_chain(now_, stream);
  after(voter);
}

void Council::store_decided(Index voter, std::size_t from, std::size_t to) {
  crash(voter);
  for (std::size_t n = from; n < to; ++n) {
    auto [key, row] = decided_row(cluster_, n);
    seats_[voter].rows[key] = std::move(row);
  }
  restart(voter);
}

void Council::start_anew(Index voter) {
  Seat& seat = seats_[voter];
  seat.rows.clear();
  seat.certificates.clear();
  ++seat.incarnation;
  restart(voter);
}

membership::Roster Council::next_roster(Index voter, const std::vector<Index>& voters) const {
  membership::Roster out = seats_[voter].agreement->rosters().newest().next();
  for (const Seat& seat : seats_) out.remove(seat.signer->id());
  for (const Index i : voters) {
    out.add(id(i));
    out.list(id(i), seats_[i].incarnation);
  }
  return out;
}

Result<void> Council::propose_roster(Index voter, const membership::Roster& roster) {
  auto proposed = seats_[voter].agreement->propose_roster(now_, roster);
  after(voter);
  return proposed;
}

std::uint32_t Council::epoch(Index voter) const {
  return seats_[voter].agreement->rosters().newest().epoch();
}

std::uint32_t Council::entered(Index voter) const {
  const Setting& setting = seats_[voter].agreement->setting();
  return setting.entered ? setting.entered->epoch : 0;
}

void Council::hold(Index voter, std::size_t branch, std::uint64_t have) {
  Seat& seat = seats_[voter];
  seat.chain->branch = branch;
  seat.chain->have = seat.fed = have;
  if (seat.agreement == nullptr) return;
  seat.agreement->on_chain(now_, stream);
  after(voter);
}

void Council::show_evidence(Index voter, std::uint64_t size) {
  if (seats_[voter].agreement == nullptr) return;
  const PeerId& by = id((voter + 1) % seats_.size());
  seats_[voter].agreement->on_evidence(now_, stream, by, {size, Hash{}});
  after(voter);
}

void Council::show_attested(Index voter, Index by, std::uint32_t height) {
  seats_[voter].agreement->on_attested(now_, stream, id(by), height);
  after(voter);
}

void Council::request(Index voter, std::uint64_t size) {
  seats_[voter].agreement->request(now_, stream, size);
  after(voter);
}

void Council::later(Duration delay, std::function<void()> what) {
  mail_.emplace(now_ + delay, std::move(what));
}

std::optional<Instant> Council::next_tick(const Seat& seat) const {
  if (seat.agreement == nullptr) return std::nullopt;
  const auto next = seat.agreement->next_deadline();
  if (!next) return std::nullopt;
  return std::max(*next, seat.ticked + Duration{1});
}

void Council::run(Duration time) {
  const Instant until = now_ + time;
  std::size_t steps = 0;
  while (!testing::Test::HasFailure()) {
    if (++steps > steps_max) ADD_FAILURE() << "the voters do not come to rest";
    pass_records();
    std::optional<Instant> next;
    if (!mail_.empty()) next = mail_.begin()->first;
    std::optional<Index> ticks;
    for (Index i = 0; i < seats_.size(); ++i) {
      const auto at = next_tick(seats_[i]);
      if (!at || (next && *next <= *at)) continue;
      next = at;
      ticks = i;
    }
    if (!next || *next > until) break;
    now_ = std::max(now_, *next);
    if (ticks) {
      seats_[*ticks].ticked = now_;
      seats_[*ticks].agreement->on_tick(now_);
      after(*ticks);
    } else {
      const auto what = std::move(mail_.begin()->second);
      mail_.erase(mail_.begin());
      what();
    }
  }
  now_ = until;
}

/// In each log one record after the other, whenever the next one passes.
void Council::pass_records() {
  std::set<std::pair<Index, Index>> waits;
  std::erase_if(records_, [&](const Record& record) {
    const Seat& seat = seats_[record.to];
    const bool up = seat.played || seat.agreement != nullptr;
    const std::pair link(record.from, record.to);
    const bool blocked = passes && !passes(record.from, record.to, record.body);
    if (!up || blocked || waits.contains(link)) {
      waits.insert(link);
      return false;
    }
    later(travel, [this, record] { deliver(record); });
    return true;
  });
}

void Council::deliver(const Record& record) {
  Seat& seat = seats_[record.to];
  seat.log.push_back(record.body);
  if (seat.played) seat.heard.push_back(record.body);
  if (seat.agreement == nullptr) return;
  if (const auto* vote = std::get_if<SignedStatement>(&record.body)) {
    seat.agreement->on_vote(now_, *vote);
  } else {
    seat.agreement->on_certificate(now_, std::get<Certificate>(record.body));
  }
  after(record.to);
}

void Council::deliver_word(Index from, Index to, const Word& word) {
  Seat& seat = seats_[to];
  if (seat.played) seat.heard.push_back(word.body);
  if (seat.agreement == nullptr) return;
  seat.agreement->on_words(now_, seats_[from].signer->id(), encode_words({word}));
  after(to);
}

void Council::write_record(Index from, const Body& body) {
  seats_[from].log.push_back(body);
  for (Index to = 0; to < seats_.size(); ++to) {
    if (to != from) records_.push_back({from, to, body});
  }
}

void Council::after(Index voter) {
  Seat& seat = seats_[voter];
  if (seat.agreement == nullptr) return;
  Outbox out;
  std::vector<SignedStatement> votes;
  const auto empty = [&] {
    while (const auto ballot = seat.agreement->next_ballot(now_, out)) {
      const auto opened = open_ballot(cluster_, *seat.signer, seat.signer->id(), *ballot);
      votes.insert(votes.end(), opened.begin(), opened.end());
    }
    seat.agreement->flush(now_, out);
  };
  empty();
  empty();  // what follows from own words
  if (seat.agreement->take_entered()) {
    for (const Body& record : std::vector(seat.log)) {
      const auto* vote = std::get_if<SignedStatement>(&record);
      if (vote != nullptr) seat.agreement->on_vote(now_, *vote);
    }
    empty();
    empty();
  }
  std::vector<Statement> said;
  for (const SignedStatement& vote : votes) said.push_back(vote.statement);
  std::vector<std::pair<Index, Word>> words;
  for (const Send& send : out.sends) {
    auto decoded = words_in(cluster_, *seat.signer, seat.signer->id(),
                            std::get<Agree>(send.message.body).words)
                       .value();
    for (Word& word : decoded) {
      if (const Statement* s = statement_in(word.body)) said.push_back(*s);
      words.emplace_back(index_of(send.to), std::move(word));
    }
  }
  const Fate now = fate && !out.rows.empty() ? fate(voter, said) : Fate::lives;
  if (now == Fate::dies_before_storing) return crash(voter);
  for (Row& row : out.rows) {
    auto& table = row.table == Table::agreement ? seat.rows : seat.certificates;
    if (row.value) {
      table[row.key] = std::move(*row.value);
    } else {
      table.erase(row.key);
    }
  }
  for (const SignedStatement& vote : votes) write_record(voter, vote);
  for (const Statement& s : said) watch(voter, s);
  for (const auto& [to, word] : words) {
    if (const auto* own = std::get_if<Handover>(&word.body); own != nullptr) {
      if (own->vote.voter == id(voter)) {
        handed_over_[{voter, seat.incarnation}] = own->vote.statement.epoch;
      }
    }
  }
  learn(voter);
  if (now == Fate::dies_after_storing) return crash(voter);
  for (const LoadCertificate& load : out.certificates) {
    const auto row = seat.certificates.find(Agreement::certificate_key(load.subject, load.height));
    if (row == seat.certificates.end()) continue;
    words.emplace_back(index_of(load.to), Word{static_cast<SubjectKind>(load.kind), load.name,
                                               *decode_certificate(row->second)});
  }
  for (const LoadPage& load : out.pages) {
    const auto row = seat.rows.find(load.key);
    if (row == seat.rows.end()) continue;
    if (load.to == id(voter)) {
      seat.agreement->on_page(row->second);
    } else {
      words.emplace_back(index_of(load.to), page_word(row->second));
    }
  }
  for (auto& [to, word] : words) {
    if (passes && !passes(voter, to, word.body)) continue;
    later(travel, [this, voter, to = to, word = word] { deliver_word(voter, to, word); });
  }
  for (const FoldRequest& request : seat.agreement->take_folds()) {
    later(2 * travel, [this, voter, request] { fold(voter, request); });
  }
}

void Council::watch(Index voter, const Statement& said) {
  const Place where{voter, said.incarnation, said.subject, said.height};
  const std::tuple place(where, said.epoch, said.view, said.phase);
  if (said.phase != Phase::handover && said.phase != Phase::propose) {
    std::uint32_t& latest = epochs_[where];
    EXPECT_GE(said.epoch, latest) << "voter " << voter << " speaks in an epoch that is over";
    latest = std::max(latest, said.epoch);
  }
  const auto [held, fresh] = said_.emplace(place, said);
  EXPECT_EQ(held->second, said) << "voter " << voter << " contradicts itself in view " << said.view
                                << " of height " << said.height;
  std::uint32_t& left = left_[{where, said.epoch}];
  const auto over = handed_over_.find({voter, said.incarnation});
  if (fresh && over != handed_over_.end()) {
    EXPECT_GT(said.epoch, over->second) << "voter " << voter << " speaks after its handover";
  }
  if (fresh) {
    EXPECT_GE(said.view, left) << "voter " << voter << " speaks in a view that it left";
  }
  if (said.phase == Phase::view_change) left = std::max(left, said.view);
}

void Council::learn(Index voter) {
  Agreement& agreement = *seats_[voter].agreement;
  for (const Decided& decided : agreement.take_decided()) {
    const Certificate& c = decided.certificate;
    EXPECT_EQ(agreement.rosters().doubt_of(*seats_[voter].signer, c), membership::Doubt::none)
        << "the certificate of height " << c.height << " does not convince";
    const bool roster = decided.kind == SubjectKind::roster;
    if (!roster && c.subject != stream_subject(cluster_, stream)) continue;
    auto& all = roster ? rosters_ : decided_;
    const auto held = all.emplace(roster ? c.value.epoch : c.height, c.value).first;
    EXPECT_EQ(held->second, c.value) << "height " << c.height << " is certified twice";
    if (c.view > 0) write_record(voter, c);  // those of view 0 follow from the logs
  }
  if (!tolerate_alarms) {
    EXPECT_EQ(agreement.counters().alarms, 0u) << "two certificates of one height";
  }
  for (const Contradiction& found : agreement.take_contradictions()) {
    const Index liar = index_of(found.one.voter);
    EXPECT_TRUE(seats_[liar].played) << "voter " << liar << " is accused and honest";
  }
}

void Council::fold(Index voter, const FoldRequest& fold) {
  Seat& seat = seats_[voter];
  if (seat.agreement == nullptr) return;
  const Value& target = fold.wanted.target;
  for (std::size_t b = 0; b < branches_.size(); ++b) {
    const bool found =
        target.size <= branches_[b].entries.size() && heads_[b].at(target.size) == target.head;
    if (!found) continue;
    if (fold.adopt) {
      seat.chain->branch = b;
      seat.chain->have = target.size;
      if (seat.fed > target.size) later(travel, [=, this] { hold(voter, b, seats_[voter].fed); });
    }
    const bool equal =
        fold.adopt || !target.state || seat.chain->fold_state(b, target.size) == target.state;
    seat.agreement->on_folded(now_, stream, target, equal, fold.adopt);
    return after(voter);
  }
}

}  // namespace vouch::consensus
