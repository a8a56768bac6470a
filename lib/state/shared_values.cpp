// SPDX-License-Identifier: MIT
#include "vouch/state/shared_values.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "vouch/schemas/utf8.hpp"

namespace vouch {
namespace {

template <class Rank>
std::optional<std::string> greatest(const std::vector<SharedValue>& values, const Rank& rank) {
  const auto best = std::ranges::max_element(values, {}, rank);
  return best == values.end() ? std::nullopt : best->value;
}

}  // namespace

std::optional<std::string> last_written(const std::vector<SharedValue>& values) {
  return greatest(values, [](const SharedValue& v) { return std::tie(v.written_ms, v.writer); });
}

std::optional<std::string> highest_version(const std::vector<SharedValue>& values) {
  return greatest(values, [](const SharedValue& v) { return std::tie(v.version, v.writer); });
}

namespace state {
namespace {

/// The newest put of each writer, of one key.
using Puts = std::map<PeerId, const Put*>;

bool replaces(const Put& put, const PeerId& writer, const PutMark& mark) {
  const auto at =
      std::ranges::lower_bound(put.over, writer, {}, &std::pair<PeerId, PutMark>::first);
  return at != put.over.end() && at->first == writer && mark <= at->second;
}

/// Nobody put anything in its place. Two that replace each other were written by a liar at least;
/// both stand, so that nobody can make what others will put vanish in advance.
bool stands(const Puts& puts, const PeerId& writer, const Put& put) {
  return std::ranges::none_of(puts, [&](const auto& entry) {
    const auto& [other, their] = entry;
    return other != writer && replaces(*their, writer, put.mark) &&
           !replaces(put, other, their->mark);
  });
}

Puts standing(const Puts& puts) {
  Puts out;
  for (const auto& [writer, put] : puts) {
    if (stands(puts, writer, *put)) out.emplace(writer, put);
  }
  return out;
}

std::vector<SharedValue> values_of(const Puts& puts) {
  std::vector<SharedValue> out;
  for (const auto& [writer, put] : standing(puts)) {
    out.push_back({put->value, writer, put->written_ms, put->version});
  }
  return out;
}

/// Visits every put as (writer, put).
template <class Visit>
void each_put(const State& state, const Visit& visit) {
  for (const auto& [slot, peers] : state.puts.entries()) {
    for (const auto& [peer, cell] : peers.entries()) visit(peer, *cell.value());
  }
}

void note(Puts& puts, const PeerId& writer, const Put& put) {
  const Put*& newest = puts.try_emplace(writer, &put).first->second;
  if (newest->mark < put.mark) newest = &put;
}

Puts puts_of(const State& state, std::string_view key) {
  Puts out;
  each_put(state, [&](const PeerId& writer, const Put& put) {
    if (put.key == key) note(out, writer, put);
  });
  return out;
}

std::map<std::string_view, Puts> all_puts(const State& state) {
  std::map<std::string_view, Puts> out;
  each_put(state, [&](const PeerId& writer, const Put& put) { note(out[put.key], writer, put); });
  return out;
}

/// Nothing changes for anybody who reads the key when the put in this slot gives its place away.
bool is_idle(const std::map<std::string_view, Puts>& all, const PeerId& self, const Put& put) {
  Puts puts = all.at(put.key);
  if (puts.at(self) != &put) return true;
  Puts before = standing(puts);
  if (before.erase(self) > 0 && put.value) return false;
  puts.erase(self);
  return standing(puts) == before;
}

/// The slot that had the key, else one that was never used, else one that is idle.
std::optional<std::uint16_t> slot_for(const State& state, const PeerId& self, const Puts& puts,
                                      std::size_t slots) {
  if (const auto own = puts.find(self); own != puts.end()) return own->second->slot;
  std::vector<const Put*> used;
  for (std::size_t i = 0; i < slots; ++i) {
    const auto slot = static_cast<std::uint16_t>(i);
    const PutCells* peers = state.puts.find(slot);
    const auto* cell = peers == nullptr ? nullptr : peers->find(self);
    if (cell == nullptr) return slot;
    used.push_back(&*cell->value());
  }
  const auto all = all_puts(state);
  const auto idle =
      std::ranges::find_if(used, [&](const Put* put) { return is_idle(all, self, *put); });
  if (idle == used.end()) return std::nullopt;
  return (*idle)->slot;
}

std::uint64_t more_than(std::uint64_t n) {
  return n == std::numeric_limits<std::uint64_t>::max() ? n : n + 1;
}

/// What a put of the key by `self` takes the place of: all that is seen of it, and what those were
/// written in the place of. Nobody can have seen more of a writer than there is, whatever it says.
std::map<PeerId, PutMark> all_over(const State& state, const Puts& puts, const PeerId& self) {
  std::map<PeerId, PutMark> out;
  const auto see = [&out](const PeerId& writer, const PutMark& mark) {
    PutMark& held = out[writer];
    held = std::max(held, mark);
  };
  for (const auto& [writer, put] : puts) {
    see(writer, put->mark);
    for (const auto& [other, mark] : put->over) see(other, mark);
  }
  out.erase(self);
  for (auto& [writer, mark] : out) mark = std::min(mark, newest_put(state, writer));
  std::erase_if(out, [](const auto& entry) { return entry.second == PutMark{}; });
  return out;
}

}  // namespace

PutMark newest_put(const State& state, const PeerId& writer) {
  PutMark newest;
  for (const auto& [slot, peers] : state.puts.entries()) {
    if (const auto* cell = peers.find(writer)) newest = std::max(newest, cell->value()->mark);
  }
  return newest;
}

std::vector<SharedValue> shared_values(const State& state, std::string_view key) {
  return values_of(puts_of(state, key));
}

std::map<std::string, std::vector<SharedValue>> shared_values(const State& state) {
  std::map<std::string, std::vector<SharedValue>> out;
  for (const auto& [key, puts] : all_puts(state)) {
    auto values = values_of(puts);
    if (std::ranges::any_of(values, [](const auto& one) { return one.value.has_value(); })) {
      out.emplace(key, std::move(values));
    }
  }
  return out;
}

Result<Put> next_put(const State& state, const Writer& self, std::string_view key,
                     std::optional<std::string> value, std::uint64_t now_ms, std::size_t slots) {
  if (key.empty() || key.size() > limits::put_key_bytes_max) {
    return fail(Errc::too_large, "a shared key has 1 to 256 bytes");
  }
  if (!valid_utf8(key)) return fail(Errc::malformed, "a shared key is UTF-8 text");
  if (value && value->size() > limits::put_value_bytes_max) {
    return fail(Errc::too_large,
                "a shared value has at most 4096 bytes; put a hash or a place of "
                "larger ones");
  }
  const Puts puts = puts_of(state, key);
  const auto slot = slot_for(state, self.peer, puts, slots);
  if (!slot) {
    return fail(Errc::storage_full,
                "this peer holds as many shared values as it may; erase some of them");
  }
  Put put;
  put.mark = {self.incarnation, more_than(newest_put(state, self.peer).number)};
  put.slot = *slot;
  put.key = key;
  put.value = std::move(value);
  put.written_ms = now_ms;
  for (const auto& [writer, held] : puts) {
    put.version = std::max(put.version, more_than(held->version));
    put.written_ms = std::max(put.written_ms, more_than(held->written_ms));
  }
  const auto over = all_over(state, puts, self.peer);
  put.over.assign(over.begin(), over.end());
  return put;
}

}  // namespace state
}  // namespace vouch
