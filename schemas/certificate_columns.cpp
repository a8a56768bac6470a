// SPDX-License-Identifier: MIT
#include "vouch/schemas/certificate_columns.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "vouch/schemas/byte_io.hpp"

namespace vouch {
namespace {

using Signed = std::pair<PeerId, Signature>;
constexpr std::size_t packed_commit_bytes_min = 3;

/// Gives what is used its place, in the order of first use.
template <class Part>
class Places {
 public:
  std::size_t operator()(const Part& part) {
    const auto [held, fresh] = places_.try_emplace(part, parts_.size());
    if (fresh) parts_.push_back(part);
    return held->second;
  }
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::map<Part, std::size_t> places_;
  std::vector<Part> parts_;
};

/// Gives what stands at a place, as long as all come in the order of first use.
template <class Part>
class Parts {
 public:
  Parts(ByteReader& in, std::size_t bytes, Part (*read)(ByteReader&)) : parts_(in.count(bytes)) {
    for (Part& part : parts_) part = read(in);
    std::vector<Part> sorted = parts_;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) in.spoil();
  }
  Part next(ByteReader& in) {
    const std::uint64_t place = in.leb();
    const bool fits = place < parts_.size() && place <= used_;
    if (!fits) in.spoil();
    if (!in.ok()) return {};
    used_ = std::max(used_, static_cast<std::size_t>(place) + 1);
    return parts_[place];
  }
  bool all_used() const { return used_ == parts_.size(); }

 private:
  std::vector<Part> parts_;
  std::size_t used_ = 0;
};

Signed read_signature(ByteReader& in) {
  Signed out;
  out.first = in.fixed<PeerId>();
  out.second = in.fixed<Signature>();
  return out;
}

Hash read_hash(ByteReader& in) {
  return in.fixed<Hash>();
}

std::uint32_t read_number(ByteReader& in) {
  const std::uint64_t number = in.leb();
  if (number > UINT32_MAX) in.spoil();
  return static_cast<std::uint32_t>(number);
}

}  // namespace

Bytes pack_certificates(const std::vector<Certificate>& certificates) {
  Places<Signed> signatures;
  Places<Hash> hashes;
  ByteWriter body;
  for (const Certificate& certificate : certificates) {
    write_certificate(
        body, certificate, [&](const Certificate::Commit& commit, const BundlePath* before) {
          body.leb(signatures({commit.voter, commit.signature}));
          body.leb(commit.incarnation);
          write_path(body, commit.path, before, [&](const Hash& hash) { body.leb(hashes(hash)); });
        });
  }
  ByteWriter out;
  out.leb(certificates.size());
  out.leb(signatures.parts().size());
  for (const auto& [voter, signature] : signatures.parts()) {
    out.raw(voter.view());
    out.raw(signature.view());
  }
  out.leb(hashes.parts().size());
  for (const Hash& hash : hashes.parts()) out.raw(hash.view());
  out.raw(body.bytes());
  return out.take();
}

std::vector<Certificate> unpack_certificates(ByteReader& in) {
  std::vector<Certificate> certificates(in.count(SubjectId::size + Hash::size));
  if (certificates.empty()) return {};
  Parts<Signed> signatures(in, PeerId::size + Signature::size, read_signature);
  Parts<Hash> hashes(in, Hash::size, read_hash);
  for (Certificate& certificate : certificates) {
    certificate = read_certificate(in, packed_commit_bytes_min, [&](const BundlePath* before) {
      Certificate::Commit commit;
      std::tie(commit.voter, commit.signature) = signatures.next(in);
      commit.incarnation = read_number(in);
      commit.path = read_path(in, before, [&] { return hashes.next(in); });
      return commit;
    });
    if (!in.ok()) break;
  }
  if (!signatures.all_used() || !hashes.all_used()) in.spoil();
  return certificates;
}

}  // namespace vouch
