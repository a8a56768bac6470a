// SPDX-License-Identifier: MIT
#include "vouch/client/peer_client.hpp"

#include "vouch/ingest/verdict_codec.hpp"
#include "vouch/transport/key_file.hpp"
#include "vouch/transport/parts.hpp"
#include "vouch/transport/zmq_client.hpp"

namespace vouch::client {
namespace {

// A dump of a large state is what this client asked for, so it may take more than a peer grants
// senders.
constexpr std::size_t answer_bytes_max = 1U << 30;

}  // namespace

struct PeerClient::Impl {
  std::unique_ptr<transport::Client> connection;
  transport::PartSplitter splitter;
  transport::PartAssembler assembler{answer_bytes_max};
  std::chrono::milliseconds timeout;
  std::uint64_t last_id = 0;

  Result<void> send(const Message& message) {
    for (const Bytes& part : splitter.split(encode_message(message))) {
      if (auto sent = connection->send(part, timeout); !sent) return sent;
    }
    return {};
  }

  Result<Message> receive() {
    for (;;) {
      const auto part = connection->receive(timeout);
      if (!part) return tl::unexpected(part.error());
      auto whole = assembler.add("peer", *part);
      if (!whole) return tl::unexpected(whole.error());
      if (whole->has_value()) return decode_message(**whole);
    }
  }

  /// Answers to requests that were given up are skipped.
  template <class Answer>
  Result<Answer> ask(MessageBody body) {
    const std::uint64_t id = ++last_id;
    if (auto sent = send({id, std::move(body)}); !sent) return tl::unexpected(sent.error());
    for (;;) {
      auto message = receive();
      if (!message) return tl::unexpected(message.error());
      if (message->id != id) continue;
      if (const auto* refused = std::get_if<Refused>(&message->body)) {
        return fail(refused->code, refused->detail);
      }
      auto* answer = std::get_if<Answer>(&message->body);
      if (answer == nullptr) return fail(Errc::malformed, "the peer answered something else");
      return std::move(*answer);
    }
  }
};

PeerClient::PeerClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PeerClient::~PeerClient() = default;

Result<std::unique_ptr<PeerClient>> PeerClient::connect(const Endpoint& endpoint,
                                                        const std::filesystem::path& key_file,
                                                        std::chrono::milliseconds timeout) {
  auto impl = std::make_unique<Impl>();
  impl->timeout = timeout;
  if (endpoint.local()) {
    auto connection = transport::Client::connect_local(endpoint.address);
    if (!connection) return tl::unexpected(connection.error());
    impl->connection = std::move(*connection);
  } else {
    const auto seed = transport::load_seed(key_file);
    if (!seed) return tl::unexpected(seed.error());
    auto connection =
        transport::Client::connect(crypto::SigningKey(*seed), endpoint.address, *endpoint.peer);
    if (!connection) return tl::unexpected(connection.error());
    impl->connection = std::move(*connection);
  }
  return std::unique_ptr<PeerClient>(new PeerClient(std::move(impl)));
}

Result<Opened> PeerClient::open(const std::string& stream) {
  return impl_->ask<Opened>(Open{stream});
}

Result<Taken> PeerClient::submit(const Submit& submit) {
  auto verdicts = impl_->ask<Verdicts>(submit);
  if (!verdicts) return tl::unexpected(verdicts.error());
  Taken taken;
  taken.next = verdicts->next;
  for (const Bytes& bytes : verdicts->verdicts) {
    auto answer = ingest::decode_submitted(bytes);
    if (!answer) return tl::unexpected(answer.error());
    taken.answers.push_back(std::move(*answer));
  }
  return taken;
}

Result<std::string> PeerClient::dump(Dump wanted) {
  auto dumped = impl_->ask<Dumped>(std::move(wanted));
  if (!dumped) return tl::unexpected(dumped.error());
  return std::move(dumped->json);
}

Result<std::string> PeerClient::rosters(const Bytes& proposed) {
  auto dumped = impl_->ask<Dumped>(ChangeRoster{proposed});
  if (!dumped) return tl::unexpected(dumped.error());
  return std::move(dumped->json);
}

}  // namespace vouch::client
