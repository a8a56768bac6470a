// The streams of a peer as its loop sees them: what is news, what must wait, what comes back at the
// start.
// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "vouch/ingest/streams.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch::ingest {

class Intake : public Streams {
 public:
  /// Moves what is news since the last call to `out`.
  virtual void collect(std::vector<Progress>& out) = 0;
  virtual bool has_news() const = 0;
  /// Some news should not wait for others.
  virtual bool urgent() const = 0;
  /// What is held for validators; submitters are refused above a limit.
  virtual void set_pushing_bytes(std::size_t bytes) = 0;
  /// Why nothing can be stored at the moment, if so: submitters are refused with it.
  virtual void set_closed_for(std::optional<Errc> reason) = 0;

  /// For the start, before anybody submits. Feeds stored events again; nothing of it is news.
  /// `local`: submitters of this peer began it. What cannot be judged here any more is left out.
  /// False when the state is none.
  virtual bool restore(const std::string& stream, const Start& start,
                       std::span<const std::string> events, bool closed, bool local) = 0;
  /// A stream that was retired in an earlier life.
  virtual void restore_retired(const std::string& stream, std::uint64_t size) = 0;
};

}  // namespace vouch::ingest
