// SPDX-License-Identifier: MIT
#include "vouch/transport/zap.hpp"

#include <cstring>
#include <vector>
#include <zmq_addon.hpp>

namespace vouch::transport {
namespace {

constexpr std::size_t request_frames = 7;  // version, id, domain, address, identity, mechanism, key

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

void ZapHandler::serve() {
  for (;;) {
    std::vector<zmq::message_t> request;
    if (!zmq::recv_multipart(socket_, std::back_inserter(request), zmq::recv_flags::dontwait)) return;
    std::string user;
    if (request.size() == request_frames && request[5].to_string_view() == "CURVE") {
      crypto::CurveKey key{};
      if (request[6].size() == key.size()) std::memcpy(key.data(), request[6].data(), key.size());
      const auto found = allowed_.find(key);
      if (found != allowed_.end()) user = found->second.hex();
    }
    if (user.empty()) ++refused_;
    const std::string id = request.size() > 1 ? request[1].to_string() : "";
    std::vector<zmq::message_t> answer;
    for (const std::string& text :
         {std::string("1.0"), id, std::string(user.empty() ? "400" : "200"),
          std::string(user.empty() ? "unknown key" : "OK"), user, std::string()}) {
      answer.emplace_back(text);
    }
    zmq::send_multipart(socket_, answer);
  }
}

}  // namespace vouch::transport
