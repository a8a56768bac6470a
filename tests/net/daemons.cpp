// SPDX-License-Identifier: MIT
#include "tests/net/daemons.hpp"

#include "tests/paths.hpp"
#include <fmt/format.h>
#include <poll.h>

#include "vouch/client/peer_client.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/schemas/json_parse.hpp"

namespace vouch::net {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds start_timeout{20'000};
constexpr milliseconds client_timeout{5'000};
constexpr milliseconds submit_timeout{60'000};
constexpr std::size_t events_per_request = 64;
constexpr std::size_t bytes_per_request = 512U << 10;

tools::ProcessCluster make_cluster(std::size_t peers,
                                   std::function<void(std::size_t, Config&)> tweak) {
  auto cluster = tools::ProcessCluster::make(
      {peers, paths::programs + std::string("vouch-peer"), std::move(tweak)});
  VOUCH_CHECK(cluster.has_value());
  return std::move(*cluster);
}

void pause() {
  ::poll(nullptr, 0, 20);
}

Result<std::unique_ptr<client::PeerClient>> connect(const ProcessPeer& peer) {
  return client::PeerClient::connect({"ipc://" + peer.socket.string(), std::nullopt}, {},
                                     client_timeout);
}

testing::AssertionResult attested(const json::Value& dump, const Submitted& expected,
                                  std::size_t voters) {
  const json::Value* stream = find_by(tools::list(dump, "streams"), "stream", expected.stream);
  if (stream == nullptr) {
    return testing::AssertionFailure() << "no stream " << expected.stream;
  }
  std::size_t ends = 0;
  for (const json::Value& claim : tools::list(*stream, "attestations")) {
    if (tools::flag(claim, "closed") && tools::number(claim, "upto") + 1 == expected.entries) {
      ++ends;
    }
  }
  if (tools::flag(*stream, "agreed") && ends >= voters) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << expected.stream << ": " << ends << " of " << voters << " voters attest its end";
}

}  // namespace

Daemons::Daemons(std::size_t peers, std::function<void(std::size_t, Config&)> tweak)
    : cluster_(make_cluster(peers, std::move(tweak))) {}

void Daemons::start(std::size_t index) {
  ProcessPeer& peer = (*this)[index];
  const auto started = cluster_.start(peer);
  ASSERT_TRUE(started) << started.error().text();
  const auto ready = cluster_.wait_ready(peer, start_timeout);
  ASSERT_TRUE(ready) << ready.error().text();
}

void Daemons::start_all() {
  const auto started = cluster_.start_all(start_timeout);
  ASSERT_TRUE(started) << started.error().text();
}

void Daemons::submit(std::size_t index, const std::string& stream, std::vector<std::string> events,
                     bool closes) {
  auto peer = connect((*this)[index]);
  ASSERT_TRUE(peer) << peer.error().text();
  const auto until = Clock::now() + submit_timeout;
  const std::uint64_t all = events.size();
  const std::uint64_t end = all + (closes ? 1 : 0);
  std::uint64_t next = 0;
  while (next < end) {
    Submit request{stream, next, {}, false};
    std::size_t bytes = 0;
    for (std::uint64_t i = next;
         i < all && request.events.size() < events_per_request && bytes < bytes_per_request; ++i) {
      bytes += events[i].size();
      request.events.push_back(events[i]);
    }
    request.closes = closes && next + request.events.size() == all;
    const auto taken = (*peer)->submit(request);
    if (!taken && taken.error().code == Errc::busy) {
      ASSERT_LT(Clock::now(), until) << "the peer stays busy";
      pause();
      continue;
    }
    ASSERT_TRUE(taken) << taken.error().text();
    next = taken->next;
  }
  if (closes) expect({stream, end});
}

json::Value Daemons::dump(std::size_t index) {
  auto peer = connect((*this)[index]);
  if (!peer) return {};
  const auto text = (*peer)->dump();
  if (!text) return {};
  auto value = json::parse(*text);
  return value ? std::move(*value) : json::Value();
}

testing::AssertionResult Daemons::converged(const std::vector<std::size_t>& indices,
                                            std::size_t voters) {
  std::string hash;
  for (const std::size_t index : indices) {
    const json::Value held = dump(index);
    const std::string here = tools::text(held, "state_hash");
    if (here.empty()) return testing::AssertionFailure() << "peer " << index << " is silent";
    for (const Submitted& expected : submitted_) {
      if (auto yes = attested(held, expected, voters); !yes) return yes << " at peer " << index;
    }
    if (!hash.empty() && hash != here) {
      return testing::AssertionFailure() << "peer " << index << " holds another state";
    }
    hash = here;
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult within(milliseconds time,
                                const std::function<testing::AssertionResult()>& condition) {
  const auto until = Clock::now() + time;
  auto answer = condition();
  while (!answer && Clock::now() < until) {
    pause();
    answer = condition();
  }
  return answer;
}

const json::Value* find_by(const json::Array& list, std::string_view key, std::string_view value) {
  for (const json::Value& entry : list) {
    if (tools::text(entry, key) == value) return &entry;
  }
  return nullptr;
}

std::vector<std::string> run_events(const std::string& thread, std::size_t deltas,
                                    std::size_t bytes) {
  const std::string part(bytes, 'x');
  std::vector<std::string> events{
      fmt::format(R"({{"type":"RUN_STARTED","threadId":"{}","runId":"r1"}})", thread),
      R"({"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"})"};
  for (std::size_t i = 0; i < deltas; ++i) {
    events.push_back(fmt::format(
        R"({{"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":"{} {}"}})", i, part));
  }
  events.emplace_back(R"({"type":"TEXT_MESSAGE_END","messageId":"m1"})");
  const char* finished = R"({{"type":"RUN_FINISHED","threadId":"{}","runId":"r1"}})";
  events.push_back(fmt::format(fmt::runtime(finished), thread));
  return events;
}

}  // namespace vouch::net
