// Reads and writes key files with plain descriptors: the facts checked are those of the open file,
// not of a name that may mean another file a moment later. Text that held the secret is wiped.
// SPDX-License-Identifier: MIT
#include "vouch/transport/key_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

/// Text on its way from or to the file. Never grows, so that no copy of the secret stays behind.
struct SecretText {
  std::array<char, file_bytes_max> bytes{};
  std::size_t size = 0;

  ~SecretText() { crypto::wipe({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}); }
  void append(std::string_view text) {
    std::copy(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    size += text.size();
  }
  std::string_view view() const { return {bytes.data(), size}; }
};

tl::unexpected<Error> io_error(const char* what, const std::filesystem::path& file) {
  return fail(Errc::io, std::string(what) + " " + file.string() + ": " + std::strerror(errno));
}

Result<void> check_owner(int fd, const std::filesystem::path& path) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) return io_error("cannot read the key file", path);
  if (!S_ISREG(facts.st_mode)) return fail(Errc::io, path.string() + " is no file");
  if ((facts.st_mode & 077) != 0) {
    return fail(Errc::not_allowed, "others may use the key file " + path.string() +
                                       "; if nobody did, run: chmod 600 " + path.string());
  }
  if (facts.st_uid != ::geteuid()) {
    return fail(Errc::not_allowed, "the key file " + path.string() + " belongs to another user");
  }
  return {};
}

Result<void> read_all(int fd, const std::filesystem::path& path, SecretText& text) {
  while (text.size < text.bytes.size()) {
    const ssize_t got = ::read(fd, text.bytes.data() + text.size, text.bytes.size() - text.size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("cannot read the key file", path);
    if (got == 0) return {};
    text.size += static_cast<std::size_t>(got);
  }
  return fail(Errc::malformed, path.string() + " is too long for a key file");
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return ::fsync(fd) == 0;
}

std::string_view seed_line(std::string_view text) {
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
  // Non-blocking: a pipe of that name must be refused, not waited for.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return io_error("cannot read the key file", path);
  if (auto checked = check_owner(file.fd, path); !checked) return tl::unexpected(checked.error());
  SecretText text;
  if (auto read = read_all(file.fd, path, text); !read) return tl::unexpected(read.error());
  auto bytes = from_hex(seed_line(text.view()));
  crypto::Seed seed;
  const bool whole = bytes && bytes->size() == seed.bytes.size();
  if (whole) std::copy(bytes->begin(), bytes->end(), seed.bytes.begin());
  if (bytes) crypto::wipe(*bytes);
  if (!whole) {
    return fail(Errc::malformed, "the key file " + path.string() +
                                     " does not hold 64 hexadecimal digits; make one with "
                                     "vouch-peer keygen");
  }
  return seed;
}

Result<void> save_seed(const std::filesystem::path& path, const crypto::Seed& seed) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (file.fd < 0) return io_error("cannot make the key file", path);
  std::string digits = to_hex(seed.bytes);
  SecretText text;
  text.append("# secret key of the vouch peer ");
  text.append(crypto::SigningKey(seed).id().hex());
  text.append("\n");
  text.append(digits);
  text.append("\n");
  crypto::wipe({reinterpret_cast<std::uint8_t*>(digits.data()), digits.size()});
  if (!write_all(file.fd, text.view())) {
    const auto error = io_error("cannot write the key file", path);
    ::unlink(path.c_str());
    return error;
  }
  return {};
}

}  // namespace vouch::transport
