// SPDX-License-Identifier: MIT
#include "tests/tools/process.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "tests/paths.hpp"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace vouch::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read = -1;
  int write = -1;
};

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

Pipe make_pipe() {
  int ends[2];
  must(::pipe2(ends, O_CLOEXEC) == 0, "pipe");
  return {ends[0], ends[1]};
}

/// Both ends of a terminal: what the program writes is read from `read`.
Pipe make_terminal() {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  must(master >= 0 && ::grantpt(master) == 0 && ::unlockpt(master) == 0, "posix_openpt");
  const int slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  must(slave >= 0, "open terminal");
  return {master, slave};
}

Pipe make_output(const ProcessOptions& options) {
  if (options.terminal) return make_terminal();
  if (options.output.empty()) return make_pipe();
  const int file = ::open(options.output.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  must(file >= 0, "open output");
  return {-1, file};
}

void close(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

std::string path_of(const std::string& program) {
  return program.front() == '/' ? program : paths::programs + program;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

Process::Process(const std::string& program, const std::vector<std::string>& arguments,
                 const ProcessOptions& options) {
  Pipe in = make_pipe(), out = make_output(options), err = make_pipe();
  std::string path = path_of(program);
  std::vector<std::string> words{path}, variables = options.environment;
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (char** one = environ; *one != nullptr; ++one) variables.emplace_back(*one);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
  if (!options.folder.empty()) {
    ::posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
  }
  // The test ignores SIGPIPE, for programs that end without reading; the program does not.
  ::signal(SIGPIPE, SIG_IGN);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error = ::posix_spawn(&process_, path.c_str(), &actions, &attributes,
                                  pointers(words).data(), pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  close(in.read);
  close(out.write);
  close(err.write);
  in_ = in.write;
  out_ = out.read;
  err_ = err.read;
  must(error == 0, "posix_spawn");
  ::fcntl(in_, F_SETFL, O_NONBLOCK);
}

Process::~Process() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  close(in_);
  close(out_);
  close(err_);
}

void Process::write(std::string_view text) {
  pending_ += text;
}

void Process::close_input() {
  input_ends_ = true;
}

void Process::drain(int& fd, std::string& into) {
  char buffer[16 << 10];
  const ssize_t got = ::read(fd, buffer, sizeof buffer);
  if (got > 0) {
    into.append(buffer, static_cast<std::size_t>(got));
  } else {
    close(fd);  // a terminal ends with an error
  }
}

bool Process::pump(Clock::time_point until) {
  if (pending_.empty() && input_ends_) close(in_);
  const auto rest = std::chrono::duration_cast<Milliseconds>(until - Clock::now());
  if (rest.count() <= 0) return false;
  pollfd fds[] = {{pending_.empty() ? -1 : in_, POLLOUT, 0}, {out_, POLLIN, 0}, {err_, POLLIN, 0}};
  if (::poll(fds, 3, static_cast<int>(rest.count())) <= 0) return false;
  if (fds[0].revents != 0) {
    const ssize_t written = ::write(in_, pending_.data(), pending_.size());
    if (written < 0) {
      pending_.clear();
      input_ends_ = true;
    } else {
      pending_.erase(0, static_cast<std::size_t>(written));
    }
  }
  if (fds[1].revents != 0) drain(out_, ran_.out);
  if (fds[2].revents != 0) drain(err_, ran_.err);
  return true;
}

bool Process::shows(std::string_view text, Milliseconds time) {
  const auto until = Clock::now() + time;
  const auto shown = [&] {
    return ran_.out.find(text) != std::string::npos || ran_.err.find(text) != std::string::npos;
  };
  while (!shown()) {
    if ((out_ < 0 && err_ < 0) || !pump(until)) return false;
  }
  return true;
}

Ran Process::wait(Milliseconds time) {
  const auto until = Clock::now() + time;
  close_input();
  bool in_time = true;
  while (in_time && (out_ >= 0 || err_ >= 0)) in_time = pump(until);
  if (!in_time) ::kill(process_, SIGKILL);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  if (WIFEXITED(status)) ran_.code = WEXITSTATUS(status);
  return ran_;
}

Ran run(const std::string& program, const std::vector<std::string>& arguments,
        std::string_view input, const ProcessOptions& options) {
  Process process(program, arguments, options);
  process.write(input);
  return process.wait();
}

std::string write_file(const std::filesystem::path& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  must(out.good(), "write file");
  return file.string();
}

}  // namespace vouch::tools
