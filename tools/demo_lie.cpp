// SPDX-License-Identifier: MIT
#include "tools/demo_lie.hpp"

#include <algorithm>

#include "tools/demo_liar.hpp"
#include "tools/dump_source.hpp"
#include "tools/json_view.hpp"
#include <fmt/format.h>

#include "vouch/membership/roster.hpp"
#include "vouch/sync/misbehaviour.hpp"

namespace vouch::tools {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* stream_name = "payment";
constexpr const char* true_text = "Pay 100 euros to Ada.";
constexpr const char* altered_text = "Pay 900 euros to Ada.";

EventTexts run_with(const std::string& text) {
  return {R"({"type":"RUN_STARTED","threadId":"payment","runId":"r1"})",
          R"({"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"})",
          R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":")" + text + R"("})",
          R"({"type":"TEXT_MESSAGE_END","messageId":"m1"})",
          R"({"type":"RUN_FINISHED","threadId":"payment","runId":"r1"})"};
}

const json::Value* find_by(const json::Array& list, std::string_view key, std::string_view value) {
  const auto it =
      std::ranges::find_if(list, [&](const json::Value& one) { return text(one, key) == value; });
  return it == list.end() ? nullptr : &*it;
}

/// "a, b and c"
std::string names_of(const std::vector<const ProcessPeer*>& peers) {
  std::string out;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (i > 0) out += i + 1 == peers.size() ? " and " : ", ";
    out += peers[i]->name;
  }
  return out;
}

/// The voters differ, or differed, about the stream.
bool disputes(const json::Value& dump) {
  return find_by(list(dump, "disputes"), "stream", stream_name) != nullptr;
}

/// The end of a voter's log as another peer holds it.
Result<std::pair<Writer, FrontierEntry>> log_of(const json::Value& dump, const PeerId& voter) {
  std::optional<std::pair<Writer, FrontierEntry>> last;
  for (const json::Value& entry : list(dump, "frontier")) {
    const auto chain = Hash::from_hex(text(entry, "chain"));
    const auto incarnation = static_cast<std::uint32_t>(number(entry, "incarnation"));
    if (text(entry, "writer") != voter.hex() || !chain) continue;
    if (last && last->first.incarnation > incarnation) continue;
    last = {{voter, incarnation}, {number(entry, "last"), *chain}};
  }
  if (!last) return fail(Errc::unknown, "nobody holds the log of the peer that is to lie");
  return *last;
}

class Play {
 public:
  Play(ProcessCluster& cluster, milliseconds time,
       const std::function<void(const std::string&)>& say)
      : all_(cluster.peers()), cluster_(cluster), until_(Clock::now() + time), say_(say) {
    for (const ProcessPeer& peer : all_) {
      if (&peer != &liar()) honest_.push_back(&peer);
    }
    for (const ProcessPeer* peer : honest_) {
      if (peer != &deceived()) told_.push_back(peer);
    }
  }

  Result<LieOutcome> run() {
    if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
    if (!wait([this] { return handed_on(); })) return out_;
    lied_at_ = Clock::now();
    mouth_->vouch_for(*altered_);
    if (!wait([this] { return found(); })) return out_;
    if (!wait([this] { return certified(); })) return out_;
    mouth_->vouch_for(*true_);
    if (wait([this] { return proven(); })) check();
    return out_;
  }

 private:
  ProcessPeer& liar() { return all_.back(); }
  const ProcessPeer& deceived() const { return all_[1]; }
  std::int64_t since_lie() const {
    return std::chrono::duration_cast<milliseconds>(Clock::now() - lied_at_).count();
  }
  /// One step: when, a word, and what it means, a line each.
  void step(std::int64_t at, std::string_view word, const std::vector<std::string>& lines) {
    std::string head = fmt::format("{:>5.2f} s  {:<13}", static_cast<double>(at) / 1000, word);
    for (const std::string& line : lines) {
      say_(head + line);
      head = std::string(head.size(), ' ');
    }
  }

