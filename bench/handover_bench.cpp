// What a change of the roster costs a cluster in which many subjects were decided: four voters, of
// which one is replaced by a peer that knows the same. Their agreements run in one thread and in
// virtual time, a word takes a millisecond; rows are kept in memory. Nothing here is a network or a
// disk.
// SPDX-License-Identifier: MIT
#include <deque>
#include <map>
#include <memory>

#include "bench/cpu_time.hpp"
#include "bench/figures.hpp"
#include "bench/memory_use.hpp"
#include "tests/consensus/decided_row.hpp"
#include <CLI/CLI.hpp>

#include "vouch/consensus/agreement.hpp"
#include "vouch/consensus/no_chains.hpp"
#include "vouch/transport/crypto.hpp"

namespace {

using namespace vouch;
using namespace vouch::bench;
using consensus::Agreement;

constexpr std::size_t peers_count = 5, newcomer = 4;
constexpr Duration hop = std::chrono::milliseconds(1);
constexpr Duration patience = std::chrono::minutes(5);

struct Peer {
  std::unique_ptr<Ed25519Signer> signer;
  std::unique_ptr<Agreement> agreement;
  std::map<Bytes, Bytes> rows;  ///< of what comes in the change
};

class Bench {
 public:
  Bench(std::size_t subjects, bool json) : subjects_(subjects), figures_(json) {}

  int run() {
    if (!begin()) return 1;
    membership::Roster next = peers_[0].agreement->rosters().newest().next();
    next.remove(peers_[3].signer->id());
    next.add(peers_[newcomer].signer->id());
    next.list(peers_[newcomer].signer->id(), 1);
    const double before = live_bytes();
    for (const std::size_t at : {0, 1}) {
      if (!peers_[at].agreement->propose_roster(now_, next)) return 1;
      step(at);
    }
    const Instant limit = now_ + patience;
    while (!entered() && now_ < limit) advance();
    if (!entered()) return 1;
    const std::chrono::duration<double> took = now_ - *certified_;
    figures_.add("handover.subjects", static_cast<double>(subjects_), "");
    figures_.add("handover.virtual_s", took.count(), "s");
    figures_.add("handover.step_max_s", step_max_, "s");
    figures_.add("handover.newcomer_cpu_s", newcomer_cpu_, "s");
    figures_.add("handover.newcomer_mib", static_cast<double>(newcomer_bytes_) / (1 << 20), "MiB");
    figures_.add("handover.others_kib", static_cast<double>(others_bytes_) / (1 << 10), "KiB");
    figures_.add("handover.message_max_kib", static_cast<double>(message_max_) / (1 << 10), "KiB");
    figures_.add("handover.memory_and_rows_mib", (live_bytes() - before) / (1 << 20), "MiB");
    figures_.add("handover.rows_mib", rows_bytes() / (1 << 20), "MiB");
    figures_.print();
    return 0;
  }

 private:
  struct Flight {
    std::size_t from = 0, to = 0;
    Bytes words;
  };

  bool begin() {
    std::vector<PeerId> ids;
    for (std::uint8_t i = 0; i < peers_count; ++i) {
      crypto::Seed seed;
      seed.bytes.fill(static_cast<std::uint8_t>(i + 1));
      peers_.push_back({std::make_unique<Ed25519Signer>(seed), nullptr, {}});
      if (i != newcomer) ids.push_back(peers_.back().signer->id());
    }
    const membership::Roster roster(ids, 0);
    for (Peer& peer : peers_) {
      peer.agreement = std::make_unique<Agreement>(
          consensus::Setting{ClusterId{}, roster, *peer.signer, chains_, "rules", 0, {}});
      std::vector<std::pair<Bytes, Bytes>> rows;
      for (std::size_t n = 0; n < subjects_; ++n) {
        rows.push_back(consensus::decided_row(ClusterId{}, n));
      }
      if (peer.agreement->restore(rows) != 0) return false;
      peer.agreement->write_as(now_, 1);
    }
    return true;
  }

