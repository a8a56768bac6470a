// The two directions of a snapshot. A part of a validator says once which fields it keeps, in
// archive(), and of an enumeration which value is the last, in last_of(). Handed a SnapshotWriter,
// archive() writes them, handed a SnapshotReader it reads them. What a reader gets is a stranger's:
// a wrong form spoils it, and nothing is made that is not paid for by bytes of the input.
// Deliberately absent: versions, which are snapshot.cpp's.
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::validator {

class SnapshotWriter {
 public:
  explicit SnapshotWriter(ByteWriter& out) : out_(out) {}
  static constexpr bool reads = false;

  template <class... Fields>
  void operator()(Fields&... fields) {
    (field(fields), ...);
  }

 private:
  template <class T>
  void field(T& value) {
    if constexpr (std::is_enum_v<T> || std::same_as<T, bool>) {
      out_.u8(static_cast<std::uint8_t>(value));
    } else if constexpr (std::unsigned_integral<T>) {
      out_.leb(value);
    } else if constexpr (std::signed_integral<T>) {
      out_.zigzag(value);
    } else {
      archive(*this, value);
    }
  }
  void field(double& value) { out_.u64(std::bit_cast<std::uint64_t>(value)); }
  void field(const std::string& value) { out_.text(value); }
  void field(std::string& value) { out_.text(value); }
  void field(Hash& value) { out_.raw(value.view()); }
  template <class T>
  void field(std::optional<T>& value) {
    out_.u8(value ? 1 : 0);
    if (value) field(*value);
  }
  void field(const std::optional<std::string>& value) {
    out_.u8(value ? 1 : 0);
    if (value) field(*value);
  }
  template <class A, class B>
  void field(const std::pair<A, B>& value) {
    auto copy = value;
    field(copy.first);
    field(copy.second);
  }
  template <class T>
  void field(std::vector<T>& values) {
    out_.leb(values.size());
    for (T& value : values) field(value);
  }
  template <class T, class Less>
  void field(std::set<T, Less>& values) {
    out_.leb(values.size());
    for (const T& value : values) field(value);
  }
  template <class K, class V, class Less>
  void field(std::map<K, V, Less>& values) {
    out_.leb(values.size());
    for (auto& [key, value] : values) {
      if constexpr (std::integral<K>) {
        K copy = key;
        field(copy);
      } else {
        field(key);
      }
      field(value);
    }
  }
  void field(json::Value& value);

  ByteWriter& out_;
};

class SnapshotReader {
 public:
  explicit SnapshotReader(ByteReader& in) : in_(in) {}
  static constexpr bool reads = true;

  template <class... Fields>
  void operator()(Fields&... fields) {
    (field(fields), ...);
  }
  /// The bytes are refused unless `holds`.
  void demand(bool holds) {
    if (!holds) in_.spoil();
  }

 private:
  template <class T>
  void field(T& value) {
    if constexpr (std::is_enum_v<T>) {
      const std::uint8_t byte = in_.u8();
      demand(byte <= static_cast<std::uint8_t>(last_of(T{})));
      value = in_.ok() ? static_cast<T>(byte) : T{};
    } else if constexpr (std::same_as<T, bool>) {
      const std::uint8_t byte = in_.u8();
      demand(byte <= 1);
      value = byte == 1;
    } else if constexpr (std::integral<T>) {
      const auto wide = whole(value);
      demand(std::in_range<T>(wide));
      value = static_cast<T>(wide);
    } else {
      archive(*this, value);
    }
  }
  auto whole(std::unsigned_integral auto) { return in_.leb(); }
  auto whole(std::signed_integral auto) { return in_.zigzag(); }
  void field(double& value) { value = std::bit_cast<double>(in_.u64()); }
  void field(std::string& value) { value = in_.text(); }
  void field(Hash& value) { value = in_.fixed<Hash>(); }
  template <class T>
  void field(std::optional<T>& value) {
    bool there = false;
    field(there);
    value.reset();
    if (there && in_.ok()) field(value.emplace());
  }
  template <class A, class B>
  void field(std::pair<A, B>& value) {
    field(value.first);
    field(value.second);
  }
  /// `add` reads one item; it is called while the input is good.
  void items(const auto& add) {
    for (std::size_t i = in_.count(1); i > 0 && in_.ok(); --i) add();
  }
  template <class T>
  void field(std::vector<T>& values) {
    values.clear();
    items([&] { field(values.emplace_back()); });
  }
  template <class T, class Less>
  void field(std::set<T, Less>& values) {
    values.clear();
    items([&] {
      T value{};
      field(value);
      values.insert(values.end(), std::move(value));
    });
  }
  template <class K, class V, class Less>
  void field(std::map<K, V, Less>& values) {
    values.clear();
    items([&] {
      K key{};
      field(key);
      field(values.try_emplace(values.end(), std::move(key))->second);
    });
  }
  void field(json::Value& value) { read(value, 0); }
  void read(json::Value& value, int depth);

  ByteReader& in_;
};

}  // namespace vouch::validator
