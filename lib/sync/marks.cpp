// SPDX-License-Identifier: MIT
#include "vouch/sync/marks.hpp"

#include <algorithm>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::sync {
namespace {

constexpr std::string_view mark_tag("vouch/mark/1\0", 13);
constexpr std::string_view salt_tag("vouch/salt/1\0", 13);

std::uint32_t short_hash(std::uint64_t salt, const Writer& writer, ByteView end) {
  ByteWriter text(96);
  text.raw(as_bytes(mark_tag));
  text.u64(salt);
  text.raw(writer.peer.view());
  text.u32(writer.incarnation);
  text.raw(end);
  const Hash hash = crypto::blake2b(text.bytes());
  return ByteReader(hash.view()).u32();
}

Mark mark_of(std::uint64_t salt, const Writer& writer, const FrontierEntry& entry) {
  return {short_hash(salt, writer, {}), entry.last, short_hash(salt, writer, entry.chain.view())};
}

}  // namespace

Hash salt_secret(const Signer& signer, std::uint64_t nonce) {
  ByteWriter text;
  text.raw(as_bytes(salt_tag));
  text.u64(nonce);
  return crypto::blake2b(signer.sign(text.bytes()).view());
}

std::uint64_t salt_of(const Hash& secret, std::uint64_t number) {
  ByteWriter text;
  text.raw(secret.view());
  text.u64(number);
  return ByteReader(crypto::blake2b(text.bytes()).view()).u64();
}

Pull pull_beyond(const FrontierMap& held, std::uint64_t salt) {
  Pull pull;
  pull.salt = salt;
  pull.marks.reserve(held.size());
  for (const auto& [writer, entry] : held) pull.marks.push_back(mark_of(salt, writer, entry));
  return pull;
}

Marks::Marks(const Pull& pull) : salt_(pull.salt), marks_(pull.marks) {
  std::sort(marks_.begin(), marks_.end(),
            [](const Mark& a, const Mark& b) { return a.writer < b.writer; });
}

const Mark* Marks::find(const Writer& writer) const {
  const std::uint32_t name = short_hash(salt_, writer, {});
  const auto at =
      std::lower_bound(marks_.begin(), marks_.end(), name,
                       [](const Mark& mark, std::uint32_t wanted) { return mark.writer < wanted; });
  if (at == marks_.end() || at->writer != name) return nullptr;
  const bool alone = at + 1 == marks_.end() || (at + 1)->writer != name;
  return alone ? &*at : nullptr;
}

std::uint64_t Marks::last(const Writer& writer) const {
  const Mark* mark = find(writer);
  return mark == nullptr ? 0 : mark->last;
}

bool Marks::same(const Writer& writer, const FrontierEntry& entry) const {
  const Mark* mark = find(writer);
  return mark != nullptr && mark->last == entry.last &&
         mark->chain == short_hash(salt_, writer, entry.chain.view());
}

}  // namespace vouch::sync
