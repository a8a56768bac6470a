// Key files: what was saved is loaded, and nothing that others could have read is trusted.
// SPDX-License-Identifier: MIT
#include "vouch/transport/key_file.hpp"

#include <fstream>
#include <sstream>

#include "temporary_folder.hpp"
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace vouch::transport::key_file_test {
namespace {

namespace fs = std::filesystem;

struct KeyFile : testing::Test {
  TemporaryFolder folder;
  fs::path file = folder.path / "peer.key";
  crypto::Seed seed = crypto::random_seed();

  std::string text() const {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
  }
  void write(const std::string& content) const {
    std::ofstream(file) << content;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  }
  void expect_refused(Errc code) const {
    const auto loaded = load_seed(file);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, code) << loaded.error().text();
  }
};

TEST_F(KeyFile, SavedSeedsAreLoaded) {
  ASSERT_TRUE(save_seed(file, seed));
  const auto loaded = load_seed(file);
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_EQ(loaded->bytes, seed.bytes);
  EXPECT_NE(text().find(crypto::SigningKey(seed).id().hex()), std::string::npos);
}

TEST_F(KeyFile, IsForItsOwnerOnlyWhateverTheMask) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(save_seed(file, seed));
  ::umask(before);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(KeyFile, NeverReplacesAFile) {
  ASSERT_TRUE(save_seed(file, seed));
  const std::string before = text();
  const auto again = save_seed(file, crypto::random_seed());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::io);
  EXPECT_EQ(text(), before);
}

TEST_F(KeyFile, IsRefusedWhenOthersMayReadIt) {
  for (const auto extra : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
    fs::remove(file);
    ASSERT_TRUE(save_seed(file, seed));
    fs::permissions(file, extra, fs::perm_options::add);
    expect_refused(Errc::not_allowed);
  }
}

TEST_F(KeyFile, IsRefusedWhenAnotherUserOwnsIt) {
  ASSERT_TRUE(save_seed(file, seed));
  if (::chown(file.c_str(), 12345, 12345) != 0) GTEST_SKIP() << "only root can give files away";
  expect_refused(Errc::not_allowed);
}

TEST_F(KeyFile, IsRefusedWhenItHoldsNoSeed) {
  const std::string digits(64, 'a');
  for (const std::string& bad :
       {std::string(), std::string("# only a comment\n"), digits + "a\n", digits.substr(2) + "\n",
        std::string(64, 'g') + "\n", std::string(10'000, 'a')}) {
    write(bad);
    expect_refused(Errc::malformed);
  }
  write("# comment\n\n" + digits);
  EXPECT_TRUE(load_seed(file));
}

TEST_F(KeyFile, IsRefusedWhenItIsNoFile) {
  expect_refused(Errc::io);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  expect_refused(Errc::io);
  fs::remove(file);
  fs::create_directory(file);
  expect_refused(Errc::io);
}

}  // namespace
}  // namespace vouch::transport::key_file_test
