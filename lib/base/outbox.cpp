// SPDX-License-Identifier: MIT
#include "vouch/base/outbox.hpp"

#include <iterator>

#include "vouch/schemas/envelope.hpp"

namespace vouch {
namespace {

template <class T>
void move_behind(std::vector<T>& all, std::vector<T>& more) {
  all.insert(all.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
}

}  // namespace

void Outbox::withdraw(const Writer& log) {
  withdrawn.push_back(log);
  std::erase_if(publish, [&log](const Bytes& raw) {
    const auto frame = split_frame(raw);
    if (!frame || frame->kind != FrameKind::batch) return false;
    const auto header = decode_batch_header(*frame);
    if (!header) return false;
    return header->writer == log || proven_logs(header->writer.peer) == log;
  });
}

void Outbox::append(Outbox&& other) {
  for (const Writer& log : other.withdrawn) withdraw(log);
  move_behind(rows, other.rows);
  synced |= other.synced;
  move_behind(publish, other.publish);
  move_behind(sends, other.sends);
  move_behind(replies, other.replies);
  move_behind(pulls, other.pulls);
  move_behind(events, other.events);
  move_behind(stored, other.stored);
  move_behind(loads, other.loads);
  move_behind(trims, other.trims);
  move_behind(certificates, other.certificates);
  move_behind(pages, other.pages);
  move_behind(evidence, other.evidence);
  move_behind(notices, other.notices);
}

}  // namespace vouch
