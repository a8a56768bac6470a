// SPDX-License-Identifier: MIT
#include "vouch/base/outbox.hpp"

#include <iterator>

namespace vouch {
namespace {

template <class T>
void move_behind(std::vector<T>& all, std::vector<T>& more) {
  all.insert(all.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
}

}  // namespace

void Outbox::append(Outbox&& other) {
  move_behind(rows, other.rows);
  synced |= other.synced;
  move_behind(publish, other.publish);
  move_behind(sends, other.sends);
  move_behind(replies, other.replies);
  move_behind(pulls, other.pulls);
  move_behind(events, other.events);
  move_behind(loads, other.loads);
  move_behind(certificates, other.certificates);
  move_behind(evidence, other.evidence);
  move_behind(notices, other.notices);
}

}  // namespace vouch
