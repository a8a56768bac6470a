// The names of streams that were released, as on a peer's disk: where no memory of the process
// is counted for them. Whose hash begins alike passes for the same, which in so many is nobody.
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstring>

#include <sys/mman.h>

#include "vouch/base/released.hpp"
#include "vouch/crdt/check.hpp"

namespace vouch::sim {

class Summaries final : public Released {
 public:
  /// Room for so many. Their pages are shared, so the system does not count them as anonymous.
  Summaries(const ClusterId& cluster, std::size_t streams)
      : Released(cluster), places_(std::bit_ceil(2 * streams + 1)) {
    void* pages =
        ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    VOUCH_CHECK(pages != MAP_FAILED);
    held_ = static_cast<Held*>(pages);
  }
  ~Summaries() override { ::munmap(held_, bytes()); }

  using Released::size_of;
  Result<std::optional<std::uint64_t>> size_of(const SubjectId& stream) const override {
    const Held& held = held_[place_of(stream)];
    return held.size == 0 ? std::nullopt : std::optional(held.size);
  }
  void add(const SubjectId& stream, std::uint64_t size) override {
    VOUCH_CHECK(++count_ < places_);
    held_[place_of(stream)] = {start_of(stream), size};
  }
  void describe(const SubjectId&, Bytes) override {}

 private:
  struct Held {
    std::uint64_t start = 0, size = 0;  ///< of no stream while the size is 0
  };

  static std::uint64_t start_of(const SubjectId& stream) {
    std::uint64_t out = 0;
    std::memcpy(&out, stream.bytes.data(), sizeof out);
    return out;
  }
  /// Where it is, or would be.
  std::size_t place_of(const SubjectId& stream) const {
    const std::uint64_t start = start_of(stream);
    std::size_t place = start % places_;
    while (held_[place].size != 0 && held_[place].start != start) place = (place + 1) % places_;
    return place;
  }
  std::size_t bytes() const { return places_ * sizeof(Held); }

  std::size_t places_;
  std::size_t count_ = 0;
  Held* held_ = nullptr;
};

}  // namespace vouch::sim