  bool entered() const {
    return std::ranges::all_of(std::vector<std::size_t>{0, 1, 2, newcomer}, [this](auto at) {
      const auto& entered = peers_[at].agreement->setting().entered;
      return entered && entered->epoch == 1;
    });
  }

  double rows_bytes() const {
    double sum = 0;
    for (const Peer& peer : peers_) {
      for (const auto& [key, row] : peer.rows) sum += static_cast<double>(row.size());
    }
    return sum;
  }

  void step(std::size_t at, const Bytes* words = nullptr, std::size_t from = 0) {
    Peer& peer = peers_[at];
    Outbox out;
    const double took = seconds_of([&] {
      if (words != nullptr) peer.agreement->on_words(now_, peers_[from].signer->id(), *words);
      peer.agreement->on_tick(now_);
      peer.agreement->flush(now_, out);
      for (Row& row : out.rows) {
        if (row.value) peer.rows[row.key] = std::move(*row.value);
      }
      for (const LoadPage& load : out.pages) {
        const Bytes& page = peer.rows.at(load.key);
        if (load.to == peer.signer->id()) {
          peer.agreement->on_page(page);
        } else {
          out.send(load.to, Agree{consensus::encode_words({consensus::page_word(page)})});
        }
      }
    });
    peer.agreement->take_entered();
    // The newcomer reads it in a log.
    for (consensus::Decided& decided : peer.agreement->take_decided()) {
      if (at != newcomer) peers_[newcomer].agreement->on_certificate(now_, decided.certificate);
    }
    step_max_ = std::max(step_max_, took);
    const bool known = peer.agreement->rosters().newest().epoch() == 1;
    if (known && !certified_) certified_ = now_;
    if (known && at == newcomer) newcomer_cpu_ += took;
    for (Send& send : out.sends) {
      const auto to = std::ranges::find_if(
          peers_, [&](const Peer& other) { return other.signer->id() == send.to; });
      const auto place = static_cast<std::size_t>(to - peers_.begin());
      Bytes& sent = std::get<Agree>(send.message.body).words;
      (place == newcomer ? newcomer_bytes_ : others_bytes_) += sent.size();
      message_max_ = std::max(message_max_, sent.size());
      flights_.emplace(now_ + hop, Flight{at, place, std::move(sent)});
    }
  }

  void advance() {
    Instant next = now_ + patience;
    if (!flights_.empty()) next = flights_.begin()->first;
    for (const Peer& peer : peers_) {
      next = std::min(next, peer.agreement->next_deadline().value_or(next));
    }
    now_ = std::max(now_, next);
    while (!flights_.empty() && flights_.begin()->first <= now_) {
      const Flight flight = std::move(flights_.begin()->second);
      flights_.erase(flights_.begin());
      step(flight.to, &flight.words, flight.from);
    }
    for (std::size_t at = 0; at < peers_count; ++at) {
      const auto deadline = peers_[at].agreement->next_deadline();
      if (deadline && *deadline <= now_) step(at);
    }
    now_ += Duration{1};
  }

  std::size_t subjects_;
  Figures figures_;
  consensus::NoChains chains_;
  std::deque<Peer> peers_;
  std::multimap<Instant, Flight> flights_;
  Instant now_{};
  std::optional<Instant> certified_;
  double step_max_ = 0, newcomer_cpu_ = 0;
  std::size_t newcomer_bytes_ = 0, others_bytes_ = 0, message_max_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("handover_bench: a change of the roster where many subjects were decided");
  std::size_t subjects = 1'000'000;
  bool quick = false, json = false, competitors = false;
  app.add_option("--subjects", subjects, "that were decided");
  app.add_flag("--quick", quick, "100,000 of them");
  app.add_flag("--json", json, "figures as JSON");
  app.add_flag("--competitors", competitors, "there are none");
  CLI11_PARSE(app, argc, argv);
  return Bench(quick ? 100'000 : subjects, json).run();
}
