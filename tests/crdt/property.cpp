// SPDX-License-Identifier: MIT
#include "tests/crdt/property.hpp"

#include <ostream>
#include <string>

#include <rapidcheck/gtest.h>

namespace vouch::crdt {

void showValue(const Step& s, std::ostream& out) {
  out << "{" << s.replica << " " << s.what << " " << s.arg << " " << (s.heard ? "<" : "-") << s.from
      << "}";
}

namespace {

rc::Gen<Step> step_gen() {
  return rc::gen::construct<Step>(
      rc::gen::inRange<std::size_t>(0, 4), rc::gen::inRange(0, 12), rc::gen::inRange(0, 8),
      rc::gen::inRange<std::size_t>(0, 4),
      rc::gen::map(rc::gen::inRange(0, 3), [](int n) { return n == 0; }));
}

}  // namespace

Drawn draw() {
  Drawn out;
  out.steps = *rc::gen::container<std::vector<Step>>(step_gen());
  out.masks =
      *rc::gen::container<std::vector<std::uint64_t>>(4, rc::gen::arbitrary<std::uint64_t>());
  out.order = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 1000));
  out.noise = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  return out;
}

std::uint32_t draw_number() {
  return *rc::gen::arbitrary<std::uint32_t>();
}

void check_property(void (*property)()) {
  rc::detail::checkGTest(property);
}

void must_hold(bool held, const char* what, const char* file, int line) {
  if (!held) RC_FAIL(std::string(file) + ":" + std::to_string(line) + ": does not hold: " + what);
}

}  // namespace vouch::crdt
