// SPDX-License-Identifier: MIT
#include "tests/sim/split/checks.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "vouch/state/cell_of.hpp"
#include "vouch/sync/released_row.hpp"

namespace vouch::sim {
namespace {

using Lines = std::vector<std::string>;

/// How a stream looks at one peer.
struct Sight {
  consensus::Standpoint certified;
  std::uint64_t size = 0;
  bool closed = false;
  bool released = false;
};

Sight sight_of(SimPeer& peer, const std::string& stream) {
  Sight out;
  std::tie(out.size, out.closed) = peer.lanes().position(stream);
  out.certified = peer.machine().agreement().certified(stream);
  const Bytes* bytes = peer.disk().find(Table::released, peer.released().subject_of(stream).view());
  const auto row =
      bytes == nullptr ? fail(Errc::unknown, "none") : sync::decode_released_row(*bytes);
  out.released = row.has_value();
  if (row && row->certificate) out.certified = {row->certificate->height, row->certificate->value};
  return out;
}

class Look {
 public:
  Look(World& world, const SplitStream& stream, const std::vector<std::size_t>& peers, Lines& out)
      : world_(world), stream_(stream), out_(out) {
    for (const std::size_t i : peers) {
      sights_[i] = sight_of(world.peer(i), stream.name);
      longest_ = std::max(longest_, sights_[i].size);
    }
  }

  void compare_certificates() {
    const auto* known = world_.ledger().splits().find(stream_.name);
    const auto& [first, other] = *sights_.begin();
    for (const auto& [i, own] : sights_) {
      const auto& [height, value] = own.certified;
      if (height != other.certified.height || value != other.certified.value) {
        say(i, fmt::format("holds certificate {}, p{} {}", height, first, other.certified.height));
      }
      if (value.size != 0 && known->single.size() < value.size) {
        say(i, "holds a certificate whose events nobody could show");
      }
    }
  }

  void compare_chains() {
    const std::size_t other = sights_.begin()->first;
    for (const auto& [i, own] : sights_) {
      driver::Lanes& lanes = world_.peer(i).lanes();
      const Value& value = own.certified.value;
      if (own.size < value.size) say(i, fmt::format("has {} of {}", own.size, value.size));
      if (own.size < longest_) say(i, fmt::format("has {} entries of {}", own.size, longest_));
      const auto tip = lanes.tip(stream_.name);
      if (!tip) continue;  // over, and compared by what is certified
      if (value.size != 0 && lanes.head_at(stream_.name, value.size - 1) != value.head) {
        say(i, "does not pass through the certified point");
      }
      const auto there = world_.peer(other).lanes().head_at(stream_.name, tip->upto);
      if (there && *there != tip->head) say(i, fmt::format("has another tip than p{}", other));
      const auto* cell = state::cell_of(world_.peer(other).machine().replica().state().streams,
                                        stream_.name, world_.peer(i).id());
      if (cell == nullptr || cell->rank().upto != tip->upto ||
          !cell->claims().contains(tip->head)) {
        say(i, "does not attest its tip");
      }
    }
  }

  void check_end() {
    for (const auto& [i, own] : sights_) {
      if (stream_.closes && !own.closed) say(i, "is not closed");
      if (own.closed && own.certified.value.size != own.size) say(i, "is not certified to its end");
    }
  }

 private:
  void say(std::size_t peer, const std::string& what) {
    const Sight& own = sights_[peer];
    out_.push_back(fmt::format("{} at p{} ({} entries{}, certificate {} of {}) {}", stream_.name,
                               peer, own.size, own.closed ? ", closed" : "", own.certified.height,
                               own.certified.value.size, what));
  }

  World& world_;
  const SplitStream& stream_;
  Lines& out_;
  std::map<std::size_t, Sight> sights_;
  std::uint64_t longest_ = 0;
};

/// Nobody is still at work: instances are closed, folds are over.
void check_rest(World& world, Lines& out) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    const machine::PeerMachine& machine = world.peer(i).machine();
    machine.agreement().each([&](const consensus::Agreement::View& subject) {
      if (!subject.disputed || !is_split(subject.name)) return;
      out.push_back(fmt::format("{} at p{} is disputed in view {} of {}", subject.name, i,
                                subject.view, subject.certified.height + 1));
    });
    if (machine.refolder().pending() != 0) out.push_back(fmt::format("p{} still folds", i));
  }
}

}  // namespace

Lines flaws_of_splits(World& world, const SplitClients& splits,
                      const std::set<std::size_t>& damaged, const std::set<std::size_t>& lapsed) {
  Lines out;
  // Who lost its log has no vote: of the others there may be too few.
  if (splits.streams().empty() || !damaged.empty()) return out;
  std::vector<std::size_t> peers;
  for (std::size_t i = 0; i < world.size(); ++i) {
    if (!lapsed.contains(i)) peers.push_back(i);
  }
  if (peers.empty()) return out;
  for (const SplitStream& stream : splits.streams()) {
    if (world.ledger().splits().find(stream.name) == nullptr) continue;  // nobody came so far
    Look look(world, stream, peers, out);
    look.compare_certificates();
    look.compare_chains();
    look.check_end();
  }
  check_rest(world, out);
  return out;
}

}  // namespace vouch::sim
