// Real peers whose roster operators change by command: what they say, and what their tools tell.
// SPDX-License-Identifier: MIT
#pragma once

#include "tests/net/daemons.hpp"
#include "tests/tools/process.hpp"

#include "vouch/schemas/json_parse.hpp"

namespace vouch::net {

struct Operated : testing::Test {
  using Indices = std::vector<std::size_t>;
  static constexpr std::chrono::seconds patience{40};

  Daemons peers;

  Operated(std::size_t count, std::function<void(std::size_t, Config&)> tweak)
      : peers(count, std::move(tweak)) {}

  std::string key(std::size_t index) { return peers[index].id.hex(); }
  /// `vouch-peer roster WORDS` at these peers.
  tools::Ran roster(std::vector<std::string> words, const Indices& at, int timeout_ms = 0) {
    words.insert(words.begin(), "roster");
    for (const std::size_t index : at) {
      words.insert(words.end(), {"--peer", peers[index].socket});
    }
    words.insert(words.end(), {"--timeout", std::to_string(timeout_ms)});
    tools::Process process("vouch-peer", words);
    return process.wait(std::chrono::milliseconds(timeout_ms) + std::chrono::seconds(20));
  }
  testing::AssertionResult in_epoch(const Indices& indices, std::uint64_t epoch,
                                    bool votes = true) {
    for (const std::size_t index : indices) {
      const tools::Ran ran =
          tools::run("vouch-peer", {"roster", "show", "--json", "--peer", peers[index].socket});
      const auto told = json::parse(ran.out);
      if (!told || tools::number(*told, "epoch") != epoch || tools::flag(*told, "votes") != votes) {
        return testing::AssertionFailure() << "peer " << index << ": " << ran.out << ran.err;
      }
    }
    return testing::AssertionSuccess();
  }
  /// What a peer tells of its certificate of the first `entries` of a stream; nothing without one.
  std::optional<json::Value> certificate_at(std::size_t index, const std::string& stream,
                                            std::uint64_t entries) {
    const json::Value dump = peers.dump(index);
    const json::Value* held = find_by(tools::list(dump, "certificates"), "stream", stream);
    if (held == nullptr || tools::number(*held, "size") != entries) return std::nullopt;
    return *held;
  }
  /// What `vouch-dump health` says there.
  tools::Ran health(std::size_t index) {
    return tools::run("vouch-dump", {"health", "--peer", peers[index].socket});
  }
};

}  // namespace vouch::net
