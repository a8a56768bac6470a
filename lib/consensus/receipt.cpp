// SPDX-License-Identifier: MIT
#include "vouch/consensus/receipt.hpp"

#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/base/stream_key.hpp"
#include "vouch/membership/certificate.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::consensus {
namespace {

constexpr std::string_view receipt_form = "vouch-receipt-1";

Flaw flaw_of(membership::Doubt doubt) {
  switch (doubt) {
    case membership::Doubt::none:
      return Flaw::none;
    case membership::Doubt::other_epoch:
      return Flaw::other_epoch;
    case membership::Doubt::not_a_voter:
      return Flaw::not_a_voter;
    case membership::Doubt::too_few:
      return Flaw::too_few;
    case membership::Doubt::bad_signature:
    case membership::Doubt::no_roster:  // no receipt is about one
    case membership::Doubt::not_unanimous:
    case membership::Doubt::forced_by_few:
      return Flaw::bad_signature;
  }
  return Flaw::bad_signature;
}

}  // namespace

std::string write_receipt(const Receipt& receipt) {
  return json::to_text(
      json::Object{{"form", std::string(receipt_form)},
                   {"cluster", receipt.cluster.hex()},
                   {"stream", receipt.stream},
                   {"rule_set", receipt.rule_set},
                   {"certificate", to_hex(encode_certificate(receipt.certificate))}});
}

Result<Receipt> read_receipt(std::string_view text) {
  const auto object = json::parse(text);
  const auto member = [&object](std::string_view name) {
    const std::string* found = object ? object->find_text(name) : nullptr;
    return found == nullptr ? std::string() : *found;
  };
  if (member("form") != receipt_form) return fail(Errc::malformed, "this is no receipt");
  Receipt receipt;
  receipt.stream = member("stream");
  receipt.rule_set = member("rule_set");
  const auto cluster = ClusterId::from_hex(member("cluster"));
  const auto bytes = from_hex(member("certificate"));
  if (!cluster || !bytes || receipt.stream.empty() || receipt.rule_set.empty() ||
      receipt.stream.size() > limits::stream_name_bytes_max) {
    return fail(Errc::malformed, "a member of the receipt is missing or has another form");
  }
  auto certificate = decode_certificate(*bytes);
  if (!certificate) return tl::unexpected(certificate.error());
  receipt.cluster = *cluster;
  receipt.certificate = std::move(*certificate);
  return receipt;
}

std::string_view describe(Flaw flaw) {
  switch (flaw) {
    case Flaw::none:
      return "";
    case Flaw::other_cluster:
      return "it is of another cluster";
    case Flaw::other_stream:
      return "the certificate is about another stream than the receipt says";
    case Flaw::other_epoch:
      return "the roster is that of another epoch";
    case Flaw::not_a_voter:
      return "it is signed by somebody who is not a voter of this roster";
    case Flaw::too_few:
      return "fewer voters than a quorum signed";
    case Flaw::bad_signature:
      return "a signature is wrong";
    case Flaw::events_missing:
      return "there are fewer events than were certified";
    case Flaw::head_differs:
      return "the events do not fold to the certified head: others were certified, or other "
             "verdicts";
    case Flaw::other_rules:
      return "its stream is not one of the rule set that it names";
  }
  return "";
}

Flaw verify_receipt(const Receipt& receipt, const Electorate& electorate, const Signer& signer) {
  if (receipt.cluster != electorate.cluster) return Flaw::other_cluster;
  if (receipt.certificate.subject != stream_subject(electorate.cluster, receipt.stream)) {
    return Flaw::other_stream;
  }
  return flaw_of(
      membership::doubt_of(electorate.cluster, electorate.roster, signer, receipt.certificate));
}

std::optional<std::uint32_t> rules_epoch(const Receipt& receipt) {
  const auto key = parse_stream_key(receipt.stream);
  return key ? std::optional(key->epoch) : std::nullopt;
}

Flaw check_rules(const Receipt& receipt, const membership::Roster& naming) {
  const bool named = rules_epoch(receipt) == naming.epoch() && naming.epoch() != 0 &&
                     naming.rule_set() == receipt.rule_set &&
                     receipt.certificate.epoch >= naming.epoch();
  return named ? Flaw::none : Flaw::other_rules;
}

Result<EventCheck> EventCheck::begin(const Receipt& receipt, validator::CustomRules custom) {
  auto rules = validator::RuleSet::parse(receipt.rule_set);
  if (!rules) return tl::unexpected(rules.error());
  for (const std::string& id : rules->custom) {
    const auto held = [&id](const auto& rule) { return rule->id() == id; };
    if (std::none_of(custom.begin(), custom.end(), held)) {
      return fail(Errc::invalid_config, "the rule set names the custom rule " + id +
                                            ", which is not here: use the library with it");
    }
  }
  validator::Options options;
  options.rules = std::move(*rules);
  options.stream = receipt.stream;
  options.custom = std::move(custom);
  return EventCheck(receipt.certificate.value, std::move(options));
}

void EventCheck::feed(std::string_view unit) {
  if (validator_.size() >= certified_.size) {
    ++beyond_;
  } else {
    validator_.feed(unit);
  }
}

Flaw EventCheck::finish() {
  if (validator_.size() + 1 == certified_.size) validator_.close();
  if (validator_.size() < certified_.size) return Flaw::events_missing;
  return validator_.chain().head() == certified_.head ? Flaw::none : Flaw::head_differs;
}

std::optional<bool> EventCheck::same_state() const {
  if (!certified_.state) return std::nullopt;
  return validator_.state_at(certified_.size) == certified_.state;
}

}  // namespace vouch::consensus
