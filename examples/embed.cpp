// An agent with a peer inside: every event it sends to its user is judged first, in this process.
// Usage: embed [DATA_FOLDER]
// SPDX-License-Identifier: MIT
#include <cstdio>

#include "vouch/distributed_validator.hpp"

namespace {

constexpr const char* run[] = {
    R"({"type":"RUN_STARTED","threadId":"thread-1","runId":"run-1"})",
    R"({"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"})",
    R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":"Good morning"})",
    R"({"type":"TEXT_MESSAGE_END","messageId":"m1"})",
    R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":", too late"})",
};

int fail(const vouch::Error& error) {
  std::fprintf(stderr, "embed: %s\n", error.text().c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  vouch::Config config;  // a peer alone; [[peers]] of a cluster would go to config.roster
  config.data = argc > 1 ? argv[1] : "embed-data";
  config.listen = config.gossip_listen = "tcp://127.0.0.1:*";

  auto peer = vouch::DistributedValidator::open(config);
  if (!peer) return fail(peer.error());
  if (auto started = (*peer)->start(); !started) return fail(started.error());

  vouch::Stream stream = (*peer)->stream("thread-1");
  for (const char* event : run) {
    const auto answer = stream.submit(event);
    if (!answer) return fail(answer.error());
    for (const auto& verdict : answer->verdicts) {
      std::printf("%lld %s\n", static_cast<long long>(verdict.index),
                  std::string(name_of(verdict.outcome)).c_str());
      for (const auto& finding : verdict.findings) {
        std::printf("  rule %u: %s\n", finding.code, finding.message.c_str());
      }
    }
  }
  (*peer)->stop();
}
