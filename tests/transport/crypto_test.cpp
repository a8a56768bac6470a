// Known answers, and keys that must not be believed.
// SPDX-License-Identifier: MIT
#include "vouch/transport/crypto.hpp"

#include <gtest/gtest.h>

namespace vouch::crypto::crypto_test {
namespace {

Seed seed_from(std::string_view hex) {
  const Bytes bytes = from_hex(hex).value();
  Seed seed;
  std::copy(bytes.begin(), bytes.end(), seed.bytes.begin());
  return seed;
}

TEST(Crypto, SignsAsInRfc8032) {
  const SigningKey key(
      seed_from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  EXPECT_EQ(key.id().hex(), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Signature signature = key.sign({});
  EXPECT_EQ(signature.hex(),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
            "701cf9b4"
            "6bd25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(verify(key.id(), {}, signature));
  EXPECT_FALSE(verify(key.id(), as_bytes("x"), signature));
}

TEST(Crypto, HashesAsBlake2b) {
  EXPECT_EQ(blake2b({}).hex(), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

TEST(Crypto, AHasherGoesOnAfterAHash) {
  Hasher hasher;
  hasher.update(as_bytes("ab"));
  EXPECT_EQ(hasher.finish(), blake2b(as_bytes("ab")));
  hasher.update(as_bytes("c"));
  EXPECT_EQ(hasher.finish(), blake2b(as_bytes("abc")));
}

TEST(Crypto, BothCurveHalvesBelongTogether) {
  const SigningKey key(random_seed());
  EXPECT_EQ(key.curve_public(), curve_public_of(key.id()));
  EXPECT_NE(key.curve_public(), key.curve_secret());
}

TEST(Crypto, KeysOfSmallOrderAreNoKeys) {
  EXPECT_EQ(curve_public_of(PeerId{}), std::nullopt);
  PeerId one;
  one.bytes[0] = 1;
  EXPECT_EQ(curve_public_of(one), std::nullopt);
  EXPECT_FALSE(verify(one, as_bytes("x"), Signature{}));
}

}  // namespace
}  // namespace vouch::crypto::crypto_test
