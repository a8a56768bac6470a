// SPDX-License-Identifier: MIT
#include "vouch/store/flusher.hpp"

#include "vouch/crdt/check.hpp"

namespace vouch::store {

Flusher::~Flusher() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Flusher::begin() {
  VOUCH_CHECK(!under_way_);
  under_way_ = true;
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  if (thread_.joinable()) {
    changed_.notify_all();
  } else {
    thread_ = std::thread([this] { run(); });
  }
}

std::optional<Result<void>> Flusher::result(bool wait) {
  VOUCH_CHECK(under_way_);
  std::unique_lock lock(mutex_);
  if (wait) changed_.wait(lock, [this] { return result_.has_value(); });
  auto out = std::exchange(result_, std::nullopt);
  under_way_ = !out;
  return out;
}

void Flusher::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return asked_ || ending_; });
    if (!asked_) return;
    asked_ = false;
    lock.unlock();
    auto result = flush_();
    lock.lock();
    result_ = std::move(result);
    changed_.notify_all();
    done_();  // whoever has the result may take away what this touches
  }
}

}  // namespace vouch::store
