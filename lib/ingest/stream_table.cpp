// SPDX-License-Identifier: MIT
#include "vouch/ingest/stream_table.hpp"

#include "vouch/base/stream_key.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::ingest {
namespace {

Summary summary_of(const validator::StreamValidator& validator) {
  const validator::Counts& counts = validator.counts();
  Summary out{counts.accepted,
              counts.warned,
              counts.rejected,
              counts.unjudged,
              validator.at_run_end(),
              validator.closed(),
              {}};
  for (const validator::Finding& f : validator.first_findings()) {
    out.findings.push_back({f.index, f.code, static_cast<std::uint8_t>(f.severity)});
  }
  return out;
}

/// What submitters may call a stream.
Result<void> check_name(std::string_view name) {
  if (name.empty() || name.size() > limits::stream_name_bytes_max) {
    return fail(Errc::too_large, "a stream name has 1 to 256 bytes");
  }
  if (stream_name(name) == name) return {};
  return fail(Errc::malformed, "a stream name does not hold the byte 0x1f");
}

/// Digest held at `index`, when it is still known.
const Hash* digest_at(const validator::Chain& chain, std::uint64_t index) {
  if (index < chain.segment_first() || index >= chain.size()) return nullptr;
  return &chain.segment()[index - chain.segment_first()].digest;
}

}  // namespace

StreamTable::Stream* StreamTable::find(const std::string& stream) {
  const auto it = streams_.find(stream);
  return it == streams_.end() ? nullptr : &it->second;
}

Result<std::optional<std::uint64_t>> StreamTable::size_over(const std::string& stream) const {
  if (streams_.contains(stream)) return std::nullopt;
  const auto retired = retired_.find(stream);
  if (retired != retired_.end()) return retired->second;
  if (released_ == nullptr) return std::nullopt;
  return released_->size_of(stream);
}

Result<void> StreamTable::check_not_over(const std::string& stream) const {
  const auto over = size_over(stream);
  if (!over) return tl::unexpected(over.error());
  if (*over) return fail(Errc::not_allowed, "the stream is closed");
  return {};
}

const validator::Policy* StreamTable::policy_of(std::string_view stream) const {
  const auto key = parse_stream_key(stream);
  const auto held = key ? policies_.find(key->epoch) : policies_.end();
  return held == policies_.end() || !held->second ? nullptr : &*held->second;
}

void StreamTable::follow_rules(std::uint32_t epoch, const std::string& rule_set) {
  policies_.try_emplace(epoch, validator::under(*policies_.begin()->second, rule_set));
}

bool StreamTable::knows(const std::string& key) const {
  const auto over = size_over(key);
  return streams_.contains(key) || !over || over->has_value();
}

std::string StreamTable::key_of(const std::string& name) const {
  if (policies_.size() == 1 || stream_name(name) != name) return name;
  for (const auto& [epoch, policy] : policies_) {
    std::string key = stream_key(name, epoch);
    const auto held = streams_.find(key);
    if (held != streams_.end() && held->second.local) return key;
  }
  for (const auto& [epoch, policy] : policies_) {
    std::string key = stream_key(name, epoch);
    if (knows(key)) return key;
  }
  return stream_key(name, policies_.rbegin()->first);
}

/// Errors: those of submit that are about the stream.
Result<std::pair<std::string, StreamTable::Stream*>> StreamTable::begin(const std::string& name) {
  if (auto good = check_name(name); !good) return tl::unexpected(good.error());
  std::string key = key_of(name);
  if (Stream* held = find(key)) return std::pair(std::move(key), held);
  if (auto open = check_not_over(key); !open) return tl::unexpected(open.error());
  if (const auto& now = policies_.rbegin()->second; !now) return tl::unexpected(now.error());
  if (key.size() > limits::stream_name_bytes_max) {
    return fail(Errc::too_large, "a stream name has 1 to 245 bytes since the rules were changed");
  }
  Stream* begun = find_or_open(key);
  if (begun == nullptr) return fail(Errc::busy, "too many open streams; close some first");
  return std::pair(std::move(key), begun);
}

StreamTable::Stream* StreamTable::find_or_open(const std::string& stream) {
  if (Stream* held = find(stream)) return held;
  const validator::Policy* policy = policy_of(stream);
  return policy == nullptr || open_ >= limits_.streams_max ? nullptr : &open(stream, *policy);
}

StreamTable::Stream& StreamTable::open(const std::string& stream, const validator::Policy& policy) {
  ++open_;
  return streams_.try_emplace(stream, fresh(stream, policy)).first->second;
}

