// Two replicas of a map of maxima, joined in both directions, are equal.
// SPDX-License-Identifier: MIT
#include <vouch/crdt/g_map.hpp>

int main() {
  vouch::crdt::GMap<int, vouch::crdt::Max<int>> a, b;
  a.join_at(1, vouch::crdt::Max<int>(3));
  b.join_at(1, vouch::crdt::Max<int>(5));
  b.join_at(2, vouch::crdt::Max<int>(1));
  const auto old_a = a;
  a.join(b.delta_of(a));
  b.join(old_a);
  return a == b && a.size() == 2 ? 0 : 1;
}
