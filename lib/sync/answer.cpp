// SPDX-License-Identifier: MIT
#include "vouch/sync/answer.hpp"

#include <algorithm>

#include "vouch/sync/replica.hpp"

namespace vouch::sync {

Pulled answer_pull(const Pull& request, const FrontierMap& held, const LogScan& scan,
                   std::size_t bytes_max) {
  Pulled answer;
  answer.frontier = held;
  std::size_t bytes = 0;
  for (const auto& [writer, entry] : held) {
    const auto theirs = request.frontier.find(writer);
    if (theirs == request.frontier.end() && !request.whole) continue;
    const std::uint64_t after = theirs == request.frontier.end() ? 0 : theirs->second.last;
    if (after >= entry.last) continue;
    const Bytes from = Replica::batch_key(writer, after + 1);
    const std::size_t prefix = from.size() - sizeof(std::uint64_t);
    scan(from, [&](ByteView key, ByteView frame) {
      if (key.size() != from.size() ||
          !std::ranges::equal(key.first(prefix), ByteView(from).first(prefix))) {
        return false;
      }
      if (!answer.batches.empty() && bytes + frame.size() > bytes_max) {
        answer.more = true;
        return false;
      }
      bytes += frame.size();
      answer.batches.push_back(to_bytes(frame));
      return true;
    });
  }
  return answer;
}

}  // namespace vouch::sync