StreamTable::Stream StreamTable::fresh(const std::string& stream,
                                       const validator::Policy& policy) const {
  return *begun(stream, policy, std::nullopt);
}

std::optional<StreamTable::Stream> StreamTable::begun(const std::string& stream,
                                                      const validator::Policy& policy,
                                                      const Start& start) const {
  validator::Options options = validator::options_of(policy, stream);
  options.keeps_states = true;
  auto out = start ? validator::StreamValidator::resume(start->bytes, std::move(options))
                   : Result<validator::StreamValidator>(std::move(options));
  if (!out) return std::nullopt;
  out->certified(start ? start->size : 0);
  return Stream(std::move(*out), policy.rules.protocol != validator::Protocol::agui_0_0_58);
}

Result<Submitted> StreamTable::submit(const std::string& name, std::string_view event,
                                      std::optional<std::uint64_t> index,
                                      std::optional<std::int64_t> now_ms) {
  if (event.size() > limits::event_bytes_max) {
    return fail(Errc::too_large, "an event has at most 1 MiB; this one took no index");
  }
  const auto begun = begin(name);
  if (!begun) return tl::unexpected(begun.error());
  const auto& [key, stream] = *begun;
  stream->local = true;
  const std::uint64_t next = stream->validator.size();
  if (index && *index < next) return compare(*stream, event, *index);
  if (stream->validator.closed()) return fail(Errc::not_allowed, "the stream is closed");
  if (stream->validator.chain().full()) {
    return fail(Errc::busy, "too many segments wait for a certificate; submit again later");
  }
  if (index && *index > next) return hold(*stream, event, *index);
  Submitted out{Answer::verdict, next, {}};
  out.verdicts.push_back(feed(key, *stream, event, true, now_ms));
  for (auto it = stream->window.begin();
       it != stream->window.end() && it->first == stream->validator.size();
       it = stream->window.erase(it)) {
    stream->window_bytes -= it->second.size();
    out.verdicts.push_back(feed(key, *stream, it->second, true, now_ms));
  }
  return out;
}

std::vector<Stalled> StreamTable::check_stall(std::int64_t now_ms) {
  std::vector<Stalled> out;
  for (auto& [name, stream] : streams_) {
    for (validator::Finding& finding : stream.validator.check_stall(now_ms)) {
      out.push_back({name, std::move(finding)});
    }
  }
  return out;
}

Result<Submitted> StreamTable::hold(Stream& stream, std::string_view event, std::uint64_t index) {
  const auto held = stream.window.find(index);
  if (held != stream.window.end()) {
    if (held->second == event) return Submitted{Answer::duplicate, index, {}};
    return fail(Errc::out_of_order, "another event waits at this index");
  }
  if (stream.window.size() >= limits_.window_events_max ||
      stream.window_bytes + event.size() > limits_.window_bytes_max) {
    return fail(Errc::out_of_order, "too far ahead; submit the missing events first");
  }
  stream.window.emplace(index, event);
  stream.window_bytes += event.size();
  return Submitted{Answer::waiting, index, {}};
}

Result<Submitted> StreamTable::compare(Stream& stream, std::string_view event,
                                       std::uint64_t index) {
  const Hash* digest = digest_at(stream.validator.chain(), index);
  if (digest != nullptr && validator::digest_of(event) != *digest) {
    return fail(Errc::out_of_order, "another event is held at this index");
  }
  return Submitted{Answer::duplicate, index, {}};
}

Result<validator::Verdict> StreamTable::close(const std::string& name) {
  const auto begun = begin(name);
  if (!begun) return tl::unexpected(begun.error());
  const auto& [key, stream] = *begun;
  stream->local = true;
  if (!stream->window.empty()) {
    return fail(Errc::out_of_order, "events before the waiting ones are missing");
  }
  if (!stream->closing) return shut(key, *stream, true);
  return *stream->closing;
}

std::pair<std::uint64_t, bool> StreamTable::position(const std::string& name) const {
  return place(key_of(name));
}

std::pair<std::uint64_t, bool> StreamTable::place(const std::string& name) const {
  const auto it = streams_.find(name);
  if (it == streams_.end()) {
    const auto over = size_over(name).value_or(std::nullopt);
    return {over.value_or(0), over.has_value()};
  }
  return {it->second.validator.size(), it->second.validator.closed()};
}

void StreamTable::attest(const std::string& name) {
  Stream* stream = find(name);
  if (stream == nullptr || stream->validator.size() == 0) return;
  stream->news.checkpoint = checkpoint(*stream);
  mark(name, *stream, true, false);
}

