// SPDX-License-Identifier: MIT
#include "vouch/machine/causal_token.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/state/cell_of.hpp"
#include "vouch/state/shared_values.hpp"

namespace vouch {
namespace {

constexpr std::uint8_t form = 1;
constexpr std::size_t entry_bytes_min = PeerId::size + 2;

}  // namespace

CausalToken::CausalToken(Source source, std::uint64_t entries) {
  sizes_.join_at(source, crdt::Max<std::uint64_t>(entries));
}

std::string CausalToken::text() const {
  ByteWriter out;
  out.u8(form);
  out.leb(sizes_.size());
  for (const auto& [source, entries] : sizes_.entries()) {
    out.raw(source.peer.view());
    out.text(source.stream);
    out.leb(*entries.value());
  }
  return to_hex(out.bytes());
}

Result<CausalToken> CausalToken::parse(std::string_view text) {
  const auto malformed = [] {
    return fail(Errc::malformed, "not a causal token; pass on what text() gave, unchanged");
  };
  if (text.size() > text_bytes_max) return malformed();
  const auto bytes = from_hex(text);
  if (!bytes) return malformed();
  ByteReader in(*bytes);
  if (in.u8() != form) return malformed();
  CausalToken token;
  for (std::size_t left = in.count(entry_bytes_min); left != 0; --left) {
    Source source;
    source.peer = in.fixed<PeerId>();
    source.stream = in.text();
    if (source.stream.size() > limits::stream_name_bytes_max) return malformed();
    token.sizes_.join_at(source, crdt::Max<std::uint64_t>(in.leb()));
  }
  // One text a token: what text() would not write is not read.
  if (!in.done() || token.text() != text) return malformed();
  return token;
}

namespace machine {

std::optional<CausalToken::Source> first_missing(const CausalToken& token,
                                                 const state::State& state,
                                                 const Released& released,
                                                 ingest::Streams& streams) {
  for (const auto& [source, entries] : token.sizes().entries()) {
    const std::uint64_t size = *entries.value();
    if (source.stream.empty()) {
      if (state::newest_put(state, source.peer).number < size) return source;
      continue;
    }
    const auto* theirs = state::cell_of(state.streams, source.stream, source.peer);
    if (theirs != nullptr && theirs->rank().upto + 1 >= size) continue;
    const auto own = streams.tip(source.stream);
    if (own && own->upto + 1 >= size) continue;
    if (released.size_of(source.stream).value_or(std::nullopt)) continue;
    if (size != 0) return source;
  }
  return std::nullopt;
}

}  // namespace machine
}  // namespace vouch
