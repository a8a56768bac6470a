// Waits for the disk in a thread of its own, so that whoever wrote can go on. One flush at a time.
// Deliberately absent: what is flushed, and what follows when it fails.
// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "vouch/schemas/error.hpp"

namespace vouch::store {

/// begin and result are for one thread.
class Flusher {
 public:
  /// `flush` waits for the disk; `done` is told that a result is there, and must return soon, since
  /// nobody has the result before. Both run in the thread of the flusher, which starts with the
  /// first flush.
  Flusher(std::function<Result<void>()> flush, std::function<void()> done)
      : flush_(std::move(flush)), done_(std::move(done)) {}
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;
  /// Waits for the flush that is under way.
  ~Flusher();

  bool under_way() const { return under_way_; }
  /// Nothing is under way.
  void begin();
  /// Of the flush that is under way; nothing while it lasts, unless told to `wait`.
  std::optional<Result<void>> result(bool wait);

 private:
  void run();

  const std::function<Result<void>()> flush_;
  const std::function<void()> done_;
  bool under_way_ = false;  ///< of the asking thread
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false;
  bool ending_ = false;
  std::optional<Result<void>> result_;
  std::thread thread_;
};

}  // namespace vouch::store
