// vouch-dump proof: proofs of misbehaviour shown, written to a file, and verified without any peer.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

struct ProofOptions {
  std::string offender;       ///< first digits of its key; empty = all
  std::filesystem::path out;  ///< where the bytes go; empty = shown as hexadecimal digits
  bool json = false;
};

/// Shows the proofs in a dump, or writes the one that is meant. Errors: unknown (no proof, or more
/// than one where a file needs one), io.
Result<void> print_proofs(const json::Value& dump, const ProofOptions& options);

/// Verifies the bytes of a file with the key that they name, and says what they prove. Errors: io;
/// malformed, too_large, bad_signature (they prove nothing).
Result<void> verify_file(const std::filesystem::path& file, bool as_json);

}  // namespace vouch::tools
