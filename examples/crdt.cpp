// Two replicas of a shopping list that merge without a server: vouch::crdt alone, nothing else of
// vouch. Each change is a delta; deltas may be lost, come twice or in any order.
// SPDX-License-Identifier: MIT
#include <cstdio>
#include <string>

#include <vouch/crdt/causal_counter.hpp>
#include <vouch/crdt/or_map.hpp>

using namespace vouch::crdt;

namespace {

/// What to buy and how many; an item that somebody removes while somebody else adds more of it
/// stays with what was added.
using List = Causal<OrMap<std::string, CausalCounter>>;

List more(const List& list, ReplicaId replica, const std::string& item, int by) {
  return list->update(list.next(replica), item,
                      [&](const CausalCounter& held, const Dot& dot) { return held.add(dot, by); });
}

void show(const char* who, const List& list) {
  std::printf("%s:", who);
  for (const auto& [item, count] : list->entries()) {
    std::printf(" %s=%lld", item.c_str(), static_cast<long long>(count.value()));
  }
  std::printf("\n");
}

}  // namespace

int main() {
  constexpr ReplicaId anna = 1, ben = 2;  // in earnest: bytes of a hash of each one's key
  List annas, bens;

  // A change is a delta that its writer joins and sends, here as bytes.
  const List milk = more(annas, anna, "milk", 2);
  annas.join(milk);
  const vouch::Bytes sent = encode(milk);
  if (const auto received = decode<List>(sent)) bens.join(*received);

  // Both change the list and do not hear of each other.
  bens.join(bens->remove("milk"));
  bens.join(more(bens, ben, "bread", 1));
  annas.join(more(annas, anna, "eggs", 6));
  show("anna alone", annas);
  show("ben alone", bens);

  // What the other lacks, and only that, makes them equal; twice is as good as once.
  const List news = delta_of(annas, bens);
  annas.join(bens);
  bens.join(news);
  bens.join(news);
  show("both", annas);
  std::printf("equal: %s\n", annas == bens ? "yes" : "no");
  return annas == bens ? 0 : 1;
}
