// SPDX-License-Identifier: MIT
#include "tools/demo_cluster.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vouch/transport/crypto.hpp"
#include "vouch/transport/key_file.hpp"

namespace vouch::tools {
namespace {

namespace fs = std::filesystem;

/// Ports of loopback that are free now: all are bound at once, so that they differ.
std::vector<int> free_ports(std::size_t count) {
  std::vector<int> sockets, ports;
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (fd >= 0 && ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0) {
      ports.push_back(ntohs(address.sin_port));
    }
    if (fd >= 0) sockets.push_back(fd);
  }
  for (const int fd : sockets) ::close(fd);
  return ports;
}

std::string loopback(int port) {
  return fmt::format("tcp://127.0.0.1:{}", port);
}

[[noreturn]] void become_peer(const fs::path& program, const DemoPeer& peer, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  const fs::path log = peer.folder / "log";
  const int errors = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (errors >= 0) ::dup2(errors, STDERR_FILENO);
  const std::string config = peer.folder / "vouch.toml";
  const char* argv[] = {"vouch-peer", "run", "--config", config.c_str(), nullptr};
  ::execv(program.c_str(), const_cast<char* const*>(argv));
  ::_exit(127);
}

bool gone(pid_t process, bool wait) {
  int status = 0;
  return ::waitpid(process, &status, wait ? 0 : WNOHANG) == process;
}

}  // namespace

Result<DemoCluster> DemoCluster::make(std::size_t size, const fs::path& program) {
  DemoCluster cluster;
  cluster.program_ = program;
  std::string pattern = fs::temp_directory_path() / "vouch-demo-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    return fail(Errc::io,
                fmt::format("cannot make a folder {}: {}", pattern, std::strerror(errno)));
  }
  cluster.folder_ = pattern;
  for (std::size_t i = 0; i < size; ++i) {
    DemoPeer peer;
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
  if (auto written = cluster.write_configs(); !written) return tl::unexpected(written.error());
  return cluster;
}

Result<void> DemoCluster::write_configs() {
  const std::vector<int> ports = free_ports(peers_.size() * 2);
  if (ports.size() != peers_.size() * 2) return fail(Errc::io, "no free ports on loopback");
  std::vector<RosterEntry> roster;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    RosterEntry entry;
    entry.name = peers_[i].name;
    entry.id = peers_[i].id;
    entry.endpoint = loopback(ports[2 * i]);
    entry.gossip = loopback(ports[2 * i + 1]);
    roster.push_back(std::move(entry));
  }
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    Config config;
    config.cluster = "demo";
    config.name = peers_[i].name;
    config.data = "data";
    config.key_file = "peer.key";
    config.local_socket = "run/vouch.sock";
    config.listen = roster[i].endpoint;
    config.gossip_listen = roster[i].gossip;
    config.roster = roster;
    std::ofstream file(peers_[i].folder / "vouch.toml");
    file << commented_config(config);
    if (!file.flush()) return fail(Errc::io, "cannot write a config into " + folder_.string());
  }
  return {};
}

DemoCluster::DemoCluster(DemoCluster&& other) noexcept
    : program_(std::move(other.program_)),
      folder_(std::exchange(other.folder_, {})),
      peers_(std::exchange(other.peers_, {})),
      keep_(other.keep_) {}

DemoCluster::~DemoCluster() {
  for (DemoPeer& peer : peers_) kill(peer);
  std::error_code ignored;
  if (!folder_.empty() && !keep_) fs::remove_all(folder_, ignored);
}

Result<void> DemoCluster::start(DemoPeer& peer) {
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

Result<void> DemoCluster::wait_ready(DemoPeer& peer, std::chrono::milliseconds timeout) {
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
      return fail(Errc::timed_out, fmt::format("peer {} did not become ready; see {}", peer.name,
                                               (peer.folder / "log").string()));
    }
    text.append(buffer, static_cast<std::size_t>(size));
  }
  if (!text.starts_with("ready ")) return fail(Errc::io, "unexpected ready line: " + text);
  return {};
}

void DemoCluster::kill(DemoPeer& peer) {
  if (peer.process > 0) {
    ::kill(peer.process, SIGKILL);
    gone(peer.process, true);
  }
  if (peer.output >= 0) ::close(peer.output);
  peer.process = -1;
  peer.output = -1;
}

bool DemoCluster::stop_all(std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  for (const DemoPeer& peer : peers_) {
    if (peer.process > 0) ::kill(peer.process, SIGTERM);
  }
  bool clean = true;
  for (DemoPeer& peer : peers_) {
    // The pipe closes when the process ends: waiting on it needs no polling of the process table.
    while (peer.process > 0 && !gone(peer.process, false)) {
      const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
          until - std::chrono::steady_clock::now());
      pollfd ended{peer.output, POLLIN, 0};
      if (rest.count() <= 0 || ::poll(&ended, 1, static_cast<int>(rest.count())) <= 0) {
        clean = false;
        break;
      }
      if (gone(peer.process, true)) break;
    }
    if (clean) peer.process = -1;
    kill(peer);
  }
  return clean;
}

}  // namespace vouch::tools
