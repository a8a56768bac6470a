// One end of a link as sync_bench has it: a replica, its log, and the questions and answers of the
// shipping code, as the frames that a connection would carry. Absent: sockets, disk, other peers.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "vouch/sync/answer.hpp"
#include "vouch/sync/puller.hpp"
#include "vouch/sync/replica.hpp"
#include "vouch/transport/parts.hpp"

namespace vouch::bench {

/// The voters of the cluster and the ends of their logs, as they are written.
class Voters {
 public:
  explicit Voters(std::size_t count);

  const sync::ReplicaConfig& config() const { return config_; }
  const Signer& signer(std::size_t number) const { return *signers_[number]; }
  std::size_t size() const { return signers_.size(); }
  /// The next batch of a voter: `records` attestations of streams it did not attest before.
  Bytes write(std::size_t number, std::size_t records);

 private:
  struct Log {
    FrontierEntry end;
    std::uint64_t streams = 0;
  };
  std::vector<std::unique_ptr<Signer>> signers_;
  std::vector<Log> logs_;
  sync::ReplicaConfig config_;
};

class Site {
 public:
  /// Holds nothing.
  Site(const Voters& voters, std::size_t number);
  /// Holds the state of `other`, but not its log: it can ask, and answer what it hears from now on.
  Site(const Voters& voters, std::size_t number, const Site& other);

  const sync::Replica& replica() const { return *replica_; }
  void take(ByteView frame);
  /// Something says that the other voter knows more, or time has passed.
  void wake() { puller_.on_start(now_, {}); }
  /// Until equal peers look whether they still are.
  void pass_time() { now_ += sync::PullTimes().period; }
  /// The frames of a question to the other voter; none when nothing is to be asked any more.
  std::vector<Bytes> ask();
  /// The frames of the answer; none for a check, which must find both equal.
  std::vector<Bytes> answer(std::vector<Bytes> question);
  void hear(std::vector<Bytes> answer);

 private:
  Message join(std::vector<Bytes> parts);
  sync::LogReader log_reader() const;
  void keep();

  Outbox outbox_;
  std::unique_ptr<sync::Replica> replica_;
  PeerId other_;
  sync::Puller puller_;
  Instant now_{};
  std::map<Bytes, Bytes> log_;  ///< Table::batches
  transport::PartSplitter splitter_;
  transport::PartAssembler assembler_;
};

}  // namespace vouch::bench
