// A name of a released stream is not taken for a new one, whatever the disk says.
// SPDX-License-Identifier: MIT
#include "vouch/driver/released_rows.hpp"

#include <functional>

#include "tests/transport/temporary_folder.hpp"
#include <gtest/gtest.h>

#include "vouch/driver/lanes.hpp"

namespace vouch::driver::released_rows_test {
namespace {

constexpr const char* start = R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})";

/// A data folder, and what is asked of it.
struct Opened {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<ReleasedRows> rows;
  std::unique_ptr<Lanes> lanes;

  explicit Opened(const TemporaryFolder& folder) {
    auto opened = store::Store::open(folder.path / "store", {1U << 20});
    EXPECT_TRUE(opened);
    store = std::move(*opened);
    rows = std::make_unique<ReleasedRows>(ClusterId{}, *store);
    lanes = std::make_unique<Lanes>(
        1, validator::Policy{}, ingest::TableLimits{}, 1U << 20, [] {}, rows.get());
  }
  Result<void> keep(const std::string& stream, Bytes row) {
    const std::vector<Row> all{
        {Table::released, to_bytes(rows->subject_of(stream).view()), std::move(row)}};
    auto done = store->commit(all);
    return done ? store->checkpoint() : done;
  }
  Errc refusal(const std::string& stream) {
    const auto refused = lanes->submit(stream, start, std::nullopt, false);
    EXPECT_FALSE(refused);
    return refused ? Errc{} : refused.error().code;
  }
};

Bytes row_of(const std::string& stream) {
  sync::ReleasedRow row;
  row.name = stream;
  row.size = 3;
  return sync::encode_released_row(row);
}

/// Calls `use` while readers have taken all that a store has room for.
void crowd(const store::Store& store, const std::function<void()>& use) {
  bool crowded = false;
  const std::function<void()> read = [&] {
    const auto done = store.scan(Table::meta, {}, [&](ByteView, ByteView) {
      read();
      return false;
    });
    if (done || crowded) return;
    crowded = true;
    use();
  };
  read();
  EXPECT_TRUE(crowded);
}

TEST(ReleasedRows, ANameThatCannotBeLookedUpIsNotTaken) {
  const TemporaryFolder folder;
  {
    Opened peer(folder);
    ASSERT_TRUE(peer.keep("s", row_of("s")));
    EXPECT_EQ(peer.refusal("s"), Errc::not_allowed);
    EXPECT_EQ(peer.lanes->position("s"), std::pair(std::uint64_t{3}, true));
    crowd(*peer.store, [&] {
      EXPECT_EQ(peer.refusal("s"), Errc::io);
      EXPECT_EQ(peer.refusal("new"), Errc::io);
      EXPECT_EQ(peer.lanes->close("s").error().code, Errc::io);
      EXPECT_EQ(peer.lanes->position("s"), std::pair(std::uint64_t{0}, false)) << "not known";
      const std::vector<std::string> events{start};
      EXPECT_TRUE(peer.lanes->push("s", 0, events, false).digests.empty());
      EXPECT_FALSE(peer.lanes->rebase("s", {}, events, false));
      EXPECT_TRUE(peer.rows->contains("s"));
      EXPECT_TRUE(peer.rows->contains("new")) << "a guess";
    });
    EXPECT_EQ(peer.lanes->open_streams(), 0U);
    EXPECT_EQ(peer.keep("t", row_of("t")).error().code, Errc::io) << "nothing rests on guesses";
  }
  Opened again(folder);
  EXPECT_EQ(again.refusal("s"), Errc::not_allowed);
  EXPECT_FALSE(again.rows->contains("new"));
  EXPECT_TRUE(again.keep("t", row_of("t")));
}

TEST(ReleasedRows, ARowThatCannotBeReadIsOne) {
  const TemporaryFolder folder;
  Opened peer(folder);
  ASSERT_TRUE(peer.keep("s", Bytes{0xff}));
  EXPECT_EQ(peer.refusal("s"), Errc::malformed);
  EXPECT_TRUE(peer.rows->contains("s"));
  EXPECT_FALSE(peer.rows->find("s"));
}

}  // namespace
}  // namespace vouch::driver::released_rows_test
