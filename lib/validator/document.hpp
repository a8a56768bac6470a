// The structural verdict of one document against a definition of the protocol's schema, such as
// RunAgentInput, ToolCallStartEvent or UserMessage. Same-version check: unlike a consumer, which
// strips what it does not know, a document with an unknown member or variant is invalid.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vouch/schemas/error.hpp"
#include "vouch/validator/rule_set.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

struct DocumentVerdict {
  bool valid = true;
  std::vector<Finding> findings;  ///< all at index 0; the first fatal one ends the list
};

/// The compatibility boundary does not run. Error: invalid_config when `protocol` has no such
/// definition, with the nearest name.
Result<DocumentVerdict> judge_document(std::string_view text, std::string_view definition,
                                       Protocol protocol);

/// Definitions of the protocol, sorted. Capability declarations, which never travel in a stream,
/// are not among them.
std::vector<std::string> definition_names(Protocol protocol);

/// The rule is about the structure of documents: a document that touches it is invalid, whatever
/// the severity.
bool is_structural(std::uint16_t code);

}  // namespace vouch::validator
