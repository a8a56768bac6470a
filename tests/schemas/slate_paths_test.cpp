// Paths that lead through a slate: they survive, what commits share stands once, and nothing else
// is read.
// SPDX-License-Identifier: MIT
#include "tests/hash_of.hpp"
#include <gtest/gtest.h>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/certificate_columns.hpp"

namespace vouch::slate_paths_test {
namespace {

/// Each commit hangs beside one other statement.
Certificate certificate(std::size_t commits) {
  Certificate out;
  out.value = {1, hash_of(8)};
  for (std::size_t i = 0; i < commits; ++i) {
    Certificate::Commit commit;
    commit.voter = *PeerId::from(hash_of(static_cast<std::uint8_t>(i + 1)).view());
    commit.path.hashes = {hash_of(6)};
    out.commits.push_back(commit);
  }
  return out;
}

/// Commits to one subject of a slate of five.
Certificate on_slate(std::size_t commits) {
  Certificate out = certificate(commits);
  for (Certificate::Commit& commit : out.commits) {
    SlatePath path;
    path.size = 5;
    path.sides = 2;
    path.hashes = {hash_of(7), hash_of(8)};
    commit.path.slate = path;
  }
  return out;
}

TEST(Slates, PathsSurvive) {
  Certificate plain = on_slate(3);
  Certificate mixed = plain;
  mixed.commits[1].path.slate.reset();
  Certificate different = plain;
  different.commits[2].path.slate->hashes[0] = hash_of(9);
  for (const Certificate& one : {plain, mixed, different}) {
    const auto back = decode_certificate(encode_certificate(one));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*back, one);
    const Bytes packed = pack_certificates({one, plain});
    ByteReader in(packed);
    EXPECT_EQ(unpack_certificates(in), (std::vector{one, plain}));
    EXPECT_TRUE(in.done());
  }
  EXPECT_EQ(encode_certificate(plain).size() - encode_certificate(certificate(3)).size(),
            3 + 2 * Hash::size)
      << "commits share it";
}

TEST(Slates, OnlyWhatAWriterMakesIsRead) {
  const auto reads = [](const Certificate& one) {
    return decode_certificate(encode_certificate(one)).has_value();
  };
  Certificate odd = on_slate(1);
  odd.commits[0].path.slate->size = 1;
  EXPECT_FALSE(reads(odd));
  odd = on_slate(1);
  odd.commits[0].path.slate->size = 257;
  EXPECT_FALSE(reads(odd));
  odd = on_slate(1);
  odd.commits[0].path.slate->hashes.clear();
  EXPECT_FALSE(reads(odd));
  odd = on_slate(1);
  odd.commits[0].path.slate->hashes.resize(9);
  EXPECT_FALSE(reads(odd));
  odd = on_slate(1);
  odd.commits[0].path.slate->sides = 4;
  EXPECT_FALSE(reads(odd));
  // That of the commit before, which has none.
  Bytes bytes = encode_certificate(certificate(1));
  const std::size_t count = bytes.size() - Signature::size - Hash::size - 2;
  ASSERT_EQ(bytes[count], 1);
  bytes[count] = 33;
  EXPECT_FALSE(decode_certificate(bytes).has_value());
}

}  // namespace
}  // namespace vouch::slate_paths_test