void StreamTable::attest_now(const std::string& name) {
  const std::string key = key_of(name);
  attest(key);
  if (Stream* stream = find(key)) stream->news.awaited = stream->dirty;
}

validator::Verdict StreamTable::feed(const std::string& name, Stream& stream,
                                     std::string_view event, bool local,
                                     std::optional<std::int64_t> now_ms) {
  const std::uint64_t index = stream.validator.size();
  validator::Verdict verdict = stream.validator.feed(event, now_ms);
  if (stream.news.items.empty()) stream.news.first = index;
  stream.news.items.push_back(
      {stream.validator.last_digest(), std::make_shared<const std::string>(event)});
  if (auto state = stream.validator.take_state()) stream.news.state = std::move(state);
  note_runs(name, stream);
  fresh_bytes_ += event.size();
  ++events_;
  const bool notable =
      verdict.outcome == validator::Outcome::rejected || stream.validator.at_run_end();
  if (notable || stream.validator.size() % limits::checkpoint_interval == 0) {
    stream.news.checkpoint = checkpoint(stream);
  }
  mark(name, stream, notable, local);
  return verdict;
}

validator::Verdict StreamTable::shut(const std::string& name, Stream& stream, bool local) {
  stream.closing = stream.validator.close();
  --open_;
  note_runs(name, stream);
  stream.news.checkpoint = checkpoint(stream);
  mark(name, stream, true, local);
  return *stream.closing;
}

void StreamTable::note_runs(const std::string& name, Stream& stream) {
  if (stream.threads) stream.runs.look(name, stream.validator, stream.news.runs);
}

std::vector<ThreadRun> StreamTable::runs(const std::string& name) {
  const Stream* stream = find(name);
  if (stream == nullptr || !stream->threads) return {};
  return runs_of(name, stream->validator);
}

void StreamTable::mark(const std::string& name, Stream& stream, bool urgent, bool local) {
  if (!stream.dirty) dirty_.push_back(name);
  stream.dirty = true;
  stream.news.urgent |= urgent;
  stream.news.local |= local;
  urgent_ |= urgent;
}

Checkpoint StreamTable::checkpoint(const Stream& stream) const {
  return {stream.validator.size() - 1, stream.validator.chain().head(),
          summary_of(stream.validator)};
}

PushOutcome StreamTable::push(const std::string& name, std::uint64_t first,
                              std::span<const std::string> events, bool closes) {
  PushOutcome out;
  if ((events.empty() && !closes) || !check_not_over(name)) {
    out.next = place(name).first;
    return out;
  }
  Stream* stream = find_or_open(name);
  out.full = stream == nullptr || stream->validator.chain().full();
  if (out.full) return out;
  for (std::uint64_t index = first; const std::string& event : events) {
    const std::uint64_t next = stream->validator.size();
    if (index > next || (index == next && stream->validator.closed())) break;
    if (index == next && out.conflict) break;  // it goes on from another event than ours
    if (index == next) {
      feed(name, *stream, event, false);
      out.digests.push_back(stream->validator.last_digest());
    } else {
      const Hash digest = validator::digest_of(event);
      const Hash* held = digest_at(stream->validator.chain(), index);
      out.conflict |= held != nullptr && *held != digest;
      out.digests.push_back(digest);
    }
    ++index;
  }
  const bool complete = stream->validator.size() == first + events.size();
  if (closes && complete && !out.conflict && !stream->closing) shut(name, *stream, false);
  out.next = stream->validator.size();
  return out;
}

void StreamTable::taint(const std::string& name) {
  if (Stream* stream = find(name)) stream->tainted = true;
}

bool StreamTable::retire(const std::string& name) {
  const auto it = streams_.find(name);
  if (it == streams_.end() || !it->second.closing || it->second.dirty) return false;
  retired_[name] = it->second.validator.size();
  streams_.erase(it);
  return true;
}

void StreamTable::release(const std::string& name) {
  retired_.erase(name);
  const auto it = streams_.find(name);
  if (it == streams_.end()) return;
  if (!it->second.closing) --open_;
  for (const Item& item : it->second.news.items) fresh_bytes_ -= item.text->size();
  std::erase(dirty_, name);
  streams_.erase(it);
}

std::optional<Checkpoint> StreamTable::tip(const std::string& name) {
  const Stream* stream = find(name);
  if (stream == nullptr || stream->tainted || stream->validator.size() == 0) return std::nullopt;
  return checkpoint(*stream);
}

