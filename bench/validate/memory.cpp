// SPDX-License-Identifier: MIT
#include "bench/validate/memory.hpp"

#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {

std::uint64_t calls = 0;
std::int64_t bytes = 0;

void* take(void* at) {
  if (at == nullptr) std::abort();
  ++calls;
  bytes += static_cast<std::int64_t>(malloc_usable_size(at));
  return at;
}

void give_back(void* at) {
  if (at != nullptr) bytes -= static_cast<std::int64_t>(malloc_usable_size(at));
  std::free(at);
}

}  // namespace

void* operator new(std::size_t size) {
  return take(std::malloc(size == 0 ? 1 : size));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take(std::malloc(size == 0 ? 1 : size));
}
void* operator new(std::size_t size, std::align_val_t align) {
  const auto unit = static_cast<std::size_t>(align);
  return take(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete(void* at) noexcept {
  give_back(at);
}
void operator delete(void* at, std::size_t) noexcept {
  give_back(at);
}
void operator delete(void* at, std::align_val_t) noexcept {
  give_back(at);
}
void operator delete(void* at, std::size_t, std::align_val_t) noexcept {
  give_back(at);
}

namespace vouch::bench {

std::uint64_t allocations() {
  return calls;
}
std::int64_t live_bytes() {
  return bytes;
}

}  // namespace vouch::bench
