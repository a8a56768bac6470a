// SPDX-License-Identifier: MIT
#include "bench/validate/official.hpp"

#include <cstdlib>

#include "bench/npm.hpp"

namespace vouch::bench {

std::optional<double> official_events_per_second(const EventStream& stream) {
  const auto out = output_of_script(VOUCH_SOURCE_DIR "/bench/validate/official.mjs",
                                    "@ag-ui/client@1.0.0", stream.text());
  if (!out) return std::nullopt;
  return std::strtod(out->c_str(), nullptr);
}

}  // namespace vouch::bench
