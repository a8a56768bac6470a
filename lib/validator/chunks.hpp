// Stage 5 of RULES section 2: chunk events become START, CONTENT and END. One pending stream per
// owner (a lane); lanes close in the order in which they opened.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "vouch/validator/event.hpp"
#include "vouch/validator/findings.hpp"
#include "vouch/validator/run_state.hpp"

namespace vouch::validator {

class ChunkLanes {
 public:
  /// Appends what `event` stands for to `out`, itself included unless it is a chunk. False when a
  /// chunk
  /// breaks a rule; `out` is then of no use. Views live until the next call.
  bool expand(const Event& event, std::vector<Event>& out, Findings& findings);
  /// Forgets all pending streams: their run is abandoned, or the stream has ended.
  void clear() { lanes_.clear(); }

 private:
  enum class ItemKind : std::uint8_t { text, tool, reasoning };
  struct Lane {
    Owner owner;
    ItemKind kind = ItemKind::text;
    std::string id;
    std::string role = "assistant";
    std::optional<std::string> name, tool_name, parent;
  };
  using Lanes = std::vector<Lane>;  ///< by opening order; few at a time

  static std::optional<ItemKind> kind_of_chunk(Kind kind);
  static const Text& id_of(const Event& chunk, ItemKind kind);
  Lanes::iterator lane_of(const Owner& owner);
  void close(Lanes::iterator lane);
  void close_all();
  bool expand_chunk(const Event& chunk, ItemKind kind, std::vector<Event>& out, Findings& findings);
  std::optional<Owner> resolve(const Event& chunk, ItemKind kind, Findings& findings);
  bool consistent(const Event& chunk, const Lane& lane, Findings& findings) const;
  bool open(const Event& chunk, ItemKind kind, const Owner& owner, std::vector<Event>& out,
            Findings& findings);
  void content(const Event& chunk, const Lane& lane, std::vector<Event>& out) const;

  Lanes lanes_;
  std::vector<Lane> closed_;  ///< kept until the next call: their texts are viewed
};

}  // namespace vouch::validator