  Result<void> begin() {
    const auto config = load_toml(all_.front().config());
    if (!config) return fail(Errc::invalid_config, config.error().front().text());
    auto one = judged(*config, stream_name, run_with(true_text));
    auto other = judged(*config, stream_name, run_with(altered_text));
    if (!one) return tl::unexpected(one.error());
    if (!other) return tl::unexpected(other.error());
    true_ = std::move(*one);
    altered_ = std::move(*other);
    if (!look()) return fail(Errc::timed_out, "the peers do not answer");
    const auto log = log_of(dumps_.front(), liar().id);
    if (!log) return tl::unexpected(log.error());
    cluster_.kill(liar());
    auto mouth = Liar::in_place_of(liar(), log->first, log->second);
    if (!mouth) return tl::unexpected(mouth.error());
    mouth_ = std::move(*mouth);
    for (const ProcessPeer* peer : told_) mouth_->hand_on(peer->id, *true_);
    mouth_->hand_on(deceived().id, *altered_);
    out_.liar = liar().name;
    out_.deceived = deceived().name;
    out_.stream = stream_name;
    out_.true_head = true_->head.hex();
    out_.altered_head = altered_->head.hex();
    const std::string rest = names_of(told_);
    const std::size_t wide = std::max(rest.size(), out_.deceived.size());
    say_(
        fmt::format("\nPeer {0} turns liar. Its process is ended; the demo takes its place, with "
                    "its key.\nIt hands on the stream \"{1}\", {2} events, one of them altered "
                    "for {3}:",
                    out_.liar, stream_name, true_->events.size(), out_.deceived));
    say_(fmt::format("  to {:<{}}  \"{}\"", rest, wide, true_text));
    say_(fmt::format("  to {:<{}}  \"{}\"\n", out_.deceived, wide, altered_text));
    return {};
  }

  /// False while somebody honest does not answer.
  bool look() {
    dumps_.clear();
    for (const ProcessPeer* peer : honest_) {
      auto dump = load_dump(peer->socket, {});
      if (!dump) return false;
      dumps_.push_back(std::move(*dump));
    }
    return true;
  }

  bool wait(const std::function<bool()>& condition) {
    while (Clock::now() < until_) {
      mouth_->serve(milliseconds(20));
      if (look() && condition()) return true;
    }
    return false;
  }

  bool handed_on() const {
    return std::ranges::all_of(honest_, [&](const auto* peer) { return mouth_->taken(peer->id); });
  }

  bool found() {
    if (!std::ranges::any_of(dumps_, disputes)) return false;
    out_.found_ms = since_lie();
    step(
        out_.found_ms, "Dispute",
        {fmt::format("{} vouch for head {}, {} and {} for {}.", names_of(told_),
                     true_->head.short_hex(), out_.deceived, out_.liar, altered_->head.short_hex()),
         "(A head is a hash over all events and verdicts: one letter shows.)"});
    return true;
  }

  bool certified() {
    for (const json::Value& dump : dumps_) {
      const json::Value* held = find_by(list(dump, "certificates"), "stream", stream_name);
      if (held == nullptr || text(*held, "head") != out_.true_head) return false;
      out_.view = std::max(out_.view, number(*held, "view"));
    }
    const json::Value* stream = find_by(list(dumps_.front(), "streams"), "stream", stream_name);
    const json::Value* word =
        stream == nullptr ? nullptr
                          : find_by(list(*stream, "attestations"), "voter", deceived().id.hex());
    out_.converted = word != nullptr && text(*word, "head") == out_.true_head;
    if (!out_.converted) return false;
    out_.certified_ms = since_lie();
    out_.receipt = receipt();
    if (!out_.receipt) return false;
    say_vote();
    return true;
  }

  std::optional<ReceiptOutcome> receipt() const {
    auto tried = try_receipt(*honest_.front(), *honest_.back(), stream_name, true_->events,
                             altered_->events);
    if (!tried) return std::nullopt;
    return std::move(*tried);
  }

