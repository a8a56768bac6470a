// The laws of every lattice, checked on histories: replicas write, some of what they say is lost,
// some comes twice, some in another order. Two of the replicas share an id, as after a restored
// backup: the laws hold for whatever may come in, not only for what honest writers make.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include "tests/crdt/property.hpp"

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/wire.hpp"

namespace vouch::crdt {

template <class L>
L joined(L a, const L& b) {
  a.join(b);
  return a;
}

template <class L>
L join_all(const std::vector<L>& parts) {
  L whole;
  for (const L& part : parts) whole.join(part);
  return whole;
}

/// All deltas of a history. `write(state, replica, step)` returns the delta of one mutator.
template <class L, class Write>
std::vector<L> history(const std::vector<Step>& steps, const Write& write) {
  // Replicas 2 and 3 write under one id.
  constexpr std::uint64_t ids[] = {1, 7, 0x9d3f00aa11223344, 0x9d3f00aa11223344};
  std::vector<L> replicas(4);
  std::vector<L> deltas;
  for (const Step& step : steps) {
    L& own = replicas[step.replica];
    if (step.heard) own.join(L(replicas[step.from]));
    const L delta = write(static_cast<const L&>(own), ids[step.replica], step);
    const L before = own;
    own.join(delta);
    VOUCH_HOLDS(before.leq(own));
    VOUCH_HOLDS(delta.leq(own));
    deltas.push_back(delta);
  }
  return deltas;
}

/// What is in `deltas`, as decided by the bits of `mask`.
template <class L>
L some_of(const std::vector<L>& deltas, std::uint64_t mask) {
  L out;
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    if ((mask >> (i % 64) & 1) != 0) out.join(deltas[i]);
  }
  return out;
}

template <class L>
std::vector<L> parts_of(const L& whole) {
  std::vector<L> parts;
  whole.decompose([&](const L& part) { parts.push_back(part); });
  return parts;
}

template <class L>
void check_join(const L& a, const L& b, const L& c) {
  VOUCH_HOLDS(joined(a, b) == joined(b, a));
  VOUCH_HOLDS(joined(joined(a, b), c) == joined(a, joined(b, c)));
  VOUCH_HOLDS(joined(a, a) == a);
  VOUCH_HOLDS(joined(a, L{}) == a);
  VOUCH_HOLDS(joined(L{}, a) == a);
  VOUCH_HOLDS(L{}.leq(a));
  VOUCH_HOLDS(a.leq(joined(a, b)));
  VOUCH_HOLDS(a.leq(b) == (joined(b, a) == b));
}

template <class L>
void check_delta_of(const L& a, const L& b) {
  const L news = a.delta_of(b);
  VOUCH_HOLDS(joined(b, news) == joined(b, a));
  VOUCH_HOLDS(news.leq(a));
  VOUCH_HOLDS((news == L{}) == a.leq(b));
  for (const L& part : parts_of(news)) VOUCH_HOLDS(!part.leq(b));
}

/// Causal types only: which updates are live, and which a value speaks about.
template <class L>
concept HasContext = requires(const L& value) {
  value.context();
  value.live();
};

/// Joining `part` into `held` may end only what the part covers.
template <class L>
void check_removes_only_covered(const L& held, const L& part) {
  if constexpr (HasContext<L>) {
    const auto ended = held.live().delta_of(joined(held, part).live());
    VOUCH_HOLDS(ended.leq(part.context()));
  }
}

template <class L>
void check_parts(const L& whole, const L& held, const std::vector<std::size_t>& order) {
  std::vector<L> parts = parts_of(whole);
  VOUCH_HOLDS(join_all(parts) == whole);
  for (const L& part : parts) {
    VOUCH_HOLDS(part.leq(whole));
    VOUCH_HOLDS(!(part == L{}));
    check_removes_only_covered(held, part);
  }
  for (std::size_t i = 0; i < order.size() && !parts.empty(); ++i) {
    std::swap(parts[i % parts.size()], parts[order[i] % parts.size()]);
  }
  L in_parts = held;
  for (const L& part : parts) in_parts.join(part);
  VOUCH_HOLDS(in_parts == joined(held, whole));
}

/// Deltas in any order, some twice, some lost and repaired by what a complete peer sends.
template <class L>
void check_delivery(const std::vector<L>& deltas, const std::vector<std::size_t>& order,
                    std::uint64_t lost) {
  const L whole = join_all(deltas);
  L late;
  for (const std::size_t at : order) {
    if (!deltas.empty()) late.join(deltas[at % deltas.size()]);
  }
  L lossy = late;
  for (std::size_t i = deltas.size(); i > 0; --i) {
    late.join(deltas[i - 1]);
    if ((lost >> (i % 64) & 1) == 0) lossy.join(deltas[i - 1]);
  }
  VOUCH_HOLDS(late == whole);
  lossy.join(whole.delta_of(lossy));
  VOUCH_HOLDS(lossy == whole);
}

template <Wired L>
void check_form(const L& value, const std::vector<std::uint8_t>& noise) {
  const Bytes form = encode(value);
  const auto back = decode<L>(form);
  VOUCH_HOLDS(back.has_value());
  VOUCH_HOLDS(*back == value);
  Bytes longer = form;
  longer.push_back(0);
  VOUCH_HOLDS(!decode<L>(longer).has_value());
  if (!form.empty()) VOUCH_HOLDS(!decode<L>(ByteView(form).first(form.size() - 1)).has_value());
  // Whatever a stranger sends is refused, or it is the one form of some value.
  Bytes bent = form;
  for (std::size_t i = 0; i + 1 < noise.size() && !bent.empty(); i += 2) {
    bent[noise[i] % bent.size()] ^= noise[i + 1];
  }
  for (const Bytes& bytes : {bent, Bytes(noise)}) {
    const auto stranger = decode<L>(bytes);
    if (!stranger) continue;
    VOUCH_HOLDS(encode(*stranger) == bytes);
    check_join(*stranger, value, joined(*stranger, value));
    check_delta_of(*stranger, value);
    check_delta_of(value, *stranger);
    check_parts(*stranger, value, {});
  }
}

template <Decomposable L, class Write>
void check_laws(const Write& write) {
  const Drawn drawn = draw();
  const std::vector<L> deltas = history<L>(drawn.steps, write);
  const L a = some_of(deltas, drawn.masks[0]);
  const L b = some_of(deltas, drawn.masks[1]);
  const L c = some_of(deltas, drawn.masks[2]);
  check_join(a, b, c);
  check_delta_of(a, b);
  check_delta_of(joined(a, b), a);
  check_parts(a, b, drawn.order);
  for (const L& delta : deltas) check_parts(delta, b, drawn.order);
  check_delivery(deltas, drawn.order, drawn.masks[3]);
  if constexpr (Wired<L>) check_form(a, drawn.noise);
}

/// VOUCH_LAWS(Suite, Type, write): the laws of `Type` under the writes of `write`.
#define VOUCH_LAWS(suite, name, type, write) \
  VOUCH_PROPERTY(suite, name) {              \
    ::vouch::crdt::check_laws<type>(write);  \
  }

}  // namespace vouch::crdt
