// SPDX-License-Identifier: MIT
#include "tests/sim/proposers.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace vouch::sim {
namespace {

using std::chrono::milliseconds;

constexpr auto every = milliseconds(150);
constexpr std::uint64_t again_in = 3;  ///< of a subject that there is already
constexpr std::size_t late = 4;        ///< most of these last ones

}  // namespace

Proposers::Proposers(World& world, bool ask)
    : world_(world), ask_(ask), random_(world.settings().seed ^ 0x9707) {}

void Proposers::start() {
  if (ask_) world_.at(world_.now() + every, [this] { visit(); });
}

std::vector<std::size_t> Proposers::voters() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < world_.size(); ++i) {
    const SimPeer& peer = world_.peer(i);
    if (peer.running() && peer.machine().agreement().setting().votes()) out.push_back(i);
  }
  return out;
}

std::size_t Proposers::quorum_at(std::size_t number) const {
  return world_.peer(number).machine().agreement().setting().quorum();
}

void Proposers::propose(std::size_t number, const std::string& subject) {
  // One peer says the same until it has forgotten it.
  const std::string value = fmt::format("p{} {}", number, proposed_++);
  world_.visit(number, [&](SimPeer& peer) { peer.propose(subject, value); });
}

void Proposers::visit() {
  const std::size_t number = random_.below(world_.size());
  const std::uint64_t dice = random_.below(again_in), which = random_.next();
  if (over_) {
    for (const std::string& subject : subjects_) {
      for (const std::size_t voter : voters()) {
        const auto decision = world_.peer(voter).decision(subject);
        if (!decision) propose(voter, subject);
        if (decision && !decision->second) {
          world_.visit(voter, [&](SimPeer& peer) { peer.seek_value(subject); });
        }
      }
    }
    world_.at(world_.now() + milliseconds(500), [this] { visit(); });
    return;
  }
  if (subjects_.empty() || dice != 0) subjects_.push_back(fmt::format("q{}", subjects_.size()));
  const bool recent = which % 4 != 0;
  const std::size_t from = recent ? subjects_.size() - std::min(late, subjects_.size()) : 0;
  const std::size_t place =
      dice != 0 ? subjects_.size() - 1 : from + (which >> 8) % (subjects_.size() - from);
  propose(number, subjects_[place]);
  world_.at(world_.now() + every, [this] { visit(); });
}

std::vector<std::string> Proposers::differences(bool lost) const {
  std::vector<std::string> out;
  const std::vector<std::size_t> voters = this->voters();
  const bool enough = !voters.empty() && voters.size() >= quorum_at(voters.front());
  for (const std::string& subject : subjects_) {
    std::set<Hash> values;
    std::vector<std::size_t> decided, telling;
    for (const std::size_t voter : voters) {
      const auto decision = world_.peer(voter).decision(subject);
      if (!decision && !enough) continue;
      if (!decision) {
        out.push_back(fmt::format("p{} knows no value of {}", voter, subject));
        continue;
      }
      decided.push_back(voter);
      if (decision->second) telling.push_back(voter);
      if (decision->first != Hash{}) values.insert(decision->first);
    }
    if (values.size() > 1) {
      out.push_back(fmt::format("{} has two values, {:.8} and {:.8}", subject,
                                values.begin()->hex(), values.rbegin()->hex()));
    }
    if (!decided.empty() && telling.empty() && !lost) {
      out.push_back(fmt::format("nobody can tell the value of {}", subject));
    }
    if (!telling.empty() && telling != decided) {
      out.push_back(fmt::format("{} voters can tell the value of {}, {} cannot", telling.size(),
                                subject, decided.size() - telling.size()));
    }
  }
  return out;
}

}  // namespace vouch::sim
