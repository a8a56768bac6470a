// SPDX-License-Identifier: MIT
#include "vouch/distributed_validator.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "vouch/base/stream_key.hpp"
#include "vouch/driver/clock.hpp"
#include "vouch/driver/driver.hpp"
#include "vouch/observe/dump.hpp"
#include "vouch/schemas/bytes.hpp"
#include "vouch/transport/key_file.hpp"

namespace vouch {
namespace {

Error not_running() {
  return {Errc::not_running, "the peer is stopped; call start() first"};
}

std::string all_faults(const std::vector<ConfigFault>& faults) {
  std::string text;
  for (const ConfigFault& fault : faults) {
    if (!text.empty()) text += '\n';
    text += fault.text();
  }
  return text;
}

/// How often a peer that has just started is asked again whether it may write.
constexpr std::chrono::milliseconds retry{10};

const std::string any_stream;  // no stream that is spoken of has this name

std::string stream_of(const Notice& notice) {
  return std::visit(
      [](const auto& of) -> std::string {
        if constexpr (requires { of.stream; }) return std::string(stream_name(of.stream));
        if constexpr (requires { of.name; }) return std::string(stream_name(of.name));
        return {};
      },
      notice);
}

/// A new peer gets a key where it keeps its data. Beside a store a missing key is not replaced: it
/// would be another peer's store.
Result<void> make_first_key(const Config& config) {
  std::error_code error;
  if (std::filesystem::exists(config.key_file, error) ||
      std::filesystem::exists(config.data / "store", error)) {
    return {};
  }
  std::filesystem::create_directories(config.data, error);
  if (error) return fail(Errc::io, "cannot make " + config.data.string() + ": " + error.message());
  return transport::save_seed(config.key_file, crypto::random_seed());
}

}  // namespace

struct DistributedValidator::Impl {
  Config config;
  Subscriber subscriber;
  /// Guards the pointer, not the driver: taken shared by every call, exclusively by start and stop.
  mutable std::shared_mutex driver_mutex;
  std::unique_ptr<driver::Driver> driver;

  /// Callers that wait for news of one stream, and nobody else, are woken by them. Under
  /// any_stream: those that wait for whatever comes.
  struct Awaited {
    std::condition_variable news;
    std::uint64_t count = 0;
    std::size_t callers = 0;
  };
  /// A caller that waits for a proposal to be decided.
  struct Deciding {
    std::promise<Result<consensus::Agreement::Verdict>> verdict;
    bool left = false;  ///< nobody waits any more
  };
  std::mutex waiting_mutex;
  std::map<std::string, Awaited> awaited;
  std::multimap<std::string, std::shared_ptr<Deciding>> deciding;
  /// Callers whose puts are not stored yet.
  using Storing = std::promise<Result<PutMark>>;
  std::map<PutMark, std::shared_ptr<Storing>> storing;

  /// On the driver's thread.
  void on_notice(const Notice& notice) {
    if (subscriber) subscriber(notice);
    const auto* certified = std::get_if<Certified>(&notice);
    if (certified != nullptr && certified->proposal) decided(certified->name);
    const auto* put = std::get_if<PutHeard>(&notice);
    if (put != nullptr && put->writer == driver->id()) stored(put->mark);
    const std::lock_guard lock(waiting_mutex);
    if (const auto any = awaited.find(any_stream); any != awaited.end()) tell(any->second);
    if (certified != nullptr && certified->proposal) return;
    if (std::holds_alternative<Proven>(notice)) {
      for (auto& [stream, of] : awaited) tell(of);
      return;
    }
    const auto of = awaited.find(stream_of(notice));
    if (of != awaited.end()) tell(of->second);
  }

  static void tell(Awaited& of) {
    ++of.count;
    of.news.notify_all();
  }

  void decided(const std::string& subject) {
    const std::lock_guard lock(waiting_mutex);
    const auto [first, last] = deciding.equal_range(subject);
    if (first == last) return;
    const auto verdict = driver->decision(subject);
    if (!verdict) return;  // null: the proposal stands; or others are asked for the value
    for (auto it = first; it != last; ++it) it->second->verdict.set_value(*verdict);
    deciding.erase(first, last);
  }

  void stored(const PutMark& mark) {
    const std::lock_guard lock(waiting_mutex);
    const auto waits = storing.find(mark);
    if (waits == storing.end()) return;
    waits->second->set_value(mark);
    storing.erase(waits);
  }

