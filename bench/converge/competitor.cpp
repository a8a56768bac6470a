// SPDX-License-Identifier: MIT
#include "bench/converge/competitor.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vouch::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Connection {
  int fd = -1;
  explicit Connection(const fs::path& socket) {
    fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(fd, generic, sizeof address) != 0) close();
  }
  Connection(Connection&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
  ~Connection() { close(); }
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  void send(const std::string& text) const {
    [[maybe_unused]] const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  }
  /// Blocks until something comes in.
  bool receive() const {
    char buffer[1024];
    return ::recv(fd, buffer, sizeof buffer, 0) > 0;
  }
};

struct Server {
  fs::path folder;
  pid_t process = -1;

  Server() {
    std::string name = (fs::temp_directory_path() / "vouch-redis-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) folder = name;
    process = ::fork();
    if (process != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket().c_str(),
             "--save", "", "--loglevel", "warning", "--dir", folder.c_str(), nullptr);
    ::_exit(127);
  }
  ~Server() {
    if (process > 0) {
      ::kill(process, SIGTERM);
      ::waitpid(process, nullptr, 0);
    }
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  fs::path socket() const { return folder / "redis.sock"; }
  bool wait_ready() const {
    const auto until = Clock::now() + std::chrono::seconds(5);
    while (Clock::now() < until) {
      if (Connection(socket()).fd >= 0) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
};

}  // namespace

Result<std::vector<double>> redis_publish_ms(std::size_t subscribers, std::size_t samples) {
  if (std::system("command -v redis-server >/dev/null") != 0) {
    return fail(Errc::unknown, "redis-server is not installed; apt-get install redis-server");
  }
  const Server server;
  if (!server.wait_ready()) return fail(Errc::timed_out, "redis-server did not start");
  std::vector<Connection> listeners;
  for (std::size_t i = 0; i < subscribers; ++i) {
    listeners.emplace_back(server.socket());
    listeners.back().send("SUBSCRIBE deltas\r\n");
    if (!listeners.back().receive()) return fail(Errc::io, "redis-server hung up");
  }
  const Connection publisher(server.socket());
  const std::string payload(200, 'x');
  std::vector<double> out;
  for (std::size_t i = 0; i < samples; ++i) {
    const auto from = Clock::now();
    publisher.send("PUBLISH deltas " + payload + "\r\n");
    for (const Connection& listener : listeners) {
      if (!listener.receive()) return fail(Errc::io, "redis-server hung up");
    }
    out.push_back(std::chrono::duration<double, std::milli>(Clock::now() - from).count());
    if (!publisher.receive()) return fail(Errc::io, "redis-server hung up");
  }
  return out;
}

}  // namespace vouch::bench
