// Receipts between a dump, a file and the eyes of people.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "tools/roster_file.hpp"

#include "vouch/consensus/receipt.hpp"

namespace vouch::tools {

/// The certificate of `height` (0: the highest) that a dump holds of a stream with this name, among
/// several the one whose rules came last, or with those of `rules_epoch`. Errc::unknown when it
/// holds none, Errc::malformed when what it holds is not about this stream.
Result<consensus::Receipt> receipt_of_dump(const json::Value& dump, const std::string& name,
                                           std::uint32_t height,
                                           std::optional<std::uint32_t> rules_epoch = {});

struct Checked {
  consensus::Flaw flaw = consensus::Flaw::none;
  std::string reason;              ///< of the flaw; "" without one
  membership::Roster roster;       ///< of the receipt's epoch; the trusted one where none is known
  std::set<std::uint32_t> forced;  ///< epochs up to then that an operator forced
  /// Of the events, when there were any and the certificate is valid.
  struct Events {
    std::uint64_t folded = 0;  ///< entries, the close mark included
    std::uint64_t beyond = 0;  ///< events behind the certified ones
    bool closed = false;
    std::optional<bool> same_state = {};  ///< see EventCheck
  };
  std::optional<Events> events;
};

/// A receipt of another epoch than `trusted` is checked by what `told` leads to (roster_chain.hpp).
/// `events`: a file, or "" for none. Errors: what kept the check from being made.
Result<Checked> check_receipt(const consensus::Receipt& receipt, const NamedRoster& trusted,
                              const NamedRoster& told, const std::string& events);
/// `cluster`: its name.
void print_check(const consensus::Receipt& receipt, const std::string& cluster,
                 const Checked& checked, bool as_json);

}  // namespace vouch::tools
