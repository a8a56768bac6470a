// Reads a request frame by frame and answers each, also one that makes no sense: ZeroMQ waits for
// it.
// SPDX-License-Identifier: MIT
#include "vouch/transport/zap.hpp"

#include <array>
#include <cstring>
#include <vector>

#include <zmq_addon.hpp>

namespace vouch::transport {
namespace {

constexpr std::size_t serve_max = 256;

// Frames of a request.
constexpr std::size_t request_frames = 7;
constexpr std::size_t request_id = 1;
constexpr std::size_t mechanism = 5;
constexpr std::size_t credentials = 6;

// "Temporary error" hangs up without a word. The honest answer 400 would make ZeroMQ on the other
// side give up for good, and a peer that is listed a minute later would never come in.
constexpr const char* status_refused = "300";
constexpr const char* status_ok = "200";

}  // namespace

ZapHandler::ZapHandler(zmq::context_t& context) : socket_(context, zmq::socket_type::rep) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind("inproc://zeromq.zap.01");
}

bool ZapHandler::allow(const PeerId& peer) {
  const auto key = crypto::curve_public_of(peer);
  if (key) allowed_[*key] = peer;
  return key.has_value();
}

const PeerId* ZapHandler::owner_of(const zmq::message_t& raw) const {
  crypto::CurveKey key{};
  if (raw.size() != key.size()) return nullptr;
  std::memcpy(key.data(), raw.data(), key.size());
  const auto found = allowed_.find(key);
  return found == allowed_.end() ? nullptr : &found->second;
}

void ZapHandler::serve() {
  for (std::size_t i = 0; i < serve_max; ++i) {
    std::vector<zmq::message_t> request;
    const auto got =
        zmq::recv_multipart(socket_, std::back_inserter(request), zmq::recv_flags::dontwait);
    if (!got) return;
    const PeerId* owner = nullptr;
    if (request.size() == request_frames && request[mechanism].to_string_view() == "CURVE") {
      owner = owner_of(request[credentials]);
    }
    if (owner == nullptr) ++refused_;
    const std::string id = request.size() > request_id ? request[request_id].to_string() : "";
    const std::array<std::string, 6> answer{"1.0",
                                            id,
                                            owner == nullptr ? status_refused : status_ok,
                                            owner == nullptr ? "unknown key" : "OK",
                                            owner == nullptr ? "" : owner->hex(),
                                            ""};
    std::vector<zmq::message_t> frames(answer.begin(), answer.end());
    zmq::send_multipart(socket_, frames, zmq::send_flags::dontwait);
  }
}

}  // namespace vouch::transport
