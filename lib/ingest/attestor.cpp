// SPDX-License-Identifier: MIT
#include "vouch/ingest/attestor.hpp"

#include "vouch/schemas/limits.hpp"

namespace vouch::ingest {

void Attestor::restore(const std::string& stream, std::uint64_t upto) {
  entries_[stream].attested = upto;
}

void Attestor::rebase(const std::string& stream) {
  const auto it = entries_.find(stream);
  if (it == entries_.end()) return;
  it->second.pending.reset();
  it->second.attested.reset();
}

void Attestor::release(const std::string& stream) {
  entries_.erase(stream);
  waiting_.erase(stream);
}

void Attestor::on_progress(Instant now, const Progress& progress) {
  if (progress.tainted) return release(progress.stream);
  Entry& entry = entries_[progress.stream];
  entry.size = progress.size;
  entry.closed = progress.closed;
  entry.changed = now;
  if (progress.checkpoint) entry.pending = progress.checkpoint;
  const std::uint64_t covered = entry.attested ? *entry.attested + 1 : 0;
  if (entry.size <= covered) return;
  // All streams flush on one beat, so that one batch, with one signature, carries them.
  if (waiting_.empty()) flush_at_ = now + interval_;
  waiting_.insert(progress.stream);
  const bool many = entry.pending && entry.pending->upto + 1 >= covered + limits::attest_events_max;
  if (progress.urgent || many) flush_at_ = now;
}

std::optional<Instant> Attestor::next_deadline() const {
  if (waiting_.empty()) return std::nullopt;
  return flush_at_;
}

bool Attestor::settle(const std::string& stream, Entry& entry, Instant now, Streams& streams,
                      std::vector<Attestation>& out) {
  const bool quiet = now - entry.changed >= interval_;
  if (!entry.pending && quiet) entry.pending = streams.tip(stream);
  if (entry.pending && (!entry.attested || entry.pending->upto > *entry.attested)) {
    const Checkpoint& point = *entry.pending;
    out.push_back({stream, 0, point.upto, point.head, point.summary});
    entry.attested = point.upto;
  }
  entry.pending.reset();
  return entry.attested && *entry.attested + 1 >= entry.size;
}

std::vector<Attestation> Attestor::take(Instant now, Streams& streams) {
  std::vector<Attestation> out;
  if (waiting_.empty() || now < flush_at_) return out;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const auto entry = entries_.find(*it);
    const bool settled = settle(*it, entry->second, now, streams, out);
    if (settled && entry->second.closed) entries_.erase(entry);
    it = settled ? waiting_.erase(it) : std::next(it);
  }
  flush_at_ = now + interval_;
  return out;
}

}  // namespace vouch::ingest
