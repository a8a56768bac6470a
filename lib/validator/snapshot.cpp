// The form of a snapshot: magic, id of the rule set, parts, digest of all that. Deterministic:
// equal validators give equal bytes, and what is read has to be what would be written.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"
#include "vouch/validator/state_archive.hpp"
#include "vouch/validator/stream_impl.hpp"

namespace vouch::validator {
namespace {

// The number at its end changes with every change of what is kept.
constexpr std::string_view magic("vouch/snapshot/3\0", 17);
constexpr std::string_view state_tag("vouch/state/2\0", 14);

/// Everything that later verdicts and heads depend on: a function of rule set and prefix.
void archive_fold(auto& a, auto& impl) {
  impl.chain.archive(a);
  impl.decoder.compat().archive(a);
  impl.lanes.archive(a);
  impl.sequence.archive(a);
  a(impl.counts.accepted, impl.counts.warned, impl.counts.rejected, impl.counts.unjudged,
    impl.first, impl.last_digest, impl.frozen, impl.closed, impl.at_run_end, impl.marked);
}

/// And what is of this peer alone.
void archive_parts(auto& a, auto& impl) {
  archive_fold(a, impl);
  bool watches = impl.watch != nullptr;
  a(watches);
  if constexpr (std::remove_reference_t<decltype(a)>::reads) {
    a.demand(watches == (impl.watch != nullptr));
  }
  if (impl.watch) impl.watch->archive(a);
}

tl::unexpected<Error> broken() {
  return fail(Errc::malformed, "no snapshot of this version; judge the stream from its start");
}

}  // namespace

/// What stands behind `tag` and the rule set's id; all of it.
Result<StreamValidator> StreamValidator::Impl::read(ByteView bytes, std::string_view tag,
                                                    Options options, const auto& archive) {
  ByteReader in(bytes);
  if (as_text(in.raw(tag.size())) != tag) return broken();
  if (in.text() != options.rules.id() + options.mode.suffix()) {
    return fail(Errc::invalid_config, "the snapshot was made under another rule set");
  }
  StreamValidator out(std::move(options));
  Impl& impl = *out.impl_;
  const std::string wanted = impl.options.stream;
  SnapshotReader reader(in);
  archive(reader, impl);
  reader.demand(impl.first.size() <= limits::first_findings_max);
  if (!in.done()) return broken();
  if (!wanted.empty() && wanted != out.stream()) {
    return fail(Errc::invalid_config, "the snapshot is of another stream");
  }
  return out;
}

Bytes StreamValidator::Impl::fold_state() {
  ByteWriter out;
  out.raw(as_bytes(state_tag));
  out.text(options.rules.id() + options.mode.suffix());
  SnapshotWriter writer(out);
  archive_fold(writer, *this);
  LinkList segment = *chain.last_segment();
  writer(segment);
  return out.take();
}

Bytes StreamValidator::snapshot() const {
  ByteWriter out;
  out.raw(as_bytes(magic));
  out.text(impl_->options.rules.id() + impl_->options.mode.suffix());
  SnapshotWriter writer(out);
  archive_parts(writer, *impl_);
  const Hash digest = crypto::blake2b(out.bytes());
  out.raw(digest.view());
  return out.take();
}

Result<StreamValidator> StreamValidator::restore(ByteView bytes, Options options) {
  if (bytes.size() < Hash::size) return broken();
  const ByteView body = bytes.first(bytes.size() - Hash::size);
  if (crypto::blake2b(body) != Hash::from(bytes.subspan(body.size()))) return broken();
  const auto read = [](auto& reader, auto& impl) { archive_parts(reader, impl); };
  auto out = Impl::read(body, magic, std::move(options), read);
  // One validator has one form: what is read otherwise was not written here.
  if (out && !std::ranges::equal(out->snapshot(), bytes)) return broken();
  return out;
}

Result<StreamValidator> StreamValidator::resume(ByteView bytes, Options options) {
  const auto read = [](auto& reader, auto& impl) {
    archive_fold(reader, impl);
    LinkList segment;
    reader(segment);
    reader.demand(impl.chain.restore_segment(std::move(segment)));
    reader.demand(impl.at_run_end && impl.marks && impl.marked == impl.chain.size());
    reader.demand(!impl.closed);
  };
  auto out = Impl::read(bytes, state_tag, std::move(options), read);
  if (!out) return out;
  Impl& impl = *out->impl_;
  if (!std::ranges::equal(impl.fold_state(), bytes)) return broken();
  impl.states.push_back({impl.marked, crypto::blake2b(bytes)});
  return out;
}

}  // namespace vouch::validator
