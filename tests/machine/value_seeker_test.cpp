// All others are asked for a value, each second, until somebody tells it or a minute is over.
// SPDX-License-Identifier: MIT
#include "vouch/machine/value_seeker.hpp"

#include "tests/peer_named.hpp"
#include <gtest/gtest.h>

namespace vouch::machine::value_seeker_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Seeking : testing::Test {
  const std::vector<PeerId> others{peer_named(1), peer_named(2)};
  ValueSeeker seeker;
  Instant now{};

  std::size_t asked() {
    Outbox out;
    seeker.on_tick(now, others, out);
    return out.sends.size();
  }
};

TEST_F(Seeking, AsksAllOthersAgainAndAgain) {
  EXPECT_FALSE(seeker.next_deadline());
  seeker.seek(now, SubjectId{{1}}, "leader");
  EXPECT_EQ(seeker.next_deadline(), now);
  EXPECT_EQ(asked(), 2u);
  EXPECT_EQ(asked(), 0u);
  EXPECT_EQ(seeker.next_deadline(), now + seconds(1));
  now += milliseconds(999);
  seeker.seek(now, SubjectId{{1}}, "leader");
  EXPECT_EQ(asked(), 0u) << "who waits as well does not make it ask more often";
  now += milliseconds(1);
  EXPECT_EQ(asked(), 2u);
  EXPECT_EQ(seeker.name_of(SubjectId{{1}}), "leader");
  seeker.end(SubjectId{{1}});
  EXPECT_FALSE(seeker.name_of(SubjectId{{1}}));
  EXPECT_FALSE(seeker.next_deadline());
}

TEST_F(Seeking, EndsWhenNobodyKnows) {
  seeker.seek(now, SubjectId{{1}}, "leader");
  std::size_t times = 0;
  for (int second = 0; second < 100; ++second, now += seconds(1)) times += asked() / 2;
  EXPECT_EQ(times, 60u);
  EXPECT_FALSE(seeker.name_of(SubjectId{{1}}));
}

TEST_F(Seeking, SeeksNoMoreThanSoMany) {
  for (std::uint16_t i = 0; i < 2000; ++i) {
    SubjectId id;
    id.bytes[0] = static_cast<std::uint8_t>(i);
    id.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    seeker.seek(now, id, "many");
  }
  EXPECT_EQ(asked(), 2 * 1024u);
}

}  // namespace
}  // namespace vouch::machine::value_seeker_test
