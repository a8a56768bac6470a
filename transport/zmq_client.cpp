// A single DEALER in a context of its own. It queues nothing for a peer that is not connected, so
// that send() itself tells whether anybody is there.
// SPDX-License-Identifier: MIT
#include "vouch/transport/zmq_client.hpp"

#include <filesystem>
#include <functional>

#include <zmq.hpp>

#include "vouch/schemas/limits.hpp"
#include "vouch/transport/zmq_options.hpp"

namespace vouch::transport {
namespace {

constexpr SocketLimits client_limits{128, 100};

}  // namespace

struct Client::Impl {
  zmq::context_t context;
  zmq::socket_t socket{context, zmq::socket_type::dealer};
  std::string endpoint;
  bool local = false;

  static Result<std::unique_ptr<Impl>> open(const std::string& endpoint,
                                            const std::function<void(zmq::socket_t&)>& secure);
  tl::unexpected<Error> silence() const {
    return fail(Errc::timed_out,
                "no answer at " + endpoint +
                    (local ? "; is the peer running?"
                           : "; is the peer running, is its key right, and does it list ours?"));
  }
};

Result<std::unique_ptr<Client::Impl>> Client::Impl::open(
    const std::string& endpoint, const std::function<void(zmq::socket_t&)>& secure) {
  try {
    auto impl = std::make_unique<Impl>();
    impl->endpoint = endpoint;
    set_limits(impl->socket, client_limits);
    impl->socket.set(zmq::sockopt::immediate, true);
    impl->socket.set(zmq::sockopt::ipv6, endpoint.find('[') != std::string::npos);
    secure(impl->socket);
    impl->socket.connect(endpoint);
    return impl;
  } catch (const zmq::error_t& error) {
    return fail(Errc::io, "connecting to " + endpoint + ": " + error.what());
  }
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::connect(const crypto::SigningKey& key,
                                                const std::string& endpoint, const PeerId& server) {
  const auto server_key = crypto::curve_public_of(server);
  if (!server_key) {
    return fail(Errc::invalid_config, server.hex() + " is no public key of a peer");
  }
  auto impl = Impl::open(endpoint, [&](zmq::socket_t& socket) {
    auto secret = key.curve_secret();
    set_curve_client(socket, key.curve_public(), secret, *server_key);
    crypto::wipe(secret);
  });
  if (!impl) return tl::unexpected(impl.error());
  return std::unique_ptr<Client>(new Client(std::move(*impl)));
}

Result<std::unique_ptr<Client>> Client::connect_local(const std::string& endpoint) {
  constexpr std::string_view scheme = "ipc://";
  std::error_code error;
  if (!endpoint.starts_with(scheme) ||
      !std::filesystem::exists(endpoint.substr(scheme.size()), error)) {
    return fail(Errc::io, "no socket at " + endpoint + "; is the peer running?");
  }
  auto impl = Impl::open(endpoint, [](zmq::socket_t&) {});
  if (!impl) return tl::unexpected(impl.error());
  (*impl)->local = true;
  return std::unique_ptr<Client>(new Client(std::move(*impl)));
}

Result<void> Client::send(ByteView frame, std::chrono::milliseconds timeout) {
  if (frame.size() > limits::frame_bytes_max) {
    return fail(Errc::too_large, "a frame has at most " + std::to_string(limits::frame_bytes_max) +
                                     " bytes; send the message in parts");
  }
  try {
    impl_->socket.set(zmq::sockopt::sndtimeo, static_cast<int>(timeout.count()));
    zmq::message_t message(frame.data(), frame.size());
    if (!impl_->socket.send(message, zmq::send_flags::none)) return impl_->silence();
  } catch (const zmq::error_t& error) {
    return fail(Errc::io, error.what());
  }
  return {};
}

Result<Bytes> Client::receive(std::chrono::milliseconds timeout) {
  try {
    impl_->socket.set(zmq::sockopt::rcvtimeo, static_cast<int>(timeout.count()));
    zmq::message_t message;
    if (!impl_->socket.recv(message, zmq::recv_flags::none)) return impl_->silence();
    const auto* from = static_cast<const std::uint8_t*>(message.data());
    return Bytes(from, from + message.size());
  } catch (const zmq::error_t& error) {
    return fail(Errc::io, error.what());
  }
}

}  // namespace vouch::transport
