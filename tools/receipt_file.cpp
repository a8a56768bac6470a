// SPDX-License-Identifier: MIT
#include "tools/receipt_file.hpp"

#include "tools/input_file.hpp"
#include "tools/json_view.hpp"
#include "tools/plain_text.hpp"
#include "tools/roster_chain.hpp"
#include <fmt/format.h>

#include "vouch/base/bundle.hpp"
#include "vouch/base/stream_key.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/sync/seal.hpp"
#include "vouch/validator/units.hpp"

namespace vouch::tools {
namespace {

using consensus::Flaw;
using consensus::Receipt;

Result<Checked> check_events(const Receipt& receipt, const std::string& file) {
  auto check = consensus::EventCheck::begin(receipt);
  if (!check) return tl::unexpected(check.error());
  validator::UnitSplitter splitter;
  const auto take = [&](const validator::Unit& unit) -> Result<void> {
    if (unit.state == validator::Unit::State::too_large) {
      return fail(Errc::too_large,
                  fmt::format("{}:{}: an event of more than 1 MiB", file, unit.line));
    }
    check->feed(unit.text);
    return {};
  };
  auto read = read_bytes(file, [&](std::string_view bytes) -> Result<void> {
    Result<void> taken;
    while (taken) {
      const auto unit = splitter.next(bytes);
      if (!unit) break;
      taken = take(*unit);
    }
    return taken;
  });
  while (read) {
    const auto unit = splitter.finish();
    if (!unit) break;
    read = take(*unit);
  }
  if (!read) return tl::unexpected(read.error());
  const Flaw flaw = check->finish();
  return Checked{flaw,
                 std::string(consensus::describe(flaw)),
                 {},
                 {},
                 Checked::Events{check->folded(), check->beyond(), check->closed(),
                                 flaw == Flaw::none ? check->same_state() : std::nullopt}};
}

/// A stream that began under a later rule set: the chain must say so. `reason`: where it does not
/// reach so far.
Flaw rules_flaw(const Receipt& receipt, const NamedRoster& trusted, const NamedRoster& told,
                std::string& reason) {
  const auto epoch = consensus::rules_epoch(receipt);
  if (!epoch) return Flaw::other_rules;
  if (*epoch == 0) return Flaw::none;
  const auto naming = roster_of_epoch(trusted, told, *epoch);
  if (naming) return consensus::check_rules(receipt, *naming);
  reason = fmt::format("the rule set of its stream is that of epoch {}: {}", *epoch,
                       naming.error().detail);
  return Flaw::other_rules;
}

std::string events_text(const Checked::Events& events, bool same) {
  const std::uint64_t count = events.folded - (events.closed ? 1 : 0);
  std::string out = fmt::format("{} folded{}", count, events.closed ? " with the close mark" : "");
  if (same) out += ", to the certified head";
  if (events.same_state == true) out += " and state";
  if (events.same_state == false) {
    out += ", but not to the certified state (another version of vouch may have hashed it)";
  }
  if (events.beyond > 0) out += fmt::format("; {} more are not certified", events.beyond);
  return out;
}

void print_text(const Receipt& receipt, const std::string& cluster, const Checked& checked) {
  const Certificate& c = receipt.certificate;
  const std::size_t n = checked.roster.size();
  const bool valid = checked.flaw == Flaw::none;
  if (valid) {
    fmt::print("valid: {} of {} voters certified the first {} entries of {}\n", c.commits.size(), n,
               c.value.size, stream_text(receipt.stream));
  } else {
    fmt::print("not valid: {}\n", checked.reason);
  }
  fmt::print("  stream    {}, height {}, view {}\n", stream_text(receipt.stream), c.height, c.view);
  fmt::print("  rule set  {}\n", printable(receipt.rule_set));
  fmt::print("  entries   {}\n  head      {}\n", c.value.size, c.value.head.hex());
  if (c.value.state) fmt::print("  state     {}\n", c.value.state->hex());
  fmt::print("  roster    {}, epoch {}: {} voters, quorum {}, {} liars tolerated\n",
             printable(cluster), checked.roster.epoch(), n, membership::quorum(n),
             membership::faults_tolerated(n));
  for (const std::uint32_t epoch : checked.forced) {
    fmt::print(
        "  forced    epoch {} was forced by an operator: what only lost voters decided before "
        "may contradict this\n",
        epoch);
  }
  for (const Certificate::Commit& commit : c.commits) {
    fmt::print("  {}  {}\n", valid ? "signed by" : "names    ", commit.voter.hex());
  }
  if (checked.events) fmt::print("  events    {}\n", events_text(*checked.events, valid));
}

json::Value check_json(const Receipt& receipt, const std::string& cluster, const Checked& checked) {
  const Certificate& c = receipt.certificate;
  const std::size_t n = checked.roster.size();
  json::Array voters;
  for (const Certificate::Commit& commit : c.commits) voters.push_back(commit.voter.hex());
  json::Array forced;
  for (const std::uint32_t epoch : checked.forced) forced.emplace_back(std::uint64_t{epoch});
  json::Object out{{"valid", checked.flaw == Flaw::none},
                   {"reason", checked.reason},
                   {"stream", receipt.stream},
                   {"rule_set", receipt.rule_set},
                   {"height", std::uint64_t{c.height}},
                   {"view", std::uint64_t{c.view}},
                   {"size", c.value.size},
                   {"head", c.value.head.hex()},
                   {"cluster", cluster},
                   {"epoch", std::uint64_t{checked.roster.epoch()}},
                   {"n", std::uint64_t{n}},
                   {"f", std::uint64_t{membership::faults_tolerated(n)}},
                   {"q", std::uint64_t{membership::quorum(n)}},
                   {"forced", std::move(forced)},
                   {"voters", std::move(voters)}};
  if (c.value.state) out.emplace_back("state", c.value.state->hex());
  if (checked.events) {
    json::Object events{{"folded", checked.events->folded},
                        {"beyond", checked.events->beyond},
                        {"closed", checked.events->closed}};
    if (const auto same = checked.events->same_state) events.emplace_back("same_state", *same);
    out.emplace_back("events", std::move(events));
  }
  return json::Value(std::move(out));
}

}  // namespace

Result<Receipt> receipt_of_dump(const json::Value& dump, const std::string& name,
                                std::uint32_t height, std::optional<std::uint32_t> rules_epoch) {
  const json::Value* best = nullptr;
  const auto rank = [](const json::Value& one) {
    return std::pair(number(one, "rules_epoch"), number(one, "height"));
  };
  for (const json::Value& one : list(dump, "certificates")) {
    const std::string its = text(one, "stream");
    const bool named = !its.empty() && stream_name(its) == name;
    if (!named || (rules_epoch && number(one, "rules_epoch") != *rules_epoch)) continue;
    if (height != 0 && number(one, "height") != height) continue;
    if (best == nullptr || rank(*best) < rank(one)) best = &one;
  }
  if (best == nullptr) return fail(Errc::unknown, "nothing of this stream is certified there");
  const std::string stream = text(*best, "stream");
  const auto bytes = from_hex(text(*best, "certificate"));
  auto certificate =
      bytes ? decode_certificate(*bytes) : Result<Certificate>(fail(Errc::malformed, ""));
  const ClusterId cluster = sync::cluster_id(text(dump, "cluster"));
  if (!certificate || certificate->subject != stream_subject(cluster, stream)) {
    return fail(Errc::malformed, "what is held there is no certificate of this stream");
  }
  std::string rules = text(*best, "rule_set");
  if (rules.empty()) rules = text(dump, "rule_set");
  if (rules.empty()) {
    return fail(Errc::malformed,
                "the dump does not say which rule set its peer judges by: it was "
                "made by another version of vouch");
  }
  return Receipt{cluster, stream, std::move(rules), std::move(*certificate)};
}

Result<Checked> check_receipt(const Receipt& receipt, const NamedRoster& trusted,
                              const NamedRoster& told, const std::string& events) {
  const ClusterId cluster = sync::cluster_id(trusted.cluster);
  Checked out{Flaw::none, "", trusted.roster, {}, {}};
  if (receipt.cluster == cluster) {
    auto roster = roster_of_epoch(trusted, told, receipt.certificate.epoch);
    if (!roster) {
      const bool forged = roster.error().code == Errc::bad_signature;
      out.flaw = forged ? Flaw::bad_signature : Flaw::other_epoch;
      out.reason = roster.error().detail;
      return out;
    }
    out.roster = std::move(*roster);
    out.forced = forced_epochs(out.roster, told);
  }
  const Ed25519Signer verifier{crypto::Seed{}};
  out.flaw = consensus::verify_receipt(receipt, {cluster, out.roster}, verifier);
  if (out.flaw == Flaw::none) out.flaw = rules_flaw(receipt, trusted, told, out.reason);
  if (out.reason.empty()) out.reason = consensus::describe(out.flaw);
  if (out.flaw != Flaw::none || events.empty()) return out;
  auto checked = check_events(receipt, events);
  if (checked) {
    checked->roster = std::move(out.roster);
    checked->forced = std::move(out.forced);
  }
  return checked;
}

void print_check(const Receipt& receipt, const std::string& cluster, const Checked& checked,
                 bool as_json) {
  if (as_json) {
    fmt::print("{}\n", json::to_text(check_json(receipt, cluster, checked)));
  } else {
    print_text(receipt, cluster, checked);
  }
}

}  // namespace vouch::tools
