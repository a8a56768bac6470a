// Inline is what every event passes, and nothing else calls; what only some of them need has a
// function of its own, so that the way of the others stays short.
// SPDX-License-Identifier: MIT
#include "vouch/validator/stream_validator.hpp"

#include <algorithm>

#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"
#include "vouch/validator/digest.hpp"
#include "vouch/validator/stream_impl.hpp"

namespace vouch::validator {
namespace {

/// So many entries lie between two states that are hashed, at least: hashing costs the size of the
/// state, and a stream of short runs would do little else.
std::uint64_t interval_of(const StreamState& state, std::uint64_t least) {
  const std::uint64_t weight = state.document_budget.used + state.activities_budget.used;
  return std::max({least, std::uint64_t{state.known_ids()}, weight / 256});
}

/// Outcome and code by the findings; the first fatal one counts.
void conclude(Verdict& verdict) {
  if (verdict.findings.empty()) return;  // accepted
  verdict.outcome = outcome_of(verdict.findings);
  const auto fatal = std::ranges::find(verdict.findings, Severity::fatal, &Finding::severity);
  if (fatal != verdict.findings.end()) verdict.code = fatal->code;
}

}  // namespace

Verdict StreamValidator::Impl::feed(std::string_view unit) {
  VOUCH_CHECK(!closed);
  const Decoded& decoded = decoder.decode(unit);
  last_digest = decoded.digest;
  Verdict verdict;
  verdict.index = static_cast<std::int64_t>(chain.size());
  at_run_end = false;
  if (!judge(decoded, verdict)) {
    verdict.outcome = Outcome::unjudged;
    verdict.code = code_unjudged;
    record(verdict, false);
    return verdict;
  }
  conclude(verdict);
  const bool rejected = verdict.outcome == Outcome::rejected;
  if (rejected && !options.mode.continues) {
    sequence.abandon();
    lanes.clear();
    frozen = true;
  }
  const bool terminal =
      decoded.state == Decoded::State::passed && !rejected &&
      (decoded.event.kind == Kind::run_finished || decoded.event.kind == Kind::run_error);
  at_run_end = terminal;
  record(verdict, rejected || terminal);
  if (terminal) mark();
  if (watch) watch->report(verdict);
  return verdict;
}

inline bool StreamValidator::Impl::judge(const Decoded& decoded, Verdict& verdict) {
  const bool passed = decoded.state == Decoded::State::passed;
  if (frozen && !(passed && decoded.event.kind == Kind::run_started)) return false;
  frozen = false;
  if (!decoded.findings.empty()) verdict.findings = decoded.findings;
  if (passed) sequence_rules(decoded.event, verdict);
  for (Finding& finding : verdict.findings) finding.index = verdict.index;
  return true;
}

inline void StreamValidator::Impl::sequence_rules(const Event& event, Verdict& verdict) {
  if (watch) watch->before(event, sequence.state(), now_ms, findings);
  if (!findings.fatal()) {
    lanes.passes(event) ? sequence.apply(event, verdict.index, findings)
                        : apply_expanded(event, verdict.index);
  }
  const bool rejected = findings.fatal();
  findings.take_into(verdict.findings);
  const bool names = event.kind == Kind::run_started && event.thread_id.has_value();
  if (!rejected && names && chain.stream().empty()) chain.rename(std::string(*event.thread_id));
}

void StreamValidator::Impl::apply_expanded(const Event& event, std::int64_t index) {
  expanded.clear();
  const bool clean = lanes.expand(event, expanded, findings);
  for (std::size_t i = 0; clean && i < expanded.size() && !findings.fatal(); ++i) {
    sequence.apply(expanded[i], index, findings);
  }
  if (findings.fatal()) lanes.retract();
}

inline void StreamValidator::Impl::record(const Verdict& verdict, bool ends_segment) {
  if (!closed) count(verdict);
  if (!verdict.findings.empty()) keep_first(verdict.findings);
  chain.append({last_digest, verdict.code}, ends_segment);
}

void StreamValidator::Impl::mark() {
  if (!marks || chain.size() - marked < interval_of(sequence.state(), options.state_interval))
    return;
  marked = chain.size();
  if (states.size() >= states_max) states.erase(states.begin());
  Bytes bytes = fold_state();
  states.push_back({marked, crypto::blake2b(bytes)});
  if (options.keeps_states) kept = FoldState{marked, std::move(bytes)};
}

void StreamValidator::Impl::keep_first(const std::vector<Finding>& found) {
  for (const Finding& finding : found) {
    const bool worth = finding.severity != Severity::info;
    if (worth && first.size() < limits::first_findings_max) first.push_back(finding);
  }
}

inline void StreamValidator::Impl::count(const Verdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::accepted:
      ++counts.accepted;
      break;
    case Outcome::warned:
      ++counts.warned;
      break;
    case Outcome::rejected:
      ++counts.rejected;
      break;
    case Outcome::unjudged:
      ++counts.unjudged;
      break;
  }
}

