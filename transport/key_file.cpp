// SPDX-License-Identifier: MIT
#include "vouch/transport/key_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vouch::transport {
namespace {

constexpr std::size_t file_bytes_max = 4096;

/// Closes on every path.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

tl::unexpected<Error> io_error(const char* what, const std::filesystem::path& file) {
  return fail(Errc::io, std::string(what) + " " + file.string() + ": " + std::strerror(errno));
}

/// The first line that is no comment.
std::string_view first_line(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!line.empty() && line.front() != '#') return line;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

Result<crypto::Seed> load_seed(const std::filesystem::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return io_error("cannot read the key file", path);
  struct stat facts {};
  if (::fstat(file.fd, &facts) != 0) return io_error("cannot read the key file", path);
  if ((facts.st_mode & 077) != 0) {
    return fail(Errc::not_allowed,
                "others may read the key file " + path.string() + "; run: chmod 600 " + path.string());
  }
  if (facts.st_uid != ::geteuid()) {
    return fail(Errc::not_allowed, "the key file " + path.string() + " belongs to another user");
  }
  std::string text(file_bytes_max, '\0');
  const ssize_t size = ::read(file.fd, text.data(), text.size());
  if (size < 0) return io_error("cannot read the key file", path);
  const auto bytes = from_hex(first_line(std::string_view(text).substr(0, static_cast<std::size_t>(size))));
  sodium_memzero(text.data(), text.size());
  crypto::Seed seed;
  if (!bytes || bytes->size() != seed.bytes.size()) {
    return fail(Errc::malformed, "the key file " + path.string() +
                                     " does not hold 64 hexadecimal digits; make one with vouch-peer keygen");
  }
  std::copy(bytes->begin(), bytes->end(), seed.bytes.begin());
  return seed;
}

Result<void> save_seed(const std::filesystem::path& path, const crypto::Seed& seed) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (file.fd < 0) return io_error("cannot make the key file", path);
  std::string text = "# secret key of the vouch peer " + crypto::SigningKey(seed).id().hex() + "\n" +
                     to_hex(seed.bytes) + "\n";
  const bool written = ::write(file.fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(file.fd) == 0;
  sodium_memzero(text.data(), text.size());
  if (!written) return io_error("cannot write the key file", path);
  return {};
}

}  // namespace vouch::transport
