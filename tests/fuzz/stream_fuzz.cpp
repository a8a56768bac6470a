// A whole stream, one unit a line, under any rule set and mode: places, counts and findings are
// consistent, heads are as defined, and the canonical spelling of every event gives the same codes
// and heads. Past an event that is no valid one the spelling may decide: a member sent twice is a
// fault, and of two faults the first in the bytes is named.
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.hpp"
#include "tests/validator/head_definition.hpp"

#include "vouch/schemas/json_canonical.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/validator/decoder.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::fuzz {
namespace {

using namespace validator;

std::string canonical_or_itself(std::string_view unit) {
  const auto value = json::parse(unit);
  if (!value || value->get<json::Object>() == nullptr) return std::string(unit);
  return json::canonical(*value);
}

void check_verdict(const Verdict& verdict, bool continues) {
  std::size_t fatal = 0;
  std::uint16_t code = code_accepted;
  for (const Finding& finding : verdict.findings) {
    VOUCH_CHECK(finding.index == verdict.index);
    VOUCH_CHECK(!finding.related || *finding.related < verdict.index || verdict.index < 0);
    if (finding.severity == Severity::fatal && ++fatal == 1) code = finding.code;
  }
  VOUCH_CHECK(fatal <= 1);
  if (verdict.outcome == Outcome::unjudged) {
    VOUCH_CHECK(!continues && verdict.findings.empty() && verdict.code == code_unjudged);
    return;
  }
  VOUCH_CHECK(verdict.code == code);
  VOUCH_CHECK(verdict.outcome == outcome_of(verdict.findings));
}

/// Equal heads have equal summaries: outcome, and what the first findings say.
void check_same(const Verdict& a, const Verdict& b) {
  VOUCH_CHECK(a.code == b.code);
  VOUCH_CHECK(a.outcome == b.outcome);
}

struct Judging {
  explicit Judging(const Options& options)
      : first(options),
        respelled(options),
        defined(options.stream, options.rules.id() + std::string(options.mode.suffix())),
        decoder(options.rules, options.mode),
        continues(options.mode.continues) {}

  StreamValidator first, respelled;
  HeadsByDefinition defined;
  Decoder decoder;  ///< says which units are broken, also while nothing is judged
  bool continues;
  bool parted = false;  ///< the spelling has decided about a code
  Counts counts;
  std::uint64_t size = 0;

  void feed(std::string_view unit) {
    const Verdict verdict = first.feed(unit);
    VOUCH_CHECK(verdict.index == static_cast<std::int64_t>(size));
    check_verdict(verdict, continues);
    count(verdict.outcome);
    const bool rejected = verdict.outcome == Outcome::rejected;
    VOUCH_CHECK(!(rejected && first.at_run_end()));
    VOUCH_CHECK(first.last_digest() == digest_of(unit));
    append(verdict, rejected || first.at_run_end());
    if (parted) return;
    const Verdict other = respelled.feed(canonical_or_itself(unit));
    VOUCH_CHECK(respelled.last_digest() == first.last_digest());
    parted = decoder.decode(unit).state == Decoded::State::rejected;
    if (!parted) check_same(other, verdict);
  }

  void append(const Verdict& verdict, bool ends) {
    defined.rename(first.stream());
    defined.append({first.last_digest(), verdict.code}, ends);
    VOUCH_CHECK(first.size() == ++size);
    VOUCH_CHECK(first.chain().segment_first() == defined.first());
    if (ends || size % 64 == 0) VOUCH_CHECK(first.chain().head() == defined.head());
  }

  void count(Outcome outcome) {
    ++(outcome == Outcome::accepted   ? counts.accepted
       : outcome == Outcome::warned   ? counts.warned
       : outcome == Outcome::rejected ? counts.rejected
                                      : counts.unjudged);
  }

  void close() {
    const Verdict verdict = first.close();
    VOUCH_CHECK(verdict.index == -1 && verdict.outcome != Outcome::unjudged);
    check_verdict(verdict, continues);
    append(verdict, true);
    if (!parted) VOUCH_CHECK(respelled.close().code == verdict.code);
  }

  void check_end() {
    VOUCH_CHECK(first.counts() == counts);
    VOUCH_CHECK(first.chain().head() == defined.head());
    VOUCH_CHECK(first.chain().head_at(size) == defined.head());
    if (parted) return;
    VOUCH_CHECK(respelled.chain().head() == first.chain().head());
    VOUCH_CHECK(respelled.counts() == counts);
  }
};

}  // namespace

void run(std::string_view input) {
  const std::uint8_t how = take_byte(input);
  const std::uint8_t more = take_byte(input);
  Judging judging(
      {.rules = rules_of(how), .stream = (more & 1) == 0 ? "s" : "", .mode = mode_of(how)});
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    judging.feed(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  if ((more & 2) == 0) judging.close();
  judging.check_end();
}

}  // namespace vouch::fuzz
