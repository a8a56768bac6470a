// How a state is taken over whose logs are not there any more.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/sync/replica.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sync {

bool Replica::has_read(const LogEnd& end) const {
  const auto held = frontier_.find(end.writer);
  return proven(end.writer.peer) || (held != frontier_.end() && held->second.last >= end.last);
}

std::vector<std::uint16_t> Replica::unread(const std::vector<LogEnd>& ends) const {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (!has_read(ends[i])) out.push_back(static_cast<std::uint16_t>(i));
  }
  return out;
}

SubjectId Replica::subject_of(std::string_view stream) const {
  return stream_subject(config_.cluster, stream);
}

BatchHeader Replica::header_of(ByteView batch) {
  const auto frame = split_frame(batch);
  VOUCH_CHECK(frame.has_value() && frame->kind == FrameKind::batch);
  return decode_batch_header(*frame).value();
}

void Replica::let_go_as_told(const TakenState& taken, Outbox& out) {
  if (config_.released == nullptr) return;
  std::map<std::string, const ReleasedSubjects::Stream*> told;
  Over over;
  for (const ReleasedSubjects::Stream& stream : taken.released) {
    if (config_.released->contains(stream.name)) continue;
    told[stream.name] = &stream;
    over.streams.insert(stream.name);
  }
  for (const SubjectId& proposal : taken.released_proposals) {
    if (!config_.released->contains(proposal)) over.proposals.insert(proposal);
  }
  if (over.empty()) return;
  const std::size_t before = released_.size();
  let_go(over, out);
  // Of its cells as many may be here as were read, or none.
  for (std::size_t i = before; i < released_.size(); ++i) {
    ReleasedRow& row = released_[i].row;
    if (row.proposal) continue;
    const ReleasedSubjects::Stream& end = *told.at(row.name);
    if (row.size != end.size || row.head != end.head) {
      row = {};
      row.name = end.name;
      row.size = end.size;
      row.head = end.head;
    }
    config_.released->add(released_[i].subject, row.size);
  }
}

void Replica::take_over(const TakenState& taken, Outbox& out) {
  let_go_as_told(taken, out);
  state::State cells = taken.cells.without(state_.proofs);
  cells.proofs = {};
  if (!cells.empty()) take_in(std::move(cells), out);
  for (const Bytes& frame : taken.ends) {
    const BatchHeader header = header_of(frame);
    if (has_read({header.writer, header.last()})) continue;
    advance(header.writer, header.last(), batch_hash(*split_frame(frame)), out);
    out.persist(Table::batches, batch_key(header.writer, header.first), frame);
  }
}

}  // namespace vouch::sync
