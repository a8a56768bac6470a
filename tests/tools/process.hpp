// A program under test as a real process: arguments in, exit code and output out, each wait with a
// deadline. What still runs when the object goes is killed.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace vouch::tools {

struct ProcessOptions {
  std::filesystem::path folder = {};          ///< working folder; empty: that of the test
  bool terminal = false;                      ///< standard output is a terminal
  std::filesystem::path output = {};          ///< standard output is this file; out stays empty
  std::vector<std::string> environment = {};  ///< NAME=value, in addition
};

struct Ran {
  int code = -1;  ///< exit code; -1 when it was killed, by a signal or for being too slow
  std::string out;
  std::string err;
};

class Process {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// Starts bin/<program> of the build, or the program of an absolute path.
  Process(const std::string& program, const std::vector<std::string>& arguments,
          const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Hands `text` to its standard input.
  void write(std::string_view text);
  void close_input();
  /// True once its standard output or error holds `text`.
  bool shows(std::string_view text, Milliseconds time = Milliseconds(10'000));
  /// Closes its input and waits for its end.
  Ran wait(Milliseconds time = Milliseconds(20'000));

 private:
  /// Moves bytes until `until`, or nothing is left to move. False when time is up.
  bool pump(std::chrono::steady_clock::time_point until);
  void drain(int& fd, std::string& into);

  pid_t process_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string pending_;  ///< of the input, not yet taken
  bool input_ends_ = false;
  Ran ran_;
};

/// Runs to the end.
Ran run(const std::string& program, const std::vector<std::string>& arguments,
        std::string_view input = {}, const ProcessOptions& options = {});

/// Writes a file of a test; gives its name.
std::string write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace vouch::tools
