// Trees in a snapshot: a tag, then what it says. Exact, unlike JSON text: a double stays one.
// SPDX-License-Identifier: MIT
#include "vouch/validator/archive.hpp"

namespace vouch::validator {
namespace {

using json::Array;
using json::BigInteger;
using json::Object;
using json::Value;

bool is_big_integer(std::string_view digits) {
  if (digits.starts_with('-')) digits.remove_prefix(1);
  return digits.size() >= 19 && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

void SnapshotWriter::field(json::Value& value) {
  out_.u8(static_cast<std::uint8_t>(value.data().index()));
  std::visit(
      [this](auto& held) {
        using T = std::remove_reference_t<decltype(held)>;
        if constexpr (std::same_as<T, BigInteger>) {
          field(held.digits);
        } else if constexpr (std::same_as<T, Object>) {
          out_.leb(held.size());
          for (auto& [name, member] : held) {
            field(name);
            field(member);
          }
        } else if constexpr (!std::same_as<T, std::nullptr_t>) {
          field(held);
        }
      },
      value.data());
}

void SnapshotReader::read(json::Value& value, int depth) {
  const auto take = [&](auto held) {
    field(held);
    value = Value(std::move(held));
  };
  const std::uint8_t tag = in_.u8();
  switch (tag) {
    case 0:
      value = Value();
      return;
    case 1:
      return take(bool{});
    case 2:
      return take(std::int64_t{});
    case 3:
      return take(std::uint64_t{});
    case 4: {
      BigInteger number;
      field(number.digits);
      demand(is_big_integer(number.digits));
      value = Value(std::move(number));
      return;
    }
    case 5:
      return take(double{});
    case 6:
      return take(std::string());
    default:
      break;
  }
  demand(tag <= 8 && depth < json::depth_max);
  if (tag == 7) {
    Array array;
    items([&] { read(array.emplace_back(), depth + 1); });
    value = Value(std::move(array));
  } else {
    Object object;
    items([&] {
      auto& [name, member] = object.emplace_back();
      field(name);
      read(member, depth + 1);
    });
    value = Value(std::move(object));
  }
}

}  // namespace vouch::validator
