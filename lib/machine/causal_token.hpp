// What somebody has written, as a value that travels with them: whoever holds as much lets them
// read their own writes. A lattice: tokens of several writes join into one.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "vouch/base/released.hpp"
#include "vouch/crdt/g_map.hpp"
#include "vouch/crdt/max.hpp"
#include "vouch/ingest/streams.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/ids.hpp"
#include "vouch/state/state.hpp"

namespace vouch {

/// Entries of streams, each by the peer that took it in, and shared values, by the peer that put
/// them. Empty: nothing was written, every peer holds as much.
class CausalToken {
 public:
  /// A stream at the peer that took in its events, or, without a name, what the peer put.
  struct Source {
    PeerId peer;
    std::string stream;
    auto operator<=>(const Source&) const = default;
  };
  using Sizes = crdt::GMap<Source, crdt::Max<std::uint64_t>>;

  CausalToken() = default;
  /// The first `entries` entries that `source` took in, or its puts up to this number.
  CausalToken(Source source, std::uint64_t entries);

  void join(const CausalToken& other) { sizes_.join(other.sizes_); }
  bool leq(const CausalToken& other) const { return sizes_.leq(other.sizes_); }
  const Sizes& sizes() const { return sizes_; }

  /// Hexadecimal digits, for a header or a cookie; parse reads them.
  std::string text() const;
  /// Error: malformed. Takes at most `text_bytes_max` bytes; reads only what text() writes.
  static Result<CausalToken> parse(std::string_view text);
  static constexpr std::size_t text_bytes_max = 64U << 10;

  bool operator==(const CausalToken&) const = default;

 private:
  Sizes sizes_;
};

namespace machine {

/// The first thing in `token` that a peer with this state and these streams does not hold yet: it
/// holds what it judged itself, what the peer that took it in has attested, and streams that
/// everybody has finished.
std::optional<CausalToken::Source> first_missing(const CausalToken& token,
                                                 const state::State& state,
                                                 const Released& released,
                                                 ingest::Streams& streams);

}  // namespace machine
}  // namespace vouch
