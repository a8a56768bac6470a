// SPDX-License-Identifier: MIT
#include "vouch/transport/zmq_local.hpp"

#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>

namespace vouch::transport {

Result<void> prepare_local_folder(const std::string& endpoint) {
  namespace fs = std::filesystem;
  constexpr std::string_view scheme = "ipc://";
  if (!endpoint.starts_with(scheme)) {
    return fail(Errc::invalid_config, endpoint + " is no ipc:///path");
  }
  const fs::path path = endpoint.substr(scheme.size());
  if (path.native().size() >= sizeof(sockaddr_un::sun_path)) {
    return fail(Errc::invalid_config,
                "the path " + path.string() + " is too long for a Unix socket; use a shorter folder");
  }
  const fs::path folder = path.parent_path();
  std::error_code error;
  if (!fs::exists(folder)) {
    fs::create_directories(folder, error);
    if (!error) fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return fail(Errc::io, "cannot make " + folder.string() + ": " + error.message());
  }
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0) return fail(Errc::io, "cannot look at " + folder.string());
  if ((facts.st_mode & 077) != 0) {
    return fail(Errc::not_allowed, "others may enter " + folder.string() +
                                       ", which protects the local socket; run: chmod 700 " +
                                       folder.string());
  }
  return {};
}

}  // namespace vouch::transport
