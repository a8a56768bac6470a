// How long the disk alone takes for 4 KiB, while something else is measured beside it: whoever must
// write before it speaks is late by that.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace vouch::bench {

class DiskProbe {
 public:
  /// Writes into the file system of `folder`, at this pace. Half a pace after the start at first,
  /// so that it stands aside of who starts with it.
  DiskProbe(const std::filesystem::path& folder, std::chrono::milliseconds pace)
      : file_(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)),
        pace_(pace),
        due_(Clock::now() + pace / 2) {}
  ~DiskProbe() {
    if (file_ >= 0) ::close(file_);
  }
  DiskProbe(const DiskProbe&) = delete;
  DiskProbe& operator=(const DiskProbe&) = delete;

  /// Writes when it is due; call it often.
  void turn() {
    const auto from = Clock::now();
    if (from < due_) return;
    due_ = from + pace_;
    const std::array<char, 4096> block{};
    if (::pwrite(file_, block.data(), block.size(), 0) != ssize_t{block.size()}) return;
    if (::fdatasync(file_) != 0) return;
    took_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - from).count());
  }
  /// Milliseconds of each write; none where the file system cannot do it.
  const std::vector<double>& took() const { return took_; }

 private:
  using Clock = std::chrono::steady_clock;

  int file_;
  std::chrono::milliseconds pace_;
  Clock::time_point due_;
  std::vector<double> took_;
};

}  // namespace vouch::bench
