// The first look at UTF-8 against the whole of it, above all where blocks meet.
// SPDX-License-Identifier: MIT
#include "vouch/schemas/usual_utf8.hpp"

#include <string>

#include <gtest/gtest.h>

#include "vouch/schemas/utf8.hpp"

namespace vouch::json::usual_utf8_test {
namespace {

constexpr std::size_t text_size = 2 * block_size + 5;

/// Letters with a block behind them.
std::string letters() {
  return std::string(text_size, 'x') + std::string(block_size, '\0');
}

std::string_view text_of(const std::string& bytes) {
  return std::string_view(bytes).substr(0, text_size);
}

/// Elsewhere nothing passes.
#ifdef __SSE2__
constexpr bool by_the_block = true;
#else
constexpr bool by_the_block = false;
#endif

TEST(UsualUtf8, NothingElsePasses) {
  constexpr unsigned char thirds[] = {'x',  0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                      0xBF, 0xC0, 0xC2, 0xDF, 0xE1, 0xF1, 0xFF};
  std::size_t passed = 0;
  for (const std::size_t at : {std::size_t{0}, block_size - 2, block_size - 1, text_size - 3}) {
    std::string bytes = letters();
    for (unsigned first = 0; first < 256; ++first) {
      for (unsigned second = 0; second < 256; ++second) {
        bytes[at] = static_cast<char>(first);
        bytes[at + 1] = static_cast<char>(second);
        for (const unsigned char third : thirds) {
          bytes[at + 2] = static_cast<char>(third);
          if (!is_usual_utf8(text_of(bytes))) continue;
          ++passed;
          ASSERT_TRUE(valid_utf8(text_of(bytes))) << at << ": " << first << ' ' << second;
        }
      }
    }
  }
  EXPECT_EQ(passed > 100'000U, by_the_block) << passed;
}

TEST(UsualUtf8, LettersOfManyLanguagesPass) {
  for (const std::string_view letter : {"é", "ß", "я", "ع", "€", "価", "글", "\u2028"}) {
    for (std::size_t at = 0; at + letter.size() <= text_size; ++at) {
      std::string bytes = letters();
      bytes.replace(at, letter.size(), letter);
      EXPECT_EQ(is_usual_utf8(text_of(bytes)), by_the_block) << letter << " at " << at;
      if (at + letter.size() == text_size) continue;
      bytes[at + letter.size() - 1] = 'x';
      EXPECT_FALSE(is_usual_utf8(text_of(bytes))) << letter << " cut at " << at;
    }
  }
}

TEST(UsualUtf8, TheEdgesAreLeftToTheGeneralCheck) {
  for (const std::string_view text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\xA0\x80", "\xED\xA0\x80", "\xED\x9F\xBF",
        "\xF0\x9F\x98\x80", "\xF4\x90\x80\x80", "\xFE", "\xFF"}) {
    std::string bytes = letters();
    bytes.replace(7, text.size(), text);
    EXPECT_FALSE(is_usual_utf8(text_of(bytes)));
  }
}

}  // namespace
}  // namespace vouch::json::usual_utf8_test
