// Stage 5 of RULES section 2: chunk events become START, CONTENT and END. One pending stream per
// owner (a lane); lanes close in the order in which they opened. agui-0.0.58 knows no owners, so
// that it has one lane; there repeats are not compared, and only a delta makes content.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "vouch/validator/event.hpp"
#include "vouch/validator/findings.hpp"
#include "vouch/validator/run_state.hpp"

namespace vouch::validator {

class ChunkLanes {
 public:
  explicit ChunkLanes(Protocol protocol) : legacy_(protocol == Protocol::agui_0_0_58) {}

  /// Nothing is pending and it is no chunk: the event stands for itself.
  bool passes(const Event& event) const { return lanes_.empty() && !is_chunk(event.kind); }
  /// Appends what `event` stands for to `out`, itself included unless it is a chunk. False when a
  /// chunk breaks a rule; `out` is then of no use. Views live until the next call.
  bool expand(const Event& event, std::vector<Event>& out, Findings& findings);
  /// The last chunk was rejected after all: what it opened is not pending.
  void retract();
  /// Forgets all pending streams: their run is abandoned, or the stream has ended.
  void clear();

  /// What a snapshot keeps: the lanes, from which the look-ups are made again.
  void archive(auto& a) {
    a(lanes_);
    if constexpr (std::remove_reference_t<decltype(a)>::reads) a.demand(index_lanes());
  }

 private:
  enum class ItemKind : std::uint8_t { text, tool, reasoning };
  struct Lane {
    Owner owner;
    ItemKind kind = ItemKind::text;
    std::string id;
    std::string role = "assistant";
    std::optional<std::string> name, tool_name, parent;
    std::uint64_t opened = 0;  ///< place in the order of opening
  };
  /// By owner; found in O(log lanes) by everything that a chunk can tell.
  using Lanes = std::map<Owner, Lane>;
  friend void archive(auto& a, Lane& lane) {
    a(lane.owner, lane.kind, lane.id, lane.role, lane.name, lane.tool_name, lane.parent,
      lane.opened);
  }
  friend constexpr ItemKind last_of(ItemKind) { return ItemKind::reasoning; }

  static std::optional<ItemKind> kind_of_chunk(Kind kind);
  static const Text& id_of(const Event& chunk, ItemKind kind);
  void close(Lanes::iterator lane);
  void close_all();
  bool expand_chunk(const Event& chunk, ItemKind kind, std::vector<Event>& out, Findings& findings);
  std::optional<Owner> resolve(const Event& chunk, ItemKind kind, Findings& findings) const;
  bool consistent(const Event& chunk, const Lane& lane, Findings& findings) const;
  bool has_content(const Event& chunk) const;
  void open(const Event& chunk, ItemKind kind, const Owner& owner, std::vector<Event>& out);
  void content(const Event& chunk, const Lane& lane, std::vector<Event>& out) const;
  void add(Lane lane);
  /// False when the lanes contradict each other.
  bool index_lanes();
  Lane take(Lanes::iterator lane);

  bool legacy_;
  Lanes lanes_;
  std::map<std::uint64_t, Owner> order_;
  std::array<std::map<std::string, Owner>, 3> by_id_;  ///< for each ItemKind
  std::optional<Owner> opened_;                        ///< the lane that the last call opened
  std::vector<Lane> closed_;  ///< kept until the next call: their texts are viewed
};

}  // namespace vouch::validator
