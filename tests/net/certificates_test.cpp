// Real peers certify what they agree on, and a receipt convinces whoever trusts the roster.
// SPDX-License-Identifier: MIT
#include <set>

#include "tests/net/daemons.hpp"
#include "tests/tools/process.hpp"
#include <fmt/format.h>

namespace vouch::net::certificates_test {
namespace {

using std::chrono::seconds;

/// Every peer holds a certificate of the whole stream, the close mark included, all of one head,
/// and nobody had to change a view for it.
testing::AssertionResult certified(Daemons& peers, const Submitted& expected) {
  std::set<std::string> heads;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const json::Value dump = peers.dump(i);
    const json::Value* held = find_by(tools::list(dump, "certificates"), "stream", expected.stream);
    if (held == nullptr) return testing::AssertionFailure() << "none at peer " << i;
    if (tools::number(*held, "size") != expected.entries || tools::number(*held, "view") != 0) {
      return testing::AssertionFailure()
             << fmt::format("peer {}: size {} of {}, view {}", i, tools::number(*held, "size"),
                            expected.entries, tools::number(*held, "view"));
    }
    heads.insert(tools::text(*held, "head"));
  }
  if (heads.size() == 1) return testing::AssertionSuccess();
  return testing::AssertionFailure() << heads.size() << " heads";
}

std::string lines(const std::vector<std::string>& events) {
  std::string out;
  for (const std::string& event : events) out += event + "\n";
  return out;
}

TEST(Certificates, OfAClosedStreamAreHeldByAllAndConvinceWithoutThem) {
  Daemons peers(4);
  peers.start_all();
  const auto events = run_events("t", 40);
  peers.submit(0, "t", events);
  ASSERT_TRUE(within(seconds(20), [&] { return certified(peers, peers.submitted().front()); }));

  const auto& folder = peers.cluster().folder();
  const std::string receipt = folder / "t.receipt";
  const tools::Ran roster = tools::run("vouch-dump", {"roster", peers[1].socket});
  ASSERT_EQ(roster.code, 0) << roster.err;
  const tools::Ran taken =
      tools::run("vouch-dump", {"receipt", "t", "--peer", peers[2].socket, "--out", receipt});
  ASSERT_EQ(taken.code, 0) << taken.err;
  ASSERT_TRUE(peers.cluster().stop_all(seconds(10)));

  const std::string voters = tools::write_file(folder / "roster.json", roster.out);
  const auto verify = [&](const std::string& told) {
    const std::string file = tools::write_file(folder / "events.jsonl", told);
    return tools::run("vouch-dump", {"verify", receipt, "--roster", voters, "--events", file});
  };
  const tools::Ran valid = verify(lines(events));
  EXPECT_EQ(valid.code, 0) << valid.out << valid.err;
  EXPECT_NE(valid.out.find("to the certified head"), std::string::npos) << valid.out;

  auto tampered = events;
  std::string& delta = tampered.at(7);
  delta.at(delta.rfind('x')) = 'y';
  const tools::Ran refused = verify(lines(tampered));
  EXPECT_EQ(refused.code, 1) << refused.out << refused.err;
  EXPECT_EQ(refused.out.rfind("not valid", 0), 0U) << refused.out;
}

}  // namespace
}  // namespace vouch::net::certificates_test
