// Values made of the bytes of an input, so that the fuzzer reaches what only an encoder makes.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <tuple>

#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/schemas/proof.hpp"
#include "vouch/schemas/records.hpp"

namespace vouch::fuzz {

/// Takes values from the front of an input; zeros when it is used up.
class Draw {
 public:
  explicit Draw(ByteView bytes) : bytes_(bytes) {}

  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t out = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return out;
  }
  bool flag() { return (byte() & 1) != 0; }
  /// Small ones mostly, so that equal ones occur.
  std::uint64_t number() {
    const std::uint8_t first = byte();
    if (first < 200) return first;
    std::uint64_t out = 0;
    for (int i = 0; i < first - 248 + 8 && i < 8; ++i) out = out << 8 | byte();
    return first == 255 ? ~out : out;
  }
  std::string text() {
    std::string out(byte() % 40, 'x');
    for (char& c : out) c = static_cast<char>(byte());
    return out;
  }
  template <class Fixed>
  Fixed fixed() {
    Fixed out;
    out.bytes.fill(byte());
    out.bytes.front() = byte();
    return out;
  }
  Writer writer() { return {fixed<PeerId>(), static_cast<std::uint32_t>(number())}; }
  Bytes rest() { return Bytes(bytes_.begin(), bytes_.end()); }
  bool done() const { return bytes_.empty(); }

