// Properties of drawn values: what chance draws, and what must hold. The laws are templates over
// some twenty types; all of rapidcheck stays in property.cpp, so that it is compiled once, not once
// for every type.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <vector>

#include <gtest/gtest.h>

namespace vouch::crdt {

/// One step of a history. `what` and `arg` are for the type's own `write`.
struct Step {
  std::size_t replica = 0;  ///< below 4
  int what = 0;             ///< below 12
  int arg = 0;              ///< below 8
  std::size_t from = 0;     ///< the replica whose news come in before the write
  bool heard = false;
};

/// What one run of the laws is about.
struct Drawn {
  std::vector<Step> steps;
  std::vector<std::uint64_t> masks;  ///< four
  std::vector<std::size_t> order;    ///< each below 1000
  std::vector<std::uint8_t> noise;
};

/// Only inside a property.
Drawn draw();
std::uint32_t draw_number();

/// Runs `property` on many draws; a draw that fails is made small and told.
void check_property(void (*property)());

/// Ends this run of the property as failed unless `held`.
void must_hold(bool held, const char* what, const char* file, int line);

#define VOUCH_HOLDS(...) ::vouch::crdt::must_hold((__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)

/// VOUCH_PROPERTY(Suite, name) { body } is a test that runs the body on many draws.
#define VOUCH_PROPERTY(suite, name)                            \
  void property_##suite##_##name();                            \
  TEST(suite, name) {                                          \
    ::vouch::crdt::check_property(&property_##suite##_##name); \
  }                                                            \
  void property_##suite##_##name()

}  // namespace vouch::crdt
