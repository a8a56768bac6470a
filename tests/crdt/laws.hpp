// The laws of every lattice, checked on histories: replicas write, some of what they say is lost,
// some comes twice, some in another order. Two of the replicas share an id, as after a restored
// backup: the laws hold for whatever may come in, not only for what honest writers make.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/wire.hpp"

namespace vouch::crdt {

/// One step of a history. `what` and `arg` are for the type's own `write`.
struct Step {
  std::size_t replica = 0;
  int what = 0;
  int arg = 0;
  std::size_t from = 0;  ///< the replica whose news come in before the write
  bool heard = false;
};

inline rc::Gen<Step> step_gen() {
  return rc::gen::construct<Step>(
      rc::gen::inRange<std::size_t>(0, 4), rc::gen::inRange(0, 12), rc::gen::inRange(0, 8),
      rc::gen::inRange<std::size_t>(0, 4),
      rc::gen::map(rc::gen::inRange(0, 3), [](int n) { return n == 0; }));
}

inline void showValue(const Step& s, std::ostream& out) {
  out << "{" << s.replica << " " << s.what << " " << s.arg << " " << (s.heard ? "<" : "-") << s.from
      << "}";
}

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
    RC_ASSERT(before.leq(own));
    RC_ASSERT(delta.leq(own));
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
  RC_ASSERT(joined(a, b) == joined(b, a));
  RC_ASSERT(joined(joined(a, b), c) == joined(a, joined(b, c)));
  RC_ASSERT(joined(a, a) == a);
  RC_ASSERT(joined(a, L{}) == a);
  RC_ASSERT(joined(L{}, a) == a);
  RC_ASSERT(L{}.leq(a));
  RC_ASSERT(a.leq(joined(a, b)));
  RC_ASSERT(a.leq(b) == (joined(b, a) == b));
}

template <class L>
void check_delta_of(const L& a, const L& b) {
  const L news = a.delta_of(b);
  RC_ASSERT(joined(b, news) == joined(b, a));
  RC_ASSERT(news.leq(a));
  RC_ASSERT((news == L{}) == a.leq(b));
  for (const L& part : parts_of(news)) RC_ASSERT(!part.leq(b));
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
    RC_ASSERT(ended.leq(part.context()));
  }
}

template <class L>
void check_parts(const L& whole, const L& held, const std::vector<std::size_t>& order) {
  std::vector<L> parts = parts_of(whole);
  RC_ASSERT(join_all(parts) == whole);
  for (const L& part : parts) {
    RC_ASSERT(part.leq(whole));
    RC_ASSERT(!(part == L{}));
    check_removes_only_covered(held, part);
  }
  for (std::size_t i = 0; i < order.size() && !parts.empty(); ++i) {
    std::swap(parts[i % parts.size()], parts[order[i] % parts.size()]);
  }
  L in_parts = held;
  for (const L& part : parts) in_parts.join(part);
  RC_ASSERT(in_parts == joined(held, whole));
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
  RC_ASSERT(late == whole);
  lossy.join(whole.delta_of(lossy));
  RC_ASSERT(lossy == whole);
}

template <Wired L>
void check_form(const L& value, const std::vector<std::uint8_t>& noise) {
  const Bytes form = encode(value);
  const auto back = decode<L>(form);
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == value);
  Bytes longer = form;
  longer.push_back(0);
  RC_ASSERT(!decode<L>(longer).has_value());
  if (!form.empty()) RC_ASSERT(!decode<L>(ByteView(form).first(form.size() - 1)).has_value());
  // Whatever a stranger sends is refused, or it is the one form of some value.
  Bytes bent = form;
  for (std::size_t i = 0; i + 1 < noise.size() && !bent.empty(); i += 2) {
    bent[noise[i] % bent.size()] ^= noise[i + 1];
  }
  for (const Bytes& bytes : {bent, Bytes(noise)}) {
    const auto stranger = decode<L>(bytes);
    if (!stranger) continue;
    RC_ASSERT(encode(*stranger) == bytes);
    check_join(*stranger, value, joined(*stranger, value));
    check_delta_of(*stranger, value);
    check_delta_of(value, *stranger);
    check_parts(*stranger, value, {});
  }
}

template <Decomposable L, class Write>
void check_laws(const Write& write) {
  const auto steps = *rc::gen::container<std::vector<Step>>(step_gen());
  const auto masks =
      *rc::gen::container<std::vector<std::uint64_t>>(4, rc::gen::arbitrary<std::uint64_t>());
  const auto order =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 1000));
  const auto noise = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  const std::vector<L> deltas = history<L>(steps, write);
  const L a = some_of(deltas, masks[0]);
  const L b = some_of(deltas, masks[1]);
  const L c = some_of(deltas, masks[2]);
  check_join(a, b, c);
  check_delta_of(a, b);
  check_delta_of(joined(a, b), a);
  check_parts(a, b, order);
  for (const L& delta : deltas) check_parts(delta, b, order);
  check_delivery(deltas, order, masks[3]);
  if constexpr (Wired<L>) check_form(a, noise);
}

/// VOUCH_LAWS(Suite, Type, write): the laws of `Type` under the writes of `write`.
#define VOUCH_LAWS(suite, name, type, write) \
  RC_GTEST_PROP(suite, name, ()) {           \
    ::vouch::crdt::check_laws<type>(write);  \
  }

}  // namespace vouch::crdt
