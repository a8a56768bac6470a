// SPDX-License-Identifier: MIT
#include "tools/input_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace vouch::tools {
namespace {

constexpr std::size_t piece_bytes = 256U << 10;

/// A file that is being read; standard input is left open.
class Input {
 public:
  explicit Input(const std::string& file)
      : fd_(file == standard_input ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Input() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// Some bytes, as soon as there are any; 0 at the end, -1 with errno when it cannot be read.
  ssize_t read(char* buffer, std::size_t size) const {
    for (;;) {
      const ssize_t got = fd_ < 0 ? -1 : ::read(fd_, buffer, size);
      if (got >= 0 || fd_ < 0 || errno != EINTR) return got;
    }
  }

 private:
  int fd_;
};

}  // namespace

Result<void> read_bytes(const std::string& file,
                        const std::function<Result<void>(std::string_view)>& take) {
  const Input input(file);
  std::string buffer(piece_bytes, '\0');
  for (;;) {
    const ssize_t got = input.read(buffer.data(), buffer.size());
    if (got < 0) {
      return fail(Errc::io, fmt::format("cannot read {}: {}", file, std::strerror(errno)));
    }
    if (got == 0) return {};
    const auto taken = take({buffer.data(), static_cast<std::size_t>(got)});
    if (!taken) return taken;
  }
}

Result<std::string> read_whole(const std::string& file) {
  std::string text;
  const auto read = read_bytes(file, [&](std::string_view bytes) -> Result<void> {
    text += bytes;
    if (text.size() <= document_bytes_max) return {};
    return fail(Errc::io, fmt::format("cannot read {}: more than 64 MiB", file));
  });
  if (!read) return tl::unexpected(read.error());
  return text;
}

}  // namespace vouch::tools
