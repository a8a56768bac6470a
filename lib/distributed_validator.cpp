// SPDX-License-Identifier: MIT
#include "vouch/distributed_validator.hpp"

#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#include "vouch/driver/clock.hpp"
#include "vouch/driver/driver.hpp"
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

  std::mutex news_mutex;
  std::condition_variable news;
  std::uint64_t news_count = 0;

  void on_notice(const Notice& notice) {
    if (subscriber) subscriber(notice);
    {
      const std::lock_guard lock(news_mutex);
      ++news_count;
    }
    news.notify_all();
  }

  /// Asks again after every notice until `ask` is content or the time is over.
  template <class Ask>
  auto until(std::chrono::milliseconds timeout, Ask ask) -> decltype(ask().first) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    for (;;) {
      std::uint64_t seen = 0;
      {
        const std::lock_guard lock(news_mutex);
        seen = news_count;
      }
      auto [answer, content] = ask();
      if (content || std::chrono::steady_clock::now() >= end) return std::move(answer);
      std::unique_lock lock(news_mutex);
      news.wait_until(lock, end, [&] { return news_count != seen; });
    }
  }

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

Result<std::string> DistributedValidator::dump() const {
  return impl_->with_driver([](driver::Driver& driver) -> Result<std::string> {
    return driver.ask([](driver::Driver& d) { return d.dump(); });
  });
}

Result<Taken> Stream::submit(std::string_view event, SubmitOptions options) {
  return peer_->impl_->with_driver([&](driver::Driver& driver) -> Result<Taken> {
    auto taken = driver.lanes().submit(id_, event, options.index, options.attest_now);
    if (!taken) return tl::unexpected(taken.error());
    const std::uint64_t entries = taken->index + 1;
    return Taken{std::move(*taken), CausalToken({driver.id(), id_}, entries)};
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
  return impl.until(timeout, [&]() -> std::pair<Result<machine::Standing>, bool> {
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
  return impl.until(timeout, [&]() -> std::pair<Result<Support>, bool> {
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
  return impl_->until(timeout, [&]() -> std::pair<Result<void>, bool> {
    auto missing = impl_->with_driver([&](driver::Driver& driver) {
      return driver.ask([&](driver::Driver& d) { return d.missing(token); });
    });
    if (!missing) return {tl::unexpected(missing.error()), true};
    if (!*missing) return {Result<void>(), true};
    const CausalToken::Source& source = **missing;
    return {fail(Errc::timed_out, "peer " + source.peer.hex() + " has not told of stream " +
                                      source.stream + " that far; is it up and connected?"),
            false};
  });
}

Result<Decision> DistributedValidator::propose(const std::string& subject, std::string_view value,
                                               std::chrono::milliseconds timeout) {
  const Bytes bytes = to_bytes(as_bytes(value));
  auto proposed = impl_->with_driver([&](driver::Driver& driver) {
    return driver.ask([&](driver::Driver& d) { return d.propose(subject, bytes); });
  });
  if (!proposed) return tl::unexpected(proposed.error());
  if (!*proposed) return tl::unexpected(proposed->error());
  return impl_->until(timeout, [&]() -> std::pair<Result<Decision>, bool> {
    auto decided = impl_->with_driver([&](driver::Driver& driver) {
      return driver.ask([&](driver::Driver& d) { return d.decision(subject); });
    });
    if (!decided) return {tl::unexpected(decided.error()), true};
    if (!*decided) {
      return {fail(Errc::timed_out, "too few voters could be heard; the proposal stands"), false};
    }
    Decision out{(*decided)->certificate, std::string(as_text((*decided)->value)), false};
    out.own = out.certificate.value.head == crypto::blake2b(bytes);
    return {std::move(out), true};
  });
}

}  // namespace vouch
