// Makes the folder in one step with its final mode: there is no moment at which others could enter.
// SPDX-License-Identifier: MIT
#include "vouch/transport/zmq_local.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace vouch::transport {
namespace {

Result<void> check_folder(const std::string& folder) {
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0) {
    return fail(Errc::io, "cannot look at " + folder + ": " + std::strerror(errno));
  }
  if (!S_ISDIR(facts.st_mode)) return fail(Errc::io, folder + " is no folder");
  if (facts.st_uid != ::geteuid()) {
    return fail(Errc::not_allowed, folder + " belongs to another user");
  }
  if ((facts.st_mode & 077) != 0) {
    return fail(Errc::not_allowed, "others may enter " + folder +
                                       ", which protects the local socket; run: chmod 700 " +
                                       folder);
  }
  return {};
}

}  // namespace

Result<void> prepare_local_folder(const std::string& endpoint) {
  namespace fs = std::filesystem;
  constexpr std::string_view scheme = "ipc://";
  if (!endpoint.starts_with(scheme)) {
    return fail(Errc::invalid_config, endpoint + " is no ipc:///path");
  }
  const fs::path path = endpoint.substr(scheme.size());
  if (path.native().size() >= sizeof(sockaddr_un::sun_path)) {
    return fail(Errc::invalid_config, "the path " + path.string() +
                                          " is too long for a Unix socket; use a shorter folder");
  }
  const fs::path folder = path.parent_path();
  if (folder.empty()) return fail(Errc::invalid_config, endpoint + " names no folder");
  std::error_code error;
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  if (error || (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)) {
    return fail(Errc::io, "cannot make " + folder.string() + ": " +
                              (error ? error.message() : std::strerror(errno)));
  }
  return check_folder(folder.string());
}

}  // namespace vouch::transport