StreamValidator::StreamValidator(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
StreamValidator::~StreamValidator() = default;
StreamValidator::StreamValidator(StreamValidator&&) noexcept = default;
StreamValidator& StreamValidator::operator=(StreamValidator&&) noexcept = default;

Options options_of(const Policy& policy, std::string stream) {
  Options out{policy.rules, std::move(stream), policy.levels, policy.overlays, policy.custom};
  out.state_interval = policy.state_interval;
  return out;
}

Verdict StreamValidator::feed(std::string_view unit, std::optional<std::int64_t> now_ms) {
  impl_->now_ms = now_ms;
  return impl_->feed(unit);
}

Verdict StreamValidator::close() {
  Impl& impl = *impl_;
  VOUCH_CHECK(!impl.closed);
  Verdict verdict;
  verdict.index = -1;
  impl.at_run_end = false;
  const bool truncated = impl.sequence.state().phase == Phase::active;
  if (truncated) impl.findings.add(2010, "the stream closed while a run was active");
  if (impl.chain.size() == 0) impl.findings.add(2011, "the stream has no events");
  verdict.findings = impl.findings.take();
  for (Finding& finding : verdict.findings) finding.index = -1;
  conclude(verdict);
  impl.last_digest = impl.options.mode.unhashed ? Hash{} : close_digest();
  impl.lanes.clear();
  impl.closed = true;
  impl.record(verdict, true);
  if (impl.watch) impl.watch->report(verdict);
  return verdict;
}

std::optional<FoldState> StreamValidator::take_state() {
  return std::exchange(impl_->kept, std::nullopt);
}

std::vector<Finding> StreamValidator::check_stall(std::int64_t now_ms) {
  if (!impl_->watch || impl_->closed) return {};
  return impl_->watch->check_stall(now_ms, static_cast<std::int64_t>(impl_->chain.size()) - 1);
}

const std::vector<Finding>& StreamValidator::input_findings() const {
  return impl_->sequence.input_findings();
}

bool StreamValidator::input_met() const {
  return impl_->sequence.input_met();
}

std::vector<Finding> StreamValidator::judge_unmet_input() const {
  const Impl& impl = *impl_;
  VOUCH_CHECK(impl.closed);
  const bool clean = impl.counts.rejected == 0 && impl.sequence.state().phase != Phase::active;
  return impl.sequence.judge_unmet_input(clean);
}

const ThreadState& StreamValidator::thread() const {
  return impl_->sequence.state().thread;
}

const StreamState& StreamValidator::state() const {
  return impl_->sequence.state();
}

bool StreamValidator::closed() const {
  return impl_->closed;
}
const std::string& StreamValidator::stream() const {
  return impl_->chain.stream();
}
const Chain& StreamValidator::chain() const {
  return impl_->chain;
}
void StreamValidator::certified(std::uint64_t size) {
  impl_->chain.certified(size);
  std::erase_if(impl_->states, [size](const StatePoint& point) { return point.size < size; });
}
std::optional<Hash> StreamValidator::state_at(std::uint64_t size) const {
  const auto& states = impl_->states;
  const auto point = std::ranges::lower_bound(states, size, {}, &StatePoint::size);
  if (point == states.end() || point->size != size) return std::nullopt;
  return point->state;
}
const Hash& StreamValidator::last_digest() const {
  return impl_->last_digest;
}
const Counts& StreamValidator::counts() const {
  return impl_->counts;
}
const std::vector<Finding>& StreamValidator::first_findings() const {
  return impl_->first;
}
bool StreamValidator::at_run_end() const {
  return impl_->at_run_end;
}

const Hash& close_digest() {
  static const Hash digest = tagged_digest(close_tag, {});
  return digest;
}

Hash digest_of(std::string_view unit) {
  return Decoder(RuleSet{}).decode(unit).digest;
}

}  // namespace vouch::validator
