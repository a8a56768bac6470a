// What can go wrong that a caller can act on. Domain outcomes (a rejected event) are values, not
// errors.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace vouch {

enum class Errc : std::uint8_t {
  malformed,      ///< bytes that do not have the agreed form
  too_large,      ///< beyond a limit of schemas/limits.hpp
  bad_signature,  ///< a signature does not match
  not_allowed,    ///< unknown key, or a role that may not do this
  wrong_cluster,  ///< made for another cluster
  out_of_order,   ///< a gap, or a number used twice
  unknown,        ///< no such stream, peer or record
  busy,           ///< a bounded queue is full; try again
  timed_out,
  not_running,
  invalid_config,
  io,  ///< the operating system said no
  storage_full,
};

/// Stable lower-case name of a code, e.g. "bad_signature".
std::string_view name_of(Errc code);

struct Error {
  Errc code = Errc::io;
  std::string detail;  ///< for people: what happened and what to do

  /// "bad_signature: detail"
  std::string text() const;
};

/// A value or an Error. Dropping one is a compiler warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> fail(Errc code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

}  // namespace vouch
