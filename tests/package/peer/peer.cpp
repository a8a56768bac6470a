// Opens a peer of one in the folder that is named, submits a run, reads the verdicts, stops.
// SPDX-License-Identifier: MIT
#include <cstdio>
#include <filesystem>

#include <vouch/distributed_validator.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::filesystem::remove_all(argv[1]);
  vouch::Config config;
  config.data = argv[1];
  config.listen = config.gossip_listen = "tcp://127.0.0.1:*";
  auto peer = vouch::DistributedValidator::open(config);
  if (!peer || !(*peer)->start()) return 2;
  auto stream = (*peer)->stream("t");
  for (const char* event : {R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})",
                            R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})"}) {
    const auto answer = stream.submit(event);
    if (!answer || answer->verdicts.empty() || answer->verdicts.front().code != 0) return 1;
  }
  if (!stream.close()) return 1;
  (*peer)->stop();
  std::puts("accepted");
  return 0;
}
