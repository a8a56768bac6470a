// The vectors of docs/PROTOCOL.md: made here, and looked up there, so that neither goes stale.
// SPDX-License-Identifier: MIT
#include <fstream>
#include <sstream>

#include "tests/consensus/voters.hpp"
#include "tests/hash_of.hpp"
#include "tests/paths.hpp"
#include <gtest/gtest.h>

#include "vouch/consensus/slate.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::consensus::vectors_test {
namespace {

class Page {
 public:
  void add(const std::string& name, ByteView bytes) { add(name, to_hex(bytes)); }
  void add(const std::string& name, const std::string& hex) {
    constexpr std::size_t columns = 80;
    out_ += name + "\n";
    for (std::size_t at = 0; at < hex.size(); at += columns) {
      out_ += "  " + hex.substr(at, columns) + "\n";
    }
  }
  const std::string& text() const { return out_; }

 private:
  std::string out_;
};

std::string vectors() {
  const Voters voters(4);
  const Ed25519Signer& key = voters.signers[0];
  const ClusterId cluster = sync::cluster_id("example");
  Statement prepare;
  prepare.phase = Phase::prepare;
  prepare.subject = stream_subject(cluster, "thread-1");
  prepare.incarnation = 1;
  prepare.value = Value{300, hash_of(0xaa), 0};
  Statement stated = prepare;
  stated.value->state = hash_of(0xdd);
  Statement commit = prepare;
  commit.phase = Phase::commit;
  Statement change = prepare;
  change.phase = Phase::view_change;
  change.view = 2;
  change.lock = Lock{1, {64, hash_of(0xbb), 0}};
  Statement fresh = prepare;
  fresh.phase = Phase::new_view;
  fresh.view = 2;
  fresh.basis = hash_of(0xcc);
  const auto bundle = sign_bundle(cluster, key, {prepare, commit, change});

  Page page;
  page.add("cluster \"example\"", cluster.view());
  page.add("subject of stream \"thread-1\"", prepare.subject.view());
  page.add("subject of proposal \"thread-1\"", proposal_subject(cluster, "thread-1").view());
  page.add("key of voter 1 (seed: 32 bytes of 01)", key.id().view());
  page.add("prepare", encode_statement(prepare));
  page.add("prepare, with the state 32 times dd", encode_statement(stated));
  page.add("commit", encode_statement(commit));
  page.add("view-change", encode_statement(change));
  page.add("new-view", encode_statement(fresh));
  page.add("leaf of prepare", bundle_root(cluster, prepare, {}).view());
  page.add("leaf of commit", bundle_root(cluster, commit, {}).view());
  page.add("leaf of view-change", bundle_root(cluster, change, {}).view());
  const Hash root = bundle_root(cluster, prepare, bundle[0].path);
  page.add("root of the three", root.view());
  page.add("what voter 1 signs", bundle_statement(root));
  page.add("signature", bundle[0].signature.view());
  for (const auto& [name, at] : {std::pair("prepare", 0U), {"view-change", 2U}}) {
    ByteWriter out;
    write_path(out, bundle[at].path);
    page.add(std::string("path of ") + name, out.bytes());
  }
  page.add("certificate of voters 1 to 3, each of which signed nothing else",
           encode_certificate(voters.certify(cluster, commit.subject, *commit.value, 3)));
  const Slate slate(cluster, {{"thread-1", hash_of(0xaa)}, {"thread-2", hash_of(0xbb)}});
  page.add("slate of proposals \"thread-1\" and \"thread-2\", as 32 times aa and bb",
           slate.value().head.view());
  page.add("subject of the slate", slate.id().view());
  ByteWriter place;
  write_path(place, BundlePath{{}, slate.places()[1].path});
  page.add("path of \"thread-2\" where the statement about the slate is signed alone",
           place.bytes());
  membership::Roster two = voters.roster.next();
  for (const std::size_t lost : {2, 3}) two.remove(voters.signers[lost].id());
  page.add("roster of epoch 1, of voters 1 and 2, after that of all four", encode_roster(two));
  two.force();
  page.add("the same, forced", encode_roster(two));
  page.add("hash of the latter", membership::hash_of(two).view());
  return page.text();
}

TEST(ProtocolVectors, StandInTheDocument) {
  std::ifstream in(paths::source + std::string("/docs/PROTOCOL.md"));
  std::ostringstream text;
  text << in.rdbuf();
  const std::string made = vectors();
  EXPECT_NE(text.str().find("```\n" + made + "```"), std::string::npos)
      << "docs/PROTOCOL.md should have between its fences:\n"
      << made;
}

}  // namespace
}  // namespace vouch::consensus::vectors_test
