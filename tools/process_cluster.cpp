// SPDX-License-Identifier: MIT
#include "tools/process_cluster.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vouch/transport/crypto.hpp"
#include "vouch/transport/key_file.hpp"

namespace vouch::tools {
namespace {

namespace fs = std::filesystem;

/// What a peer that has ended wrote last, for an error message; its folder will be gone.
std::string last_line(const fs::path& log) {
  std::ifstream file(log);
  std::string line, last = "nothing";
  while (std::getline(file, line)) last = line;
  return last;
}

[[noreturn]] void become_peer(const fs::path& program, const ProcessPeer& peer, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  const fs::path log = peer.folder / "log";
  const int errors = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (errors >= 0) ::dup2(errors, STDERR_FILENO);
  const std::string config = peer.config();
  const char* argv[] = {"vouch-peer", "run", "--config", config.c_str(), nullptr};
  ::execv(program.c_str(), const_cast<char* const*>(argv));
  ::_exit(127);
}

/// The exit status of a process that has ended; -1 while it runs (never when `wait`).
int exit_status(pid_t process, bool wait) {
  int status = 0;
  return ::waitpid(process, &status, wait ? 0 : WNOHANG) == process ? status : -1;
}

/// Until the process has ended or the time is over; -1 when it has not. Its pipe closes with it, so
/// waiting needs no polling of the process table.
int wait_exit(const ProcessPeer& peer, std::chrono::steady_clock::time_point until) {
  for (;;) {
    if (const int status = exit_status(peer.process, false); status >= 0) return status;
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd ended{peer.output, POLLIN, 0};
    if (rest.count() <= 0 || ::poll(&ended, 1, static_cast<int>(rest.count())) <= 0) return -1;
    char rest_of_output[512];
    if (::read(peer.output, rest_of_output, sizeof rest_of_output) > 0) continue;
    return exit_status(peer.process, true);
  }
}

}  // namespace

Result<ProcessCluster> ProcessCluster::make(const ProcessClusterOptions& options) {
  ProcessCluster cluster;
  cluster.program_ = options.program;
  std::string pattern = fs::temp_directory_path() / "vouch-peers-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    return fail(Errc::io,
                fmt::format("cannot make a folder {}: {}", pattern, std::strerror(errno)));
  }
  cluster.folder_ = pattern;
  for (std::size_t i = 0; i < options.peers; ++i) {
    ProcessPeer peer;
    peer.name = std::string(1, static_cast<char>('a' + i));
    peer.folder = cluster.folder_ / peer.name;
    peer.socket = peer.folder / "run" / "vouch.sock";
    std::error_code error;
    fs::create_directory(peer.folder, error);
    const crypto::Seed seed = crypto::random_seed();
    if (auto saved = transport::save_seed(peer.folder / "peer.key", seed); !saved) {
      return tl::unexpected(saved.error());
    }
    peer.id = crypto::SigningKey(seed).id();
    cluster.peers_.push_back(std::move(peer));
  }
  if (auto written = cluster.write_configs(options); !written) {
    return tl::unexpected(written.error());
  }
  return cluster;
}

Result<void> ProcessCluster::write_configs(const ProcessClusterOptions& options) {
  std::vector<RosterEntry> roster;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    RosterEntry entry;
    entry.name = peers_[i].name;
    entry.id = peers_[i].id;
    for (std::string* endpoint : {&entry.endpoint, &entry.gossip}) {
      auto port = LoopbackSocket::reserve();
      if (!port) return fail(Errc::io, "no free ports on loopback");
      *endpoint = ports_.emplace_back(std::move(*port)).endpoint();
    }
    peers_[i].direct = entry.endpoint;
    roster.push_back(std::move(entry));
  }
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    Config config;
    config.cluster = "local";
    config.name = peers_[i].name;
    config.data = "data";
    config.key_file = "peer.key";
    config.local_socket = "run/vouch.sock";
    config.listen = roster[i].endpoint;
    config.gossip_listen = roster[i].gossip;
    config.roster = roster;
    if (options.tweak) options.tweak(i, config);
    std::ofstream file(peers_[i].config());
    file << commented_config(config);
    if (!file.flush()) return fail(Errc::io, "cannot write a config into " + folder_.string());
  }
  return {};
}

ProcessCluster::ProcessCluster(ProcessCluster&& other) noexcept
    : program_(std::move(other.program_)),
      folder_(std::exchange(other.folder_, {})),
      ports_(std::move(other.ports_)),
      peers_(std::exchange(other.peers_, {})),
      keep_(other.keep_) {}

ProcessCluster::~ProcessCluster() {
  for (ProcessPeer& peer : peers_) kill(peer);
  std::error_code ignored;
  if (!folder_.empty() && !keep_) fs::remove_all(folder_, ignored);
}

Result<void> ProcessCluster::start(ProcessPeer& peer) {
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return fail(Errc::io, "no pipe");
  const pid_t process = ::fork();
  if (process == 0) become_peer(program_, peer, pipe_ends[1]);
  ::close(pipe_ends[1]);
  if (process < 0) {
    ::close(pipe_ends[0]);
    return fail(Errc::io, "no new process");
  }
  peer.process = process;
  peer.output = pipe_ends[0];
  return {};
}

Result<void> ProcessCluster::wait_ready(ProcessPeer& peer, std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  std::string text;
  while (text.find('\n') == std::string::npos) {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd ready{peer.output, POLLIN, 0};
    char buffer[512];
    const bool readable = rest.count() > 0 && ::poll(&ready, 1, static_cast<int>(rest.count())) > 0;
    const ssize_t size = readable ? ::read(peer.output, buffer, sizeof buffer) : 0;
    if (size <= 0) {
      const fs::path log = peer.folder / "log";
      return fail(Errc::timed_out,
                  fmt::format("peer {} {}; it wrote: {}; see {}", peer.name,
                              readable ? "ended at its start" : "did not become ready in time",
                              last_line(log), log.string()));
    }
    text.append(buffer, static_cast<std::size_t>(size));
  }
  if (!text.starts_with("ready ")) return fail(Errc::io, "unexpected ready line: " + text);
  return {};
}

Result<void> ProcessCluster::start_all(std::chrono::milliseconds timeout) {
  for (ProcessPeer& peer : peers_) {
    if (auto started = start(peer); !started) return started;
  }
  for (ProcessPeer& peer : peers_) {
    if (auto ready = wait_ready(peer, timeout); !ready) return ready;
  }
  return {};
}

void ProcessCluster::kill(ProcessPeer& peer) {
  if (peer.process > 0) {
    ::kill(peer.process, SIGKILL);
    exit_status(peer.process, true);
  }
  if (peer.output >= 0) ::close(peer.output);
  peer.process = -1;
  peer.output = -1;
}

bool ProcessCluster::stop(ProcessPeer& peer, std::chrono::milliseconds timeout) {
  if (peer.process <= 0) return true;
  ::kill(peer.process, SIGTERM);
  const int status = wait_exit(peer, std::chrono::steady_clock::now() + timeout);
  if (status >= 0) peer.process = -1;
  kill(peer);
  return status == 0;
}

bool ProcessCluster::stop_all(std::chrono::milliseconds timeout) {
  for (const ProcessPeer& peer : peers_) {
    if (peer.process > 0) ::kill(peer.process, SIGTERM);
  }
  const auto until = std::chrono::steady_clock::now() + timeout;
  bool clean = true;
  for (ProcessPeer& peer : peers_) {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    clean &= stop(peer, std::max(rest, std::chrono::milliseconds(1)));
  }
  return clean;
}

}  // namespace vouch::tools
