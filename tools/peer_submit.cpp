// submit: JSON Lines in, one verdict a line out. Repeating an interrupted submit is safe: it goes
// on where the peer stands, and lines the peer already has are checked by it, not judged twice.
// SPDX-License-Identifier: MIT
#include <fstream>
#include <iostream>
#include <thread>

#include "tools/commands.hpp"
#include "tools/report.hpp"
#include <fmt/format.h>

#include "vouch/client/peer_client.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::tools {
namespace {

constexpr std::size_t events_per_request = 64;
constexpr std::size_t bytes_per_request = 512U << 10;

struct Reader {
  std::istream& in;
  std::uint64_t line = 0;  ///< events read so far
  bool done = false;

  /// The next non-empty lines, as many as one request takes.
  std::vector<std::string> read() {
    std::vector<std::string> events;
    std::size_t bytes = 0;
    std::string text;
    while (events.size() < events_per_request && bytes < bytes_per_request) {
      if (!std::getline(in, text)) {
        done = true;
        break;
      }
      if (!text.empty() && text.back() == '\r') text.pop_back();
      if (text.find_first_not_of(" \t") == std::string::npos) continue;
      bytes += text.size();
      events.push_back(std::move(text));
      // What is typed or piped slowly is judged line by line.
      if (in.rdbuf()->in_avail() == 0) break;
    }
    line += events.size();
    return events;
  }
};

/// Sends events from `first` on until all are taken; waits while the peer is busy.
Result<bool> send_all(client::PeerClient& peer, const SubmitOptionsCli& options,
                      std::uint64_t first, std::vector<std::string> events, bool closes) {
  bool clean = true;
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(options.timeout_ms);
  std::size_t taken = 0;
  while (taken < events.size() || closes) {
    Submit submit{options.stream,
                  first + taken,
                  {events.begin() + static_cast<std::ptrdiff_t>(taken), events.end()},
                  closes};
    const auto answer = peer.submit(submit);
    if (!answer && answer.error().code == Errc::busy && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    if (!answer) return tl::unexpected(answer.error());
    for (const ingest::Submitted& submitted : answer->answers) {
      clean &= print_submitted(submitted, options.quiet);
    }
    const std::size_t events_taken = std::min(answer->answers.size(), events.size() - taken);
    closes = closes && answer->answers.size() <= events_taken;
    taken += events_taken;
  }
  return clean;
}

}  // namespace

int run_submit(const SubmitOptionsCli& options) {
  const auto endpoint = client::Endpoint::parse(options.peer, options.key);
  if (!endpoint) return failed(endpoint.error().detail);
  auto peer = client::PeerClient::connect(*endpoint, options.key,
                                          std::chrono::milliseconds(options.timeout_ms));
  if (!peer) return failed(peer.error().detail);
  std::ifstream file;
  if (options.file != "-") {
    file.open(options.file);
    if (!file) return failed(fmt::format("cannot read {}", options.file));
  }
  std::ios::sync_with_stdio(false);
  Reader reader{options.file == "-" ? std::cin : file};
  const auto position = (*peer)->open(options.stream);
  if (!position) return failed(position.error().detail);
  if (position->closed) return failed(fmt::format("stream {} is closed", options.stream));
  if (position->next > 0) {
    fmt::print(stderr,
               "vouch-peer: the peer has {} events of {} already; lines up to there are compared\n",
               position->next, options.stream);
  }
  bool clean = true;
  while (!reader.done) {
    const std::uint64_t first = reader.line;
    std::vector<std::string> events = reader.read();
    const auto sent =
        send_all(**peer, options, first, std::move(events), options.close && reader.done);
    if (!sent) return failed(sent.error().text());
    clean &= *sent;
  }
  return clean ? exit_ok : exit_findings;
}

}  // namespace vouch::tools