  void say_vote() {
    const ReceiptOutcome& r = *out_.receipt;
    out_.votes = r.votes;
    const std::size_t n = all_.size(), quorum = membership::quorum(n);
    if (out_.view == 0) {
      step(out_.certified_ms, "Vote", {fmt::format("{} of {} hold the same.", quorum, n)});
    } else {
      step(out_.certified_ms, "Vote",
           {fmt::format("Neither has {} of {} voices, so the voters compare what they", quorum, n),
            fmt::format("hold, and take what most of them do (PBFT, view {}).", out_.view)});
    }
    step(out_.certified_ms, "Certificate",
         {fmt::format("{} voters signed {}. {} judged those events itself and gave up its own.",
                      out_.votes, true_->head.short_hex(), out_.deceived),
          fmt::format("Receipt: {} for \"{}\",", r.valid ? "valid" : "NOT VALID", true_text),
          fmt::format("{} for \"{}\"", r.tampered_refused ? "refused" : "NOT REFUSED",
                      altered_text)});
  }

  bool proven() {
    for (const json::Value& dump : dumps_) {
      if (find_by(list(dump, "proofs"), "peer", liar().id.hex()) == nullptr) return false;
    }
    const auto same = [&](const json::Value& dump) {
      return text(dump, "state_hash") == text(dumps_.front(), "state_hash");
    };
    out_.same_state = std::ranges::all_of(dumps_, same);
    if (!out_.same_state) return false;
    out_.proven_ms = since_lie();
    return true;
  }

  /// The proof, as anybody checks it who has the liar's public key.
  void check() {
    const json::Value* proof = find_by(list(dumps_.back(), "proofs"), "peer", liar().id.hex());
    const auto bytes = from_hex(text(*proof, "proof")).value_or(Bytes{});
    const auto offence = sync::verify_proof(bytes, crypto::verify);
    out_.proof_holds = offence && offence->writer.peer == liar().id;
    if (out_.proof_holds) out_.offence = offence->what;
    step(out_.proven_ms, "Proof",
         {fmt::format("{} vouches for both heads now. Nobody honest signs two for one place:",
                      out_.liar),
          fmt::format("its two signatures convict it. {} count nothing it ever said.",
                      names_of(honest_)),
          fmt::format("Checked without any peer, the proof {}:",
                      out_.proof_holds ? "holds" : "DOES NOT HOLD"),
          out_.offence});
  }

  std::vector<ProcessPeer>& all_;
  ProcessCluster& cluster_;
  Clock::time_point until_;
  const std::function<void(const std::string&)>& say_;
  std::vector<const ProcessPeer*> honest_, told_;
  std::vector<json::Value> dumps_;  ///< of the honest ones, in their order
  std::optional<Story> true_, altered_;
  std::unique_ptr<Liar> mouth_;
  Clock::time_point lied_at_;
  LieOutcome out_;
};

}  // namespace

Result<LieOutcome> play_lie(ProcessCluster& cluster, milliseconds time,
                            const std::function<void(const std::string&)>& say) {
  return Play(cluster, time, say).run();
}

json::Object lie_json(const LieOutcome& lie) {
  json::Object out{{"liar", lie.liar},
                   {"deceived", lie.deceived},
                   {"stream", lie.stream},
                   {"true_head", lie.true_head},
                   {"altered_head", lie.altered_head},
                   {"found", lie.found()},
                   {"found_ms", lie.found_ms},
                   {"outvoted", lie.outvoted()},
                   {"certified_ms", lie.certified_ms},
                   {"view", lie.view},
                   {"votes", std::uint64_t{lie.votes}},
                   {"converted", lie.converted},
                   {"proven", lie.proven()},
                   {"proven_ms", lie.proven_ms},
                   {"offence", lie.offence},
                   {"proof_holds", lie.proof_holds},
                   {"same_state", lie.same_state},
                   {"caught", lie.caught()}};
  if (lie.receipt) {
    out.emplace_back("receipt_valid", lie.receipt->valid);
    out.emplace_back("altered_refused", lie.receipt->tampered_refused);
  }
  return out;
}

}  // namespace vouch::tools