std::optional<Hash> StreamTable::head_at(const std::string& name, std::uint64_t upto) {
  const Stream* stream = find(name);
  if (stream == nullptr) return std::nullopt;
  return stream->validator.chain().head_at(upto + 1);
}

std::optional<validator::Point> StreamTable::end_after(const std::string& name,
                                                       std::uint64_t size) {
  const Stream* stream = find(name);
  if (stream == nullptr) return std::nullopt;
  const validator::Chain& chain = stream->validator.chain();
  const auto end = chain.end_after(size);
  if (!end) return std::nullopt;
  return validator::Point{*end, chain.head_at(*end).value()};
}

std::optional<validator::LinkList> StreamTable::links(const std::string& name, std::uint64_t from,
                                                      std::uint64_t to) {
  const Stream* stream = find(name);
  if (stream == nullptr) return std::nullopt;
  return stream->validator.chain().links(from, to);
}

void StreamTable::certified(const std::string& name, std::uint64_t size) {
  if (Stream* stream = find(name)) stream->validator.certified(size);
}

std::optional<Hash> StreamTable::state_at(const std::string& name, std::uint64_t size) {
  const Stream* stream = find(name);
  return stream == nullptr ? std::nullopt : stream->validator.state_at(size);
}

std::optional<validator::Segment> StreamTable::fold(const std::string& name, const Start& start,
                                                    std::span<const std::string> events,
                                                    bool closes, std::uint64_t from) {
  const validator::Policy* policy = policy_of(name);
  if (policy == nullptr) return std::nullopt;
  auto stream = begun(name, *policy, start);
  if (!stream) return std::nullopt;
  validator::StreamValidator& folded = stream->validator;
  for (const std::string& event : events) folded.feed(event);
  if (closes) folded.close();
  if (start && folded.size() == start->size) {
    return validator::Segment{{start->size, folded.chain().head(), {}},
                              folded.state_at(start->size)};
  }
  auto links = folded.chain().links(from, folded.chain().end_after(from).value_or(folded.size()));
  if (!links) return std::nullopt;
  const std::uint64_t end = links->size();
  return validator::Segment{std::move(*links), folded.state_at(end)};
}

bool StreamTable::rebase(const std::string& name, const Start& start,
                         std::span<const std::string> events, bool closes) {
  const validator::Policy* policy = policy_of(name);
  if (policy == nullptr || !check_not_over(name)) return false;
  auto anew = begun(name, *policy, start);
  Stream* stream = anew ? find_or_open(name) : nullptr;
  if (stream == nullptr) return false;
  if (stream->closing) ++open_;
  for (const Item& item : stream->news.items) fresh_bytes_ -= item.text->size();
  anew->dirty = stream->dirty;
  anew->local = stream->local;
  *stream = std::move(*anew);
  replay(*stream, events, closes);
  if (stream->validator.size() != 0) stream->news.checkpoint = checkpoint(*stream);
  mark(name, *stream, true, false);
  return true;
}

void StreamTable::replay(Stream& stream, std::span<const std::string> events, bool closed) {
  for (const std::string& event : events) stream.validator.feed(event);
  // A state that nobody has on disk yet is.
  stream.news.state = stream.validator.take_state();
  if (closed) {
    stream.closing = stream.validator.close();
    --open_;
  }
  // Behind them it goes on as if they had been told.
  std::vector<ThreadRun> told;
  stream.runs.look("", stream.validator, told);
}

bool StreamTable::restore(const std::string& name, const Start& start,
                          std::span<const std::string> events, bool closed, bool local) {
  const validator::Policy* policy = policy_of(name);
  if (policy == nullptr) return true;
  auto begun = this->begun(name, *policy, start);
  if (!begun) return false;
  ++open_;
  Stream& stream = streams_.insert_or_assign(name, std::move(*begun)).first->second;
  stream.local = local;
  replay(stream, events, closed);
  return true;
}

void StreamTable::collect(std::vector<Progress>& out) {
  for (const std::string& name : dirty_) {
    Stream& stream = streams_.at(name);
    Progress& news = stream.news;
    news.stream = name;
    news.size = stream.validator.size();
    news.closed = stream.validator.closed();
    news.tainted = stream.tainted;
    if (news.items.empty()) news.first = news.size - (news.closed ? 1 : 0);
    out.push_back(std::exchange(news, {}));
    stream.dirty = false;
  }
  dirty_.clear();
  fresh_bytes_ = 0;
  urgent_ = false;
}

}  // namespace vouch::ingest
