// run: a peer as a process. One ready line on standard output, a clean stop on SIGTERM.
// SPDX-License-Identifier: MIT
#include <cstdio>

#include "tools/commands.hpp"
#include "tools/plain_text.hpp"
#include <fmt/format.h>
#include <signal.h>

#include "vouch/distributed_validator.hpp"

namespace vouch::tools {
namespace {

std::string with_key(const std::string& endpoint, const PeerId& id) {
  constexpr std::string_view tcp = "tcp://";
  return fmt::format("{}{}@{}", tcp, id.hex(), endpoint.substr(tcp.size()));
}

void say_proven(const Notice& notice) {
  const auto* proven = std::get_if<Proven>(&notice);
  if (proven == nullptr) return;
  fmt::print(stderr,
             "vouch-peer: {} is proven to misbehave ({}: {}). Nothing that it wrote counts any "
             "more. If this is the key of this peer, vouch-dump says what to do.\n",
             proven->offender.hex(), proven->kind, valid_text(proven->what));
}

}  // namespace

int run_peer(const RunOptions& options) {
  const auto config = load_toml(options.config);
  if (!config) {
    for (const ConfigFault& fault : config.error())
      fmt::print(stderr, "vouch-peer: {}\n", fault.text());
    return exit_failed;
  }
  if (options.check) {
    fmt::print("{}: no faults\n", options.config.string());
    return exit_ok;
  }
  // Blocked before any thread exists, so that every thread inherits it and only sigwait sees them.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  signal(SIGPIPE, SIG_IGN);

  auto peer = DistributedValidator::open(*config);
  if (!peer) return failed(peer.error().detail);
  (*peer)->subscribe(say_proven);
  if (auto started = (*peer)->start(); !started) return failed(started.error().detail);
  const auto status = (*peer)->status();
  if (!status) return failed(status.error().detail);
  fmt::print("ready id={} direct={} gossip={} local={} voters={}\n", status->id.hex(),
             with_key(status->direct, status->id), status->gossip, status->local, status->voters);
  std::fflush(stdout);
  int signal_number = 0;
  sigwait(&stops, &signal_number);
  (*peer)->stop();
  fmt::print(stderr, "vouch-peer: stopped on signal {}\n", signal_number);
  return exit_ok;
}

}  // namespace vouch::tools
