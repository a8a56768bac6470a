// SPDX-License-Identifier: MIT
#include "vouch/observe/shared.hpp"

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/utf8.hpp"
#include "vouch/state/shared_values.hpp"

namespace vouch::observe {
namespace {

json::Object standing_json(const SharedValue& one) {
  json::Object out{{"writer", one.writer.hex()}};
  if (!one.value) {
    out.emplace_back("erased", true);
  } else if (valid_utf8(*one.value)) {
    out.emplace_back("value", *one.value);
  } else {
    out.emplace_back("hex", to_hex(as_bytes(*one.value)));
  }
  out.emplace_back("written_ms", one.written_ms);
  out.emplace_back("version", one.version);
  return out;
}

}  // namespace

json::Value shared_json(const state::State& state) {
  json::Array out;
  for (const auto& [key, values] : state::shared_values(state)) {
    json::Array standing;
    for (const SharedValue& one : values) standing.push_back(standing_json(one));
    out.push_back(json::Object{{"key", key}, {"standing", std::move(standing)}});
  }
  return out;
}

}  // namespace vouch::observe
