// SPDX-License-Identifier: MIT
#include "vouch/transport/zmq_client.hpp"

#include <filesystem>
#include <zmq.hpp>

#include "vouch/transport/zmq_options.hpp"

namespace vouch::transport {
namespace {

constexpr int reconnect_ms = 100;

}  // namespace

struct Client::Impl {
  zmq::context_t context;
  zmq::socket_t socket{context, zmq::socket_type::dealer};
  std::string endpoint;
  bool local = false;

  tl::unexpected<Error> silence() const {
    return fail(Errc::timed_out,
                local ? "no answer at " + endpoint + "; is the peer running?"
                      : "no answer at " + endpoint +
                            "; is the peer running, is its key right, and does it list this key?");
  }
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::connect(const crypto::SigningKey& key,
                                                const std::string& endpoint, const PeerId& server) {
  const auto server_key = crypto::curve_public_of(server);
  if (!server_key) return fail(Errc::invalid_config, server.hex() + " is no key of a peer");
  auto impl = std::make_unique<Impl>();
  impl->endpoint = endpoint;
  try {
    set_limits(impl->socket, reconnect_ms);
    impl->socket.set(zmq::sockopt::immediate, true);
    set_curve_client(impl->socket, key.curve_public(), key.curve_secret(), *server_key);
    impl->socket.connect(endpoint);
  } catch (const zmq::error_t& error) {
    return fail(Errc::io, "connecting to " + endpoint + ": " + error.what());
  }
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Result<std::unique_ptr<Client>> Client::connect_local(const std::string& endpoint) {
  constexpr std::string_view scheme = "ipc://";
  if (!endpoint.starts_with(scheme) || !std::filesystem::exists(endpoint.substr(scheme.size()))) {
    return fail(Errc::io, "no socket at " + endpoint + "; is the peer running?");
  }
  auto impl = std::make_unique<Impl>();
  impl->endpoint = endpoint;
  impl->local = true;
  try {
    set_limits(impl->socket, reconnect_ms);
    impl->socket.set(zmq::sockopt::immediate, true);
    impl->socket.connect(endpoint);
  } catch (const zmq::error_t& error) {
    return fail(Errc::io, "connecting to " + endpoint + ": " + error.what());
  }
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Result<void> Client::send(ByteView frame, std::chrono::milliseconds timeout) {
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
