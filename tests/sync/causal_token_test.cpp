// Tokens join like the writes they stand for; only a text that was given becomes one again.
// SPDX-License-Identifier: MIT
#include "vouch/machine/causal_token.hpp"

#include "tests/peer_named.hpp"
#include <gtest/gtest.h>

namespace vouch::causal_token_test {
namespace {

TEST(CausalToken, JoinsToTheFurthestOfEachSource) {
  const CausalToken::Source a{peer_named(1), "a"}, b{peer_named(1), "b"}, c{peer_named(2), "a"};
  CausalToken token(a, 3);
  token.join(CausalToken(a, 2));
  token.join(CausalToken(b, 1));
  token.join(CausalToken(c, 7));
  EXPECT_EQ(token.sizes().size(), 3U);
  EXPECT_EQ(*token.sizes().find(a)->value(), 3U);
  EXPECT_TRUE(CausalToken(c, 7).leq(token));
  EXPECT_FALSE(CausalToken(c, 8).leq(token));
  EXPECT_TRUE(CausalToken().leq(token));
}

TEST(CausalToken, ComesBackFromItsText) {
  CausalToken token({peer_named(1), "thread-1"}, 300);
  token.join(CausalToken({peer_named(9), ""}, 1));
  for (const CausalToken& one : {token, CausalToken()}) {
    const auto back = CausalToken::parse(one.text());
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(*back, one);
  }
}

TEST(CausalToken, OtherTextsAreRefused) {
  const std::string text = CausalToken({peer_named(1), "s"}, 3).text();
  const std::string longer = text + "00", shorter = text.substr(0, text.size() - 2);
  const std::string huge(CausalToken::text_bytes_max + 1, '0');
  // Another form, a count that cannot be true, the same source twice.
  const std::string form = "02" + text.substr(2), count = "01ffffff7f" + text.substr(4);
  const std::string twice = "0102" + text.substr(4) + text.substr(4);
  for (const std::string& bad :
       {std::string(), std::string("zz"), longer, shorter, huge, form, count, twice}) {
    const auto token = CausalToken::parse(bad);
    ASSERT_FALSE(token) << bad.substr(0, 80);
    EXPECT_EQ(token.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace vouch::causal_token_test
