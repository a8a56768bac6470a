// The binary form of everything in this room. A value is written against the one before it in the
// same container: neighbours of a sorted container share most of their bits. What a reader gets is
// a stranger's: it refuses every shape that a writer never makes, and one value has one form.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "vouch/crdt/byte_io.hpp"
#include "vouch/crdt/sorted_map.hpp"

namespace vouch::crdt {

/// How a `T` is written and read. `before` is the value that precedes it, `T{}` for the first. A
/// reader that meets a wrong form spoils its input and returns anything. Specialise it for your
/// own keys and values. Floating-point numbers are absent: they have no total order.
template <class T>
struct Wire;

template <class T>
concept Wired = requires(ByteWriter& out, ByteReader& in, const T& value) {
  Wire<T>::write(out, value, value);
  { Wire<T>::read(in, value) } -> std::same_as<T>;
};

/// Lattices of this room carry their form as members.
template <class T>
  requires requires(ByteWriter& out, ByteReader& in, const T& value) {
    value.write(out, value);
    { T::read(in, value) } -> std::same_as<T>;
  }
struct Wire<T> {
  static void write(ByteWriter& out, const T& value, const T& before) { value.write(out, before); }
  static T read(ByteReader& in, const T& before) { return T::read(in, before); }
};

/// The difference, in one to ten bytes.
template <std::integral T>
struct Wire<T> {
  static void write(ByteWriter& out, T value, T before) {
    out.zigzag(static_cast<std::int64_t>(wide(value) - wide(before)));
  }
  static T read(ByteReader& in, T before) {
    const std::uint64_t value = wide(before) + static_cast<std::uint64_t>(in.zigzag());
    const T narrow = static_cast<T>(value);
    if (wide(narrow) != value) in.spoil();
    return narrow;
  }

 private:
  static std::uint64_t wide(T value) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
  }
};

/// One byte. Specialise it if only some of the values may come in.
template <class T>
  requires(std::is_enum_v<T> && sizeof(T) == 1)
struct Wire<T> {
  static void write(ByteWriter& out, T value, T) { out.u8(static_cast<std::uint8_t>(value)); }
  static T read(ByteReader& in, T) { return static_cast<T>(in.u8()); }
};

/// Length of the prefix shared with the one before (at most 63, so that a short form cannot unfold
/// into a large value), then the rest.
template <>
struct Wire<std::string> {
  static constexpr std::size_t shared_max = 63;
  static std::size_t shared(const std::string& a, const std::string& b) {
    const std::size_t most = std::min({a.size(), b.size(), shared_max});
    return static_cast<std::size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first -
        a.begin());
  }
  static void write(ByteWriter& out, const std::string& value, const std::string& before) {
    const std::size_t same = shared(value, before);
    out.u8(static_cast<std::uint8_t>(same));
    out.text(std::string_view(value).substr(same));
  }
  static std::string read(ByteReader& in, const std::string& before) {
    const std::size_t same = in.u8();
    if (same > before.size()) in.spoil();
    std::string value = in.ok() ? before.substr(0, same) : std::string();
    value += in.text();
    if (shared(value, before) != same) in.spoil();
    return value;
  }
};

/// Identities of a fixed length: `T::size` bytes as they are.
template <class T>
  requires requires(const T& value, ByteView bytes) {
    { T::size } -> std::convertible_to<std::size_t>;
    { value.view() } -> std::convertible_to<ByteView>;
    T::from(bytes).value_or(T{});
  }
struct Wire<T> {
  static void write(ByteWriter& out, const T& value, const T&) { out.raw(value.view()); }
  static T read(ByteReader& in, const T&) { return in.fixed<T>(); }
};

template <Wired A, Wired B>
struct Wire<std::pair<A, B>> {
  using T = std::pair<A, B>;
  static void write(ByteWriter& out, const T& value, const T& before) {
    Wire<A>::write(out, value.first, before.first);
    Wire<B>::write(out, value.second, before.second);
  }
  static T read(ByteReader& in, const T& before) {
    A first = Wire<A>::read(in, before.first);
    return {std::move(first), Wire<B>::read(in, before.second)};
  }
};

template <Wired V>
struct Wire<std::optional<V>> {
  using T = std::optional<V>;
  static void write(ByteWriter& out, const T& value, const T& before) {
    out.u8(value ? 1 : 0);
    if (value) Wire<V>::write(out, *value, before.value_or(V{}));
  }
  static T read(ByteReader& in, const T& before) {
    const std::uint8_t there = in.u8();
    if (there > 1) in.spoil();
    if (!in.ok() || there == 0) return {};
    return Wire<V>::read(in, before.value_or(V{}));
  }
};

template <>
struct Wire<Unit> {
  static void write(ByteWriter&, Unit, Unit) {}
  static Unit read(ByteReader&, Unit) { return {}; }
};

/// Writes the entries of a map: their number, then each against the one before.
template <Wired Key, Wired Value>
void write_entries(ByteWriter& out, const SortedMap<Key, Value>& entries) {
  out.leb(entries.size());
  const typename SortedMap<Key, Value>::Entry none{};
  const auto* before = &none;
  for (const auto& entry : entries) {
    Wire<Key>::write(out, entry.first, before->first);
    Wire<Value>::write(out, entry.second, before->second);
    before = &entry;
  }
}

/// Reads what write_entries wrote: refuses keys that do not rise and values for which `fine` says
/// no. Keys and values together are at least one byte long.
template <Wired Key, Wired Value, class Fine>
SortedMap<Key, Value> read_entries(ByteReader& in, const Fine& fine) {
  SortedMap<Key, Value> entries;
  const typename SortedMap<Key, Value>::Entry none{};
  for (std::size_t n = in.count(1); n > 0; --n) {
    const auto& before = entries.empty() ? none : entries.back();
    Key key = Wire<Key>::read(in, before.first);
    Value value = Wire<Value>::read(in, before.second);
    if (!in.ok() || !fine(value) || (!entries.empty() && !(before.first < key))) {
      in.spoil();
      break;
    }
    entries.append(std::move(key), std::move(value));
  }
  return entries;
}

template <Wired T>
Bytes encode(const T& value) {
  ByteWriter out;
  Wire<T>::write(out, value, T{});
  return out.take();
}

/// Nothing unless all of `bytes` is the form of one value. Time and memory are bounded by a small
/// multiple of the length, whatever the bytes.
template <Wired T>
std::optional<T> decode(ByteView bytes) {
  ByteReader in(bytes);
  T value = Wire<T>::read(in, T{});
  if (!in.done()) return std::nullopt;
  return value;
}

static_assert(Wired<std::uint64_t> && Wired<bool> && Wired<std::pair<std::string, int>>);

}  // namespace vouch::crdt
