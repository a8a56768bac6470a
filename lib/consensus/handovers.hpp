// The handovers to one roster, as they come in: indices, and their pages, each kept once however
// many list it (docs/decisions/0053). Pages themselves are on disk; in memory are those of a window
// of each handover, until what they say is known here, that is met. What is known is for others to
// say. Stepped; rows to be written gather until they are taken.
//   rows, by 'h' and the voter: its signed word, the index sized; by 'p' and the hash: the page
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "vouch/base/time.hpp"
#include "vouch/consensus/handover.hpp"
#include "vouch/consensus/messages.hpp"

namespace vouch::consensus {

class Handovers {
 public:
  /// Pages of each handover that are looked at at a time.
  static constexpr std::size_t window = 32;
  struct Row {
    char kind = 0;
    Bytes key;
    std::optional<Bytes> value;
  };
  struct Wanted {
    std::vector<Hash> loads;  ///< from the own disk
    std::map<PeerId, std::vector<Hash>> asks;
  };

  bool holds(const PeerId& voter) const { return held_.contains(voter); }
  bool refuses(const PeerId& voter) const { return refused_.contains(voter); }
  /// All of it was met here.
  bool is_read(const PeerId& voter) const;
  void each(const std::function<void(const PeerId&, const Handover&)>& visit) const;
  const HandoverIndex& index(const PeerId& voter) const { return held_.at(voter).index; }

  /// The own one, before it is signed: its pages are met, by who wrote them. Gives the index.
  Bytes prepare(HandoverIndex index, std::vector<CutPage> pages);
  /// `index` is that of the handover, and `teller` has all of its pages.
  void keep(const Handover& handover, HandoverIndex index, const PeerId& teller);
  /// Somebody else has it too, if it is the same.
  void tell(const Handover& handover, const PeerId& teller);
  /// Nothing of the voter is held any more, nor heard.
  void refuse(const PeerId& voter);

  enum class Taken : std::uint8_t { nothing, bad, page };
  /// A page that was asked for, or loaded, if `proves` holds for all that it says of locks; it is
  /// met if `meet` says so. Who signed one that is bad is refused; who gives what nobody signed is
  /// asked last.
  Taken take(const PeerId& from, ByteView bytes,
             const std::function<bool(const SubjectState&)>& proves,
             const std::function<bool(const SubjectStates&)>& meet);
  /// Pages in memory that are not met, by the voters whose handovers list them; those for which
  /// `meet` gives true are from then on.
  void look(const std::function<bool(const PeerId&, const SubjectStates&)>& meet);
  /// Moves on behind what is met. Who signed pages that do not rise is refused.
  void advance();
  /// What the windows lack. What did not come in `patience` is wanted from somebody else.
  Wanted wanted(Instant now, Duration patience, const PeerId& self);
  bool has_stored(const Hash& page) const;

  /// Only what these voters handed over is kept.
  void keep_only(const std::set<PeerId>& voters);
  void clear();

  std::vector<Row> take_rows() { return std::exchange(rows_, {}); }
  /// False for another form.
  bool restore(char kind, ByteView key, ByteView row);

 private:
  struct Page {
    SubjectStates subjects;  ///< while it is in memory
    SubjectId first, last;   ///< once it was
    bool stored = false;     ///< on disk
    bool met = false;        ///< in this life
    std::optional<Instant> asked;
    PeerId of;  ///< who was asked, the last time
  };
  struct Held {
    Handover words;
    HandoverIndex index;
    std::set<PeerId> tellers;  ///< have all pages, as they say
    std::size_t read = 0;      ///< pages that were met, from the first one on
    SubjectId last;            ///< of those
  };

  void each_in_window(const std::function<void(const PeerId&, Held&, const Hash&)>& visit);
  void miss(Page& page);
  void sweep();

  std::map<PeerId, Held> held_;
  std::map<Hash, Page> pages_;
  std::vector<Hash> own_;  ///< pages of the own one, also while it is not signed
  std::set<PeerId> refused_;
  std::map<PeerId, std::size_t> failed_;  ///< pages that a voter was asked for in vain
  std::vector<Row> rows_;
};

}  // namespace vouch::consensus
