// A liar for the demo: this process in the place of a voter whose own process has ended, with its
// key, its endpoints and the end of its log. It says on the wire what an honest peer never says.
// Absent: any way into it from `vouch-peer run`; a peer that keeps its rules has no such switch.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>

#include "tools/process_cluster.hpp"

#include "vouch/base/signer.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/schemas/records.hpp"
#include "vouch/transport/parts.hpp"
#include "vouch/transport/zmq_link.hpp"

namespace vouch::tools {

/// The events of one run, and what every peer makes of them.
struct Story {
  std::string stream;
  std::vector<std::string> events;
  std::vector<Hash> digests;
  Hash head;  ///< after the last one
  Summary summary;
};
/// Judges the events under the rules of the cluster. Errc::invalid_config for a config without any.
Result<Story> judged(const Config& config, const std::string& stream,
                     std::vector<std::string> events);

/// Not thread-safe. Whatever it said is said again by every serve(), until it is taken.
class Liar {
 public:
  /// `log`: what the others hold of the voter's log. Precondition: the voter's process has ended.
  static Result<std::unique_ptr<Liar>> in_place_of(const ProcessPeer& voter, const Writer& writer,
                                                   const FrontierEntry& log);

  /// Hands a story on as the ingesting peer does, signed.
  void hand_on(const PeerId& to, const Story& story);
  /// The last one that was handed on to this peer is on its disk.
  bool taken(const PeerId& by) const;
  /// Signs the head of a story, in the next batch of the log.
  void vouch_for(const Story& story);
  /// Waits a moment for what others say; nobody but the acknowledged gets an answer.
  void serve(std::chrono::milliseconds time);

 private:
  struct Handed {
    Push push;
    bool taken = false;
  };
  Liar(const crypto::Seed& seed, std::string_view cluster, const Writer& writer,
       const FrontierEntry& log);

  Ed25519Signer signer_;
  ClusterId cluster_;
  Writer writer_;
  FrontierEntry log_;
  std::unique_ptr<transport::ZmqLink> link_;
  transport::PartSplitter splitter_;
  transport::PartAssembler assembler_;
  std::map<PeerId, Handed> handed_;
  std::vector<Bytes> batches_;
};

}  // namespace vouch::tools