  Summary summary() {
    Summary out{number(), number(), number(), number(), flag(), flag(), {}};
    for (int n = byte() % 4; n > 0; --n) {
      out.findings.push_back({static_cast<std::int64_t>(number()),
                              static_cast<std::uint16_t>(number()),
                              static_cast<std::uint8_t>(byte() % 3)});
    }
    return out;
  }
  Value value() { return {number(), fixed<Hash>(), byte()}; }
  BundlePath path() {
    BundlePath out;
    out.hashes.resize(byte() % 9);
    for (Hash& hash : out.hashes) hash = fixed<Hash>();
    out.sides = byte() & ((1U << out.hashes.size()) - 1);
    return out;
  }
  Statement statement() {
    Statement out;
    out.phase = static_cast<Phase>(1 + byte() % 4);
    out.subject = fixed<SubjectId>();
    out.height = 1 + byte();
    out.view = byte();
    out.epoch = byte();
    out.incarnation = byte();
    const bool changes = out.phase == Phase::view_change;
    if (!changes || flag()) out.value = value();
    if (changes && flag()) {
      out.lock = Lock{byte(), value(), out.epoch == 0 ? 0 : byte() % (out.epoch + 1)};
    }
    if (out.phase == Phase::new_view && flag()) out.basis = fixed<Hash>();
    return out;
  }
  VoteProof vote_proof() {
    const auto voter = fixed<PeerId>();
    const auto vote = [&] {
      return SignedStatement{voter, statement(), path(), fixed<Signature>()};
    };
    return {fixed<ClusterId>(), vote(), vote()};
  }
  Ballot ballot() {
    Ballot out;
    for (int n = byte() % 4; n > 0; --n) out.statements.push_back(statement());
    if (!out.statements.empty()) out.signature = fixed<Signature>();
    return out;
  }
  Certificate certificate() {
    Certificate out{fixed<SubjectId>(), 1U + byte(), byte(), byte(), value(), {}};
    for (int n = byte() % 4; n > 0; --n) {
      out.commits.push_back({fixed<PeerId>(), byte(), path(), fixed<Signature>()});
    }
    const auto voter = [](const Certificate::Commit& one) { return one.voter; };
    std::ranges::sort(out.commits, {}, voter);
    const auto twice = std::ranges::unique(out.commits, {}, voter);
    out.commits.erase(twice.begin(), twice.end());
    if (flag()) out.roster = Bytes(1U + byte() % 9, byte());
    return out;
  }
  Put put(std::size_t slot) {
    Put out;
    out.mark = {1U + byte(), 1U + byte()};
    out.slot = static_cast<std::uint16_t>(slot);
    out.key = std::string(1U + byte() % 9, static_cast<char>('a' + byte() % 26));
    if (flag()) out.value = text();
    out.written_ms = number();
    out.version = number();
    if (flag()) out.over.push_back({fixed<PeerId>(), {1U + byte(), 1U + byte()}});
    return out;
  }
  Records records() {
    Records out;
    for (int n = byte() % 3; n > 0; --n) out.sessions.push_back({number(), number()});
    for (int n = byte() % 3; n > 0; --n) {
      out.members.push_back({number(), flag() ? MemberStatus::left : MemberStatus::alive, text(),
                             text(), text(), text(), text()});
    }
    for (int n = byte() % 5; n > 0; --n) {
      out.attestations.push_back(
          {text(), static_cast<std::uint32_t>(number()), number(), fixed<Hash>(), summary()});
    }
    const auto name = [](const Attestation& one) -> const std::string& { return one.stream; };
    std::ranges::sort(out.attestations, {}, name);
    const auto twice = std::ranges::unique(out.attestations, {}, name);
    out.attestations.erase(twice.begin(), twice.end());
    out.ballot = ballot();
    for (int n = byte() % 3; n > 0; --n) out.certificates.push_back(certificate());
    for (int n = byte() % 4; n > 0; --n) out.runs.push_back({text(), text(), text(), flag()});
    const auto place = [](const ThreadRun& one) {
      return std::tie(one.thread, one.run, one.stream);
    };
    std::ranges::sort(out.runs, {}, place);
    const auto again = std::ranges::unique(out.runs, {}, place);
    out.runs.erase(again.begin(), again.end());
    for (int n = byte() % 4; n > 0; --n) out.finished.push_back(text());
    std::ranges::sort(out.finished);
    const auto same = std::ranges::unique(out.finished);
    out.finished.erase(same.begin(), same.end());
    for (int n = byte() % 3; n > 0; --n) out.puts.push_back(put(out.puts.size()));
    for (int n = byte() % 3; n > 0; --n) out.finished_proposals.push_back(fixed<SubjectId>());
    std::ranges::sort(out.finished_proposals);
    const auto alike = std::ranges::unique(out.finished_proposals);
    out.finished_proposals.erase(alike.begin(), alike.end());
    return out;
  }
  std::vector<Mark> marks() {
    std::vector<Mark> out(byte() % 5);
    for (Mark& one : out) {
      one = {static_cast<std::uint32_t>(number()), number(), static_cast<std::uint32_t>(number())};
    }
    return out;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out(byte() % 5);
    for (std::string& one : out) one = text();
    return out;
  }
  std::vector<Hash> hashes() {
    std::vector<Hash> out(byte() % 5);
    for (Hash& one : out) one = fixed<Hash>();
    return out;
  }
  Bytes blob() {
    const std::string one = text();
    return {one.begin(), one.end()};
  }
  std::vector<LogEnd> ends() {
    std::vector<LogEnd> out(byte() % 4);
    for (LogEnd& one : out) one = {writer(), number()};
    return out;
  }
  std::vector<std::uint16_t> leaves() {
    std::vector<std::uint16_t> out;
    for (std::uint16_t leaf = byte() % 4; out.size() < 3; leaf += 1 + byte()) out.push_back(leaf);
    return out;
  }
  std::vector<Bytes> blobs() {
    std::vector<Bytes> out;
    for (const std::string& one : texts()) out.emplace_back(one.begin(), one.end());
    return out;
  }
  MessageBody body() {
    switch (byte() % 25) {
      case 0:
        return Pull{number(), marks(), flag()};
      case 1:
        return Pulled{blobs(), static_cast<std::uint32_t>(number()), flag(), flag(), flag()};
      case 2:
        return Push{text(), number(), texts(), flag(), path(), fixed<Signature>(), flag()};
      case 3:
        return Pushed{text(), number(), flag()};
      case 4:
        return Open{text()};
      case 5:
        return Opened{number(), flag()};
      case 6:
        return Submit{text(), flag() ? std::optional(number()) : std::nullopt, texts(), flag()};
      case 7:
        return Verdicts{blobs(), number()};
      case 8:
        return Dump{text(), texts()};
      case 9:
        return Dumped{text()};
      case 10:
        return AskEvents{text(), number(), number(), hashes()};
      case 11:
        if (number() % 2 == 0) return Events{text(), number(), texts()};
        return Events{text(), 0, {}, EventsState{number() | 1, blob(), blob()}};
      case 12:
        return Check{fixed<FrontierDigest>()};
      case 13:
        return ChangeRoster{rest()};
      case 14:
        return AskLeaves{number(), ends()};
      case 15:
        return Leaves{fixed<FrontierDigest>(),
                      std::vector<std::uint64_t>(limits::state_leaves, number()), leaves()};
      case 16:
        return AskCells{leaves(), ends()};
      case 17:
        return Cells{fixed<FrontierDigest>(), leaves(), {{blob(), blob()}}, leaves()};
      case 18:
        return AskEnds{flag() ? std::optional(writer()) : std::nullopt,
                       static_cast<std::uint32_t>(number())};
      case 19:
        return Ends{blobs(), blobs(), flag() ? std::optional(writer()) : std::nullopt};
      case 20:
        return AskReleased{flag() ? std::optional(fixed<SubjectId>()) : std::nullopt, ends()};
      case 21:
        return ReleasedSubjects{
            {{"s" + text(), number(), fixed<Hash>()}}, flag(), leaves(), {fixed<SubjectId>()}};
      case 22:
        return AskValue{fixed<SubjectId>()};
      case 23:
        return ProposalValue{blob(), blob()};
      default:
        return Refused{Errc::malformed, text()};
    }
  }
  Heartbeat heartbeat() {
    return {fixed<ClusterId>(),
            writer(),
            number(),
            number(),
            number(),
            {},
            {},
            number(),
            number(),
            number(),
            number(),
            7,
            {{1, number()}, {2, number()}}};
  }

 private:
  ByteView bytes_;
};

}  // namespace vouch::fuzz