  /// Puts once, and waits until it is stored or `end` has come.
  Result<PutMark> put(const std::string& key, const std::optional<std::string>& value,
                      std::chrono::steady_clock::time_point end) {
    const auto waits = std::make_shared<Storing>();
    auto done = waits->get_future();
    const auto told = with_driver([&](driver::Driver& d) {
      return d.tell([this, &d, key, value, waits] {
        const auto mark = d.put(key, value);
        const std::lock_guard lock(waiting_mutex);
        if (mark) {
          storing.emplace(*mark, waits);
        } else {
          waits->set_value(tl::unexpected(mark.error()));
        }
      });
    });
    if (!told) return tl::unexpected(told.error());
    if (done.wait_until(end) == std::future_status::ready) return done.get();
    return fail(Errc::timed_out, "the disk has not taken the value yet; it may still do so");
  }

  /// The peer has stopped: nothing will be decided or stored.
  void leave_waiting() {
    const std::lock_guard lock(waiting_mutex);
    for (auto& [subject, waits] : deciding) {
      waits->verdict.set_value(tl::unexpected(not_running()));
    }
    deciding.clear();
    for (auto& [mark, waits] : storing) waits->set_value(tl::unexpected(not_running()));
    storing.clear();
  }

  /// Asks again after all news of the stream until `ask` is content or the time is over.
  template <class Ask>
  auto until(const std::string& stream, std::chrono::milliseconds timeout, Ask ask)
      -> decltype(ask().first) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    std::unique_lock lock(waiting_mutex);
    Awaited& of = awaited[stream];
    ++of.callers;
    for (;;) {
      const std::uint64_t seen = of.count;
      lock.unlock();
      auto [answer, content] = ask();
      lock.lock();
      if (content || std::chrono::steady_clock::now() >= end) {
        if (--of.callers == 0) awaited.erase(stream);
        return std::move(answer);
      }
      of.news.wait_until(lock, end, [&] { return of.count != seen; });
    }
  }

  /// The same again while the peer may not write yet.
  Result<CausalToken> put_until(std::string_view key, const std::optional<std::string>& value,
                                std::chrono::steady_clock::time_point end);

  Result<void> open() {
    auto opened = driver::Driver::open(config, [this](const Notice& n) { on_notice(n); });
    if (!opened) return tl::unexpected(opened.error());
    driver = std::move(*opened);
    return {};
  }

  /// Calls `use` with the driver, or says that the peer is stopped.
  template <class Use>
  auto with_driver(Use use) const -> decltype(use(*driver)) {
    const std::shared_lock lock(driver_mutex);
    if (!driver || !driver->running()) return tl::unexpected(not_running());
    return use(*driver);
  }
};

DistributedValidator::DistributedValidator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DistributedValidator::~DistributedValidator() {
  stop();
}

