// SPDX-License-Identifier: MIT
#include "tools/dump_proof.hpp"

#include <fstream>

#include "tools/json_view.hpp"
#include "tools/plain_text.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"
#include "vouch/sync/misbehaviour.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::tools {
namespace {

Result<void> write_file(const std::filesystem::path& file, const Bytes& bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) return fail(Errc::io, "cannot write " + file.string());
  return {};
}

Result<Bytes> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::io, "cannot read " + file.string());
  // One byte more than a proof can have: longer files need not be read to be refused.
  Bytes bytes(proof_bytes_max + 1);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

void print_one(const json::Value& proof) {
  fmt::print("{}\n  {}: {}\n  {}\n", text(proof, "peer"), text(proof, "kind"),
             valid_text(text(proof, "what")), text(proof, "proof"));
}

}  // namespace

Result<void> print_proofs(const json::Value& dump, const ProofOptions& options) {
  json::Array meant;
  for (const json::Value& proof : list(dump, "proofs")) {
    if (text(proof, "peer").starts_with(options.offender)) meant.push_back(proof);
  }
  if (!options.out.empty()) {
    if (meant.size() != 1) {
      return fail(Errc::unknown, fmt::format("{} proofs are meant; name one peer", meant.size()));
    }
    const auto bytes = from_hex(text(meant.front(), "proof"));
    if (!bytes) return fail(Errc::malformed, "the dump holds no bytes of the proof");
    return write_file(options.out, *bytes);
  }
  if (options.json) {
    fmt::print("{}\n", json::to_text(json::Value(std::move(meant))));
    return {};
  }
  if (meant.empty()) return fail(Errc::unknown, "no such proof is held");
  for (const json::Value& proof : meant) print_one(proof);
  return {};
}

Result<void> verify_file(const std::filesystem::path& file, bool as_json) {
  const auto bytes = read_file(file);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto offence = sync::verify_proof(*bytes, crypto::verify);
  if (!offence) return tl::unexpected(offence.error());
  const std::string kind(name_of(offence->kind));
  if (as_json) {
    fmt::print("{}\n", json::to_text(
                           json::Object{{"peer", offence->writer.peer.hex()},
                                        {"kind", kind},
                                        {"incarnation", std::uint64_t{offence->writer.incarnation}},
                                        {"cluster", offence->cluster.hex()},
                                        {"what", offence->what}}));
  } else {
    fmt::print("holds against {}\n  {}: {}\n  cluster {}\n", offence->writer.peer.hex(), kind,
               valid_text(offence->what), offence->cluster.hex());
  }
  return {};
}

}  // namespace vouch::tools
