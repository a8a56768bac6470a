// SPDX-License-Identifier: MIT
#include "tools/demo_liar.hpp"

#include "vouch/base/bundle.hpp"
#include "vouch/schemas/batch_codec.hpp"
#include "vouch/sync/seal.hpp"
#include "vouch/transport/key_file.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::tools {

Result<Story> judged(const Config& config, const std::string& stream,
                     std::vector<std::string> events) {
  const auto policy = config.validation.policy();
  if (!policy) return fail(Errc::invalid_config, policy.error().front().text());
  validator::StreamValidator validator(validator::options_of(*policy, stream));
  Story story{stream, std::move(events), {}, {}, {}};
  for (const std::string& event : story.events) {
    validator.feed(event);
    story.digests.push_back(validator.last_digest());
  }
  story.head = validator.chain().head();
  const validator::Counts& counts = validator.counts();
  story.summary = {counts.accepted,
                   counts.warned,
                   counts.rejected,
                   counts.unjudged,
                   validator.at_run_end(),
                   false,
                   {}};
  return story;
}

Liar::Liar(const crypto::Seed& seed, std::string_view cluster, const Writer& writer,
           const FrontierEntry& log)
    : signer_(seed), cluster_(sync::cluster_id(cluster)), writer_(writer), log_(log) {}

Result<std::unique_ptr<Liar>> Liar::in_place_of(const ProcessPeer& voter, const Writer& writer,
                                                const FrontierEntry& log) {
  const auto seed = transport::load_seed(voter.folder / "peer.key");
  if (!seed) return tl::unexpected(seed.error());
  const auto loaded = load_toml(voter.config());
  if (!loaded) return fail(Errc::invalid_config, loaded.error().front().text());
  const Config config = loaded->resolved();
  transport::LinkOptions options;
  options.direct_listen = config.listen;
  options.gossip_listen = config.gossip_listen;
  for (const RosterEntry& entry : config.roster) {
    if (entry.id != voter.id) options.peers.push_back({entry.id, entry.endpoint, entry.gossip});
  }
  auto link = transport::ZmqLink::open(crypto::SigningKey(*seed), options);
  if (!link) return tl::unexpected(link.error());
  std::unique_ptr<Liar> liar(new Liar(*seed, config.cluster, writer, log));
  liar->link_ = std::move(*link);
  return liar;
}

void Liar::hand_on(const PeerId& to, const Story& story) {
  Push push;
  push.stream = story.stream;
  push.events = story.events;
  const Hash alone = sync::push_leaf(cluster_, story.stream, 0, story.digests, false);
  push.signature = signer_.sign(bundle_statement(alone));
  handed_[to] = {std::move(push), false};
}

bool Liar::taken(const PeerId& by) const {
  const auto handed = handed_.find(by);
  return handed != handed_.end() && handed->second.taken;
}

void Liar::vouch_for(const Story& story) {
  BatchHeader header;
  header.cluster = cluster_;
  header.writer = writer_;
  header.first = log_.last + 1;
  header.count = 1;
  header.previous = log_.chain;
  Records records;
  records.attestations.push_back(
      {story.stream, 0, story.events.size() - 1, story.head, story.summary});
  sync::SealedBatch batch = sync::seal_batch(header, encode_records(records), signer_);
  log_ = {header.last(), batch.hash};
  batches_.push_back(std::move(batch.frame));
}

void Liar::serve(std::chrono::milliseconds time) {
  for (const auto& [to, handed] : handed_) {
    if (handed.taken) continue;
    for (const Bytes& part : splitter_.split(encode_message({1, handed.push}))) {
      link_->send(to, part);
    }
  }
  for (const Bytes& batch : batches_) link_->publish(batch);
  std::vector<transport::Incoming> came;
  link_->poll(time, came);
  for (transport::Incoming& incoming : came) {
    if (incoming.via != transport::Via::reply || !incoming.from) continue;
    const auto whole = assembler_.add(incoming.from->hex(), std::move(incoming.bytes));
    if (!whole || !whole->has_value()) continue;
    const auto message = decode_message(**whole);
    const auto* pushed = message ? std::get_if<Pushed>(&message->body) : nullptr;
    const auto handed = handed_.find(*incoming.from);
    if (pushed != nullptr && handed != handed_.end()) {
      handed->second.taken |= pushed->next >= handed->second.push.events.size();
    }
  }
}

}  // namespace vouch::tools
