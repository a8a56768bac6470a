// Streams spread over lanes, each with its own lock and validators, so that submitting threads
// scale with the cores and meet the rest of the peer only when the driver collects what changed.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "vouch/ingest/intake.hpp"
#include "vouch/ingest/stream_table.hpp"

namespace vouch::driver {

/// Every member is thread-safe. Lock order: one lane at a time, nothing else under it.
class Lanes final : public ingest::Intake {
 public:
  /// `wake` is called, without a lock, when there are news after a time without any, and for urgent
  /// ones. `released`, as for StreamTable, is asked from all threads.
  Lanes(std::size_t lanes, const validator::Policy& policy, ingest::TableLimits limits,
        std::size_t backlog_bytes_max, std::function<void()> wake,
        const Released* released = nullptr);

  /// As StreamTable::submit; Errc::busy also while validators lag too far behind, storage_full or
  /// io while nothing can be stored.
  Result<ingest::Submitted> submit(const std::string& stream, std::string_view event,
                                   std::optional<std::uint64_t> index, bool attest_now);
  Result<validator::Verdict> close(const std::string& stream);
  /// As StreamTable::check_stall, of all lanes; free where the policy lacks the overlay `local`.
  std::vector<ingest::Stalled> check_stall(std::int64_t now_ms);
  std::pair<std::uint64_t, bool> position(const std::string& name);
  void attest_now(const std::string& name);
  /// As StreamTable::key_of and knows.
  std::string key_of(const std::string& name);
  bool knows(const std::string& stream);

  void follow_rules(std::uint32_t epoch, const std::string& rule_set) override;
  bool judges(const std::string& stream) override;

  ingest::PushOutcome push(const std::string& stream, std::uint64_t first,
                           std::span<const std::string> events, bool closes) override;
  void attest(const std::string& stream) override;
  void taint(const std::string& stream) override;
  bool retire(const std::string& stream) override;
  void release(const std::string& stream) override;
  std::optional<ingest::Checkpoint> tip(const std::string& stream) override;
  std::optional<Hash> head_at(const std::string& stream, std::uint64_t upto) override;
  std::optional<Hash> state_at(const std::string& stream, std::uint64_t size) override;
  std::vector<ThreadRun> runs(const std::string& stream) override;
  std::optional<validator::Point> end_after(const std::string& stream, std::uint64_t size) override;
  std::optional<validator::LinkList> links(const std::string& stream, std::uint64_t from,
                                           std::uint64_t to) override;
  void certified(const std::string& stream, std::uint64_t size) override;
  std::optional<validator::Segment> fold(const std::string& stream, const ingest::Start& start,
                                         std::span<const std::string> events, bool closes,
                                         std::uint64_t from) override;
  bool rebase(const std::string& stream, const ingest::Start& start,
              std::span<const std::string> events, bool closes) override;

  void collect(std::vector<ingest::Progress>& out) override;
  bool has_news() const override { return news_.load(std::memory_order_acquire); }
  bool urgent() const override { return urgent_.load(std::memory_order_acquire); }
  void set_pushing_bytes(std::size_t bytes) override { pushing_bytes_.store(bytes); }
  void set_closed_for(std::optional<Errc> reason) override { closed_for_.store(reason); }
  bool restore(const std::string& stream, const ingest::Start& start,
               std::span<const std::string> events, bool closed, bool local) override {
    return lane_of(stream).table.restore(stream, start, events, closed, local);
  }
  void restore_retired(const std::string& stream, std::uint64_t size) override {
    lane_of(stream).table.restore_retired(stream, size);
  }

  std::size_t open_streams();
  std::uint64_t events();

 private:
  struct Lane {
    Lane(const validator::Policy& policy, ingest::TableLimits limits, const Released* released)
        : table(policy, limits, released) {}
    std::mutex mutex;
    ingest::StreamTable table;
  };
  /// All keys of a name are in one lane.
  Lane& lane_of(std::string_view stream);
  Result<void> check_store() const;
  void announce(bool urgent);

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::size_t backlog_bytes_max_;
  bool needs_time_;  ///< some rule compares the time of arrival
  std::function<void()> wake_;
  std::atomic<bool> ruled_{false};  ///< the rules were changed once, at least
  std::atomic<bool> news_{false};
  std::atomic<bool> urgent_{false};
  std::atomic<std::size_t> fresh_bytes_{0};
  std::atomic<std::size_t> pushing_bytes_{0};
  std::atomic<std::optional<Errc>> closed_for_;
};

}  // namespace vouch::driver
