// SPDX-License-Identifier: MIT
#include "vouch/schemas/error.hpp"

namespace vouch {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::malformed:
      return "malformed";
    case Errc::too_large:
      return "too_large";
    case Errc::bad_signature:
      return "bad_signature";
    case Errc::not_allowed:
      return "not_allowed";
    case Errc::wrong_cluster:
      return "wrong_cluster";
    case Errc::out_of_order:
      return "out_of_order";
    case Errc::unknown:
      return "unknown";
    case Errc::busy:
      return "busy";
    case Errc::timed_out:
      return "timed_out";
    case Errc::not_running:
      return "not_running";
    case Errc::invalid_config:
      return "invalid_config";
    case Errc::io:
      return "io";
    case Errc::storage_full:
      return "storage_full";
  }
  return "unnamed";
}

std::string Error::text() const {
  std::string out(name_of(code));
  if (!detail.empty()) out.append(": ").append(detail);
  return out;
}

}  // namespace vouch
