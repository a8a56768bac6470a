// SPDX-License-Identifier: MIT
#include "tools/finding_json.hpp"

#include "tools/plain_text.hpp"

#include "vouch/validator/rules.hpp"

namespace vouch::tools {

json::Object finding_json(const validator::Finding& finding) {
  const validator::Rule& rule = *validator::find_rule(finding.code);
  json::Object out{{"index", finding.index},
                   {"code", std::uint64_t{finding.code}},
                   {"rule", std::string(rule.id)},
                   {"severity", std::string(name_of(finding.severity))},
                   {"message", valid_text(finding.message)},
                   {"pointer", valid_text(finding.pointer)}};
  out.emplace_back("related", finding.related ? json::Value(*finding.related) : json::Value());
  out.emplace_back("suggestion", std::string(rule.suggestion));
  return out;
}

}  // namespace vouch::tools