Result<std::unique_ptr<DistributedValidator>> DistributedValidator::open(Config config) {
  const auto faults = config.validate();
  if (!faults.empty()) return fail(Errc::invalid_config, all_faults(faults));
  auto impl = std::make_unique<Impl>();
  impl->config = config.resolved();
  if (config.key_file.empty()) {
    if (auto made = make_first_key(impl->config); !made) return tl::unexpected(made.error());
  }
  if (auto opened = impl->open(); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<DistributedValidator>(new DistributedValidator(std::move(impl)));
}

Result<void> DistributedValidator::start() {
  const std::unique_lock lock(impl_->driver_mutex);
  if (impl_->driver && impl_->driver->running()) return {};
  if (!impl_->driver) {
    if (auto opened = impl_->open(); !opened) return opened;
  }
  impl_->driver->start();
  return {};
}

void DistributedValidator::stop() {
  const std::unique_lock lock(impl_->driver_mutex);
  if (impl_->driver) impl_->driver->stop();
  impl_->leave_waiting();
  impl_->driver.reset();
}

void DistributedValidator::subscribe(Subscriber subscriber) {
  impl_->subscriber = std::move(subscriber);
}

Result<Status> DistributedValidator::status() const {
  return impl_->with_driver([](driver::Driver& driver) -> Result<Status> {
    return driver.ask([](driver::Driver& d) { return d.status(); });
  });
}

Result<std::string> DistributedValidator::dump(std::vector<std::string> parts) const {
  const Dump wanted{"", std::move(parts)};
  if (const auto known = observe::check_parts(wanted); !known) return tl::unexpected(known.error());
  return impl_->with_driver([&](driver::Driver& driver) -> Result<std::string> {
    return driver.ask([&](driver::Driver& d) { return d.dump(wanted); });
  });
}

Result<Taken> Stream::submit(std::string_view event, SubmitOptions options) {
  return peer_->impl_->with_driver([&](driver::Driver& driver) -> Result<Taken> {
    auto taken = driver.lanes().submit(id_, event, options.index, options.attest_now);
    if (!taken) return tl::unexpected(taken.error());
    const std::uint64_t entries = taken->index + 1;
    return Taken{std::move(*taken),
                 CausalToken({driver.id(), driver.lanes().key_of(id_)}, entries)};
  });
}

Result<validator::Verdict> Stream::close() {
  return peer_->impl_->with_driver(
      [&](driver::Driver& driver) { return driver.lanes().close(id_); });
}

std::pair<std::uint64_t, bool> Stream::position() const {
  const std::shared_lock lock(peer_->impl_->driver_mutex);
  if (!peer_->impl_->driver) return {0, false};
  return peer_->impl_->driver->lanes().position(id_);
}

Result<machine::Standing> Stream::standing(std::uint64_t upto) const {
  return peer_->impl_->with_driver([&](driver::Driver& driver) -> Result<machine::Standing> {
    return driver.ask([id = id_, upto](driver::Driver& d) { return d.standing(id, upto); });
  });
}

Result<machine::Standing> Stream::wait(std::uint64_t upto, std::size_t voters,
                                       std::chrono::milliseconds timeout) {
  DistributedValidator::Impl& impl = *peer_->impl_;
  const auto asked = impl.with_driver([&](driver::Driver& driver) -> Result<void> {
    driver.lanes().attest_now(id_);
    return {};
  });
  if (!asked) return tl::unexpected(asked.error());
  return impl.until(id_, timeout, [&]() -> std::pair<Result<machine::Standing>, bool> {
    auto standing = this->standing(upto);
    if (!standing) return {std::move(standing), true};
    const std::size_t possible =
        standing->agree.size() + standing->missing.size() + standing->unchecked.size();
    const bool content = standing->agree.size() >= voters || possible < voters;
    return {std::move(standing), content};
  });
}

Result<Support> Stream::wait(std::uint64_t upto, Strength strength,
                             std::chrono::milliseconds timeout) {
  DistributedValidator::Impl& impl = *peer_->impl_;
  Support out;
  const auto voters = impl.with_driver(
      [](driver::Driver& driver) -> Result<std::size_t> { return driver.roster().size(); });
  if (!voters) return tl::unexpected(voters.error());
  if (strength != Strength::pbft) {
    out.needed = strength == Strength::local      ? 0
                 : strength == Strength::majority ? *voters / 2 + 1
                                                  : *voters;
    auto standing = out.needed == 0 ? this->standing(upto) : wait(upto, out.needed, timeout);
    if (!standing) return tl::unexpected(standing.error());
    out.reached = standing->agree.size() >= out.needed;
    out.standing = std::move(*standing);
    return out;
  }
  out.needed = membership::quorum(*voters);
  const auto asked = impl.with_driver([&](driver::Driver& driver) -> Result<void> {
    driver.lanes().attest_now(id_);
    const auto told = driver.ask([id = id_, upto](driver::Driver& d) {
      d.request(id, upto + 1);
      return true;
    });
    if (!told) return tl::unexpected(told.error());
    return {};
  });
  if (!asked) return tl::unexpected(asked.error());
  return impl.until(id_, timeout, [&]() -> std::pair<Result<Support>, bool> {
    auto held = impl.with_driver([&](driver::Driver& driver) {
      return driver.ask([id = id_](driver::Driver& d) { return d.certificate(id); });
    });
    if (!held) return {tl::unexpected(held.error()), true};
    auto standing = this->standing(upto);
    if (!standing) return {tl::unexpected(standing.error()), true};
    out.standing = std::move(*standing);
    out.reached = *held && (*held)->value.size > upto;
    if (out.reached) out.certificate = std::move(*held);
    return {out, out.reached};
  });
}

Result<void> DistributedValidator::await(const CausalToken& token,
                                         std::chrono::milliseconds timeout) {
  return impl_->until(any_stream, timeout, [&]() -> std::pair<Result<void>, bool> {
    auto missing = impl_->with_driver([&](driver::Driver& driver) {
      return driver.ask([&](driver::Driver& d) { return d.missing(token); });
    });
    if (!missing) return {tl::unexpected(missing.error()), true};
    if (!*missing) return {Result<void>(), true};
    const CausalToken::Source& source = **missing;
    const std::string what = source.stream == any_stream ? "its puts" : "stream " + source.stream;
    return {fail(Errc::timed_out, "peer " + source.peer.hex() + " has not told of " + what +
                                      " that far; is it up and connected?"),
            false};
  });
}

Result<CausalToken> DistributedValidator::Impl::put_until(
    std::string_view key, const std::optional<std::string>& value,
    std::chrono::steady_clock::time_point end) {
  for (;;) {
    const auto mark = put(std::string(key), value, end);
    if (mark) {
      return with_driver([&](driver::Driver& d) -> Result<CausalToken> {
        return CausalToken({d.id(), any_stream}, mark->number);
      });
    }
    // A peer that has just started has nobody's answer yet.
    if (mark.error().code != Errc::busy || std::chrono::steady_clock::now() + retry >= end) {
      return tl::unexpected(mark.error());
    }
    std::this_thread::sleep_for(retry);
  }
}

Result<CausalToken> DistributedValidator::put(std::string_view key, std::string_view value,
                                              std::chrono::milliseconds timeout) {
  return impl_->put_until(key, std::string(value), std::chrono::steady_clock::now() + timeout);
}

Result<CausalToken> DistributedValidator::erase(std::string_view key,
                                                std::chrono::milliseconds timeout) {
  return impl_->put_until(key, std::nullopt, std::chrono::steady_clock::now() + timeout);
}

Result<std::vector<SharedValue>> DistributedValidator::get(std::string_view key) const {
  return impl_->with_driver([key](driver::Driver& driver) -> Result<std::vector<SharedValue>> {
    return driver.ask([key](driver::Driver& d) { return d.shared_values(key); });
  });
}

Result<std::optional<std::string>> DistributedValidator::get(std::string_view key,
                                                             const Resolution& resolution) const {
  const auto values = get(key);
  if (!values) return tl::unexpected(values.error());
  return resolution(*values);
}

Result<Decision> DistributedValidator::propose(const std::string& subject, std::string_view value,
                                               std::chrono::milliseconds timeout) {
  const Bytes bytes = to_bytes(as_bytes(value));
  Impl& impl = *impl_;
  const auto waits = std::make_shared<Impl::Deciding>();
  auto verdict = waits->verdict.get_future();
  const auto told = impl.with_driver([&](driver::Driver& driver) {
    return driver.tell([&impl, &driver, subject, bytes, waits] {
      const auto proposed = driver.propose(subject, bytes);
      const auto held = driver.decision(subject);
      const std::lock_guard lock(impl.waiting_mutex);
      if (!proposed) {
        waits->verdict.set_value(tl::unexpected(proposed.error()));
      } else if (held) {
        waits->verdict.set_value(*held);
      } else if (!waits->left) {
        impl.deciding.emplace(subject, waits);
      }
    });
  });
  if (!told) return tl::unexpected(told.error());
  if (verdict.wait_for(timeout) != std::future_status::ready) {
    const std::lock_guard lock(impl.waiting_mutex);
    waits->left = true;
    const auto [first, last] = impl.deciding.equal_range(subject);
    const auto place =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == waits; });
    if (place != last) impl.deciding.erase(place);
    return fail(Errc::timed_out,
                "too few voters could be heard that decide it, or know what was decided; the "
                "proposal stands");
  }
  const auto decided = verdict.get();
  if (!decided) return tl::unexpected(decided.error());
  Decision out{decided->certificate, std::string(as_text(*decided->value)), false};
  out.own = out.certificate.value.head == crypto::blake2b(bytes);
  return out;
}

Result<RosterStanding> DistributedValidator::change_roster(const RosterChange& change,
                                                           std::chrono::milliseconds timeout) {
  using Proposed = Result<membership::Roster>;
  const auto wanted = impl_->with_driver([&](driver::Driver& driver) -> Proposed {
    auto told = driver.ask([&](driver::Driver& d) -> Proposed {
      auto next = d.changed_roster(change);
      if (!next) return next;
      if (*next == d.roster().next()) return fail(Errc::not_allowed, "it is so already");
      if (auto taken = d.propose_roster(*next); !taken) return tl::unexpected(taken.error());
      return next;
    });
    return told ? std::move(*told) : tl::unexpected(told.error());
  });
  if (!wanted) return tl::unexpected(wanted.error());
  return impl_->until(any_stream, timeout, [&]() -> std::pair<Result<RosterStanding>, bool> {
    auto held = impl_->with_driver([&](driver::Driver& driver) {
      return driver.ask([&](driver::Driver& d) { return d.roster_standing(*wanted); });
    });
    const bool over = !held || held->lost || held->in_force;
    return {std::move(held), over};
  });
}

}  // namespace vouch
