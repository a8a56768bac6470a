// A state of many mebibytes is taken over, and after a cut in the middle goes on where it was: what
// was stored is not asked for again. VOUCH_STATE_MIB sets the size, 64 by default.
// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <string>

#include "tests/paths.hpp"
#include "tests/sync/four_voters.hpp"
#include "tests/sync/transfer_talk.hpp"
#include <gtest/gtest.h>

#include "vouch/state/cells.hpp"

namespace vouch::sync::large_state_test {
namespace {

using four::config;
using four::key;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Of one cell: its key, which has the name of the stream and the voter, and its row.
constexpr std::size_t name_bytes = 240, cell_bytes = 330;
constexpr std::size_t batch_cells = 128;

std::size_t cells_wanted() {
  const char* mebibytes = std::getenv("VOUCH_STATE_MIB");
  const std::size_t size = mebibytes != nullptr ? std::stoul(mebibytes) : sanitized ? 2 : 64;
  return (size << 20) / cell_bytes;
}

std::string name_of(std::size_t number) {
  std::string name = std::to_string(number);
  return name + std::string(name_bytes - name.size(), '.');
}

/// What a store holds of a state.
struct Store {
  std::map<Bytes, Bytes> cells;

  void write(Outbox& out) {
    for (Row& row : out.rows) {
      if (row.table != Table::cells) continue;
      if (row.value) {
        cells.insert_or_assign(std::move(row.key), std::move(*row.value));
      } else {
        cells.erase(row.key);
      }
    }
    out = {};
  }
  state::State read() const {
    state::State state;
    for (const auto& [cell, row] : cells) EXPECT_TRUE(state::restore_cell(cell, row, state));
    return state;
  }
};

struct LargeState : testing::Test {
  Replica teller{config(), key(3), {}, {}};  ///< all voters tell the same
  std::vector<Bytes> ends;
  Store store;
  std::size_t bytes = 0;  ///< of cells that were told
  Instant now{};

  LargeState() {
    teller.write_as(1);
    Records records;
    const std::size_t wanted = cells_wanted();
    for (std::size_t i = 0; i < wanted; ++i) {
      records.attestations.push_back({name_of(i), 0, i, Hash{{1}}, {}});
      if (records.attestations.size() < batch_cells && i + 1 < wanted) continue;
      std::ranges::sort(records.attestations, {}, [](const Attestation& a) { return a.stream; });
      Outbox out;
      teller.write(records, out);
      records = {};
      ends = {out.publish.back()};
    }
  }
  /// One process: it asks until it is done, or so many bytes were told.
  Replica live(std::size_t bytes_max) {
    Replica self(config(), key(0), store.read(), {});
    StateTransfer transfer({seconds(1), milliseconds(100)});
    const std::vector<PeerId> others{key(1).id(), key(2).id(), key(3).id()};
    for (const PeerId& voter : others) transfer.on_pulled(voter, true);
    bytes = 0;
    do {
      now += milliseconds(10);
      Outbox out;
      const auto taken =
          transfer.on_tick(now, self, others, 4, 1 + now.time_since_epoch().count(), out);
      if (taken) self.take_over(*taken, out);
      const std::vector<Send> sends = std::move(out.sends);
      store.write(out);
      for (const Send& send : sends) {
        if (send.to == others[0]) continue;  // one is silent
        const MessageBody answer = answer_of(teller, ends, send.message.body);
        if (const auto* cells = std::get_if<Cells>(&answer)) {
          for (const auto& cell : cells->cells) bytes += cell.key.size() + cell.row.size();
        }
        hear(transfer, now, send.to, send.message.id, answer);
      }
    } while (transfer.running() && bytes < bytes_max);
    return self;
  }
};

TEST_F(LargeState, GoesOnAfterACutWhereItWas) {
  std::size_t size = 0;
  state::visit_cells(teller.state(), teller.state(), [&size](const Bytes& cell, const Bytes& row) {
    size += cell.size() + row.size();
  });
  RecordProperty("bytes", std::to_string(size));
  live(size);  // two voters tell all: half of it
  const std::size_t before = bytes;
  EXPECT_FALSE(store.cells.empty());
  const Replica self = live(SIZE_MAX);
  EXPECT_EQ(self.state_digest(), teller.state_digest());
  EXPECT_EQ(self.frontier_digest(), teller.frontier_digest());
  // The last round of leaves before the cut was told and not stored.
  EXPECT_LE(before + bytes, 2 * size + 2 * (size / 8));
  EXPECT_GT(before, size / 2);
}

}  // namespace
}  // namespace vouch::sync::large_state_test
