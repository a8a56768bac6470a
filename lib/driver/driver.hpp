// The only room of the library that touches sockets, disk and clock. One thread owns all of them:
// it waits, and hands what came in to the carrier. Other threads meet it in a mutex queue and a
// wake-up descriptor.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "vouch/config.hpp"
#include "vouch/driver/lanes.hpp"
#include "vouch/driver/released_rows.hpp"
#include "vouch/driver/status.hpp"
#include "vouch/machine/carrier.hpp"
#include "vouch/machine/causal_token.hpp"
#include "vouch/machine/standing.hpp"
#include "vouch/membership/roster_change.hpp"
#include "vouch/observe/stalls.hpp"
#include "vouch/state/shared_values.hpp"
#include "vouch/store/store.hpp"
#include "vouch/transport/zmq_link.hpp"

namespace vouch::driver {

/// Called on the driver's thread, one at a time; must return soon.
using machine::NoticeSink;

class Driver {
 public:
  /// Opens store and sockets, folds stored streams again. Nothing runs yet.
  static Result<std::unique_ptr<Driver>> open(const Config& config, NoticeSink sink);
  ~Driver();

  void start();
  /// Writes the goodbye, flushes and joins the thread. Bounded: no wait on any peer.
  void stop();

  Lanes& lanes() { return *lanes_; }
  const PeerId& id() const { return signer_->id(); }
  std::string direct_endpoint() const { return link_->direct_endpoint(); }
  std::string gossip_endpoint() const { return link_->gossip_endpoint(); }
  std::string local_endpoint() const { return link_->local_endpoint(); }
  const membership::Roster& roster() const { return machine_->roster(); }

  /// Runs `task` on the driver's thread and gives its result. Errc::not_running when it has
  /// stopped. The task must not call back into this.
  template <class Task>
  auto ask(Task task) -> Result<decltype(task(std::declval<Driver&>()))>;
  /// The same without waiting for it.
  Result<void> tell(std::function<void()> task);

  const machine::PeerMachine& machine() const { return *machine_; }
  const transport::LinkStats& link_stats() const { return link_->stats(); }
  bool running() const { return running_.load(); }
  /// On the driver's thread only: the parts of the state that are wanted, as the dumper shows
  /// them; a short picture; agreement on a prefix.
  std::string dump(const Dump& wanted);
  Status status();
  machine::Standing standing(const std::string& name, std::uint64_t upto);
  /// Asks the voters for a certificate of the first `size` entries.
  void request(const std::string& name, std::uint64_t size);
  /// Which key a submitter's name of a stream means: as the lanes have it, else as the state has.
  /// What has a name here is asked for by it.
  std::string key_of(const std::string& name) const;
  /// The last certificate of a stream.
  std::optional<Certificate> certificate(const std::string& name);
  Result<void> propose(const std::string& subject, ByteView value);
  /// See PeerMachine::propose_roster. What is told after it waits until it is stored.
  Result<void> propose_roster(const membership::Roster& next);
  /// The roster after the newest one with this change; see membership::changed. Also malformed: a
  /// rule set that is not known here.
  Result<membership::Roster> changed_roster(const RosterChange& change) const;
  /// Where the voters stand, as observe/rosters.hpp shows it.
  std::string rosters() const;
  RosterStanding roster_standing(const membership::Roster& wanted);
  Result<PutMark> put(std::string_view key, std::optional<std::string> value);
  std::vector<SharedValue> shared_values(std::string_view key) const;
  /// With its value. Nothing while it is open, and while that is not known here: then others are
  /// asked, and a notice tells that it came.
  std::optional<consensus::Agreement::Verdict> decision(const std::string& subject);
  /// What this peer lacks of a token.
  std::optional<CausalToken::Source> missing(const CausalToken& token);

 private:
  Driver(const Config& config, NoticeSink sink);
  Result<void> open_parts();
  machine::MachineConfig machine_config(const validator::Policy& policy) const;

  void run();
  void wait(Instant now);
  void run_tasks();
  /// Looks for what has been silent for too long, once a second.
  void mind_silence(Instant at);
  void checkpoint();
  void follow_checkpoints();
  /// What is kept of a stream that was released; nothing of any other.
  std::optional<sync::ReleasedRow> released(const std::string& stream) const;

  Config config_;
  NoticeSink sink_;
  std::unique_ptr<Signer> signer_;
  membership::Roster roster_;  ///< the first one
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<transport::ZmqLink> link_;
  std::unique_ptr<ReleasedRows> released_;
  std::unique_ptr<Lanes> lanes_;
  std::unique_ptr<machine::PeerMachine> machine_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<machine::Carrier> carrier_;
  std::vector<transport::Incoming> incoming_;
  observe::Stalls stalls_;
  Instant next_look_{};
  Instant checkpoint_at_{};
  std::uint64_t checkpoints_ = 0;  ///< that were followed

  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};
  std::mutex tasks_mutex_;
  std::vector<std::function<void()>> tasks_;
};

template <class Task>
auto Driver::ask(Task task) -> Result<decltype(task(std::declval<Driver&>()))> {
  using Answer = decltype(task(std::declval<Driver&>()));
  auto promise = std::make_shared<std::promise<Answer>>();
  auto answer = promise->get_future();
  const auto told = tell([this, promise, task = std::move(task)]() mutable {
    auto found = std::make_shared<Answer>(task(*this));
    carrier_->when_stored([promise, found] { promise->set_value(std::move(*found)); });
  });
  if (!told) return tl::unexpected(told.error());
  return answer.get();
}

}  // namespace vouch::driver
