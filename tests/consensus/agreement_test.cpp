// One voter's agreement against words that are made up.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/agreement.hpp"

#include "tests/consensus/panel.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/base/remembering_signer.hpp"
#include "vouch/consensus/messages.hpp"

namespace vouch::consensus::agreement_test {
namespace {

// Checked bundles are remembered. The memory must not take another bundle for one of them,
// whatever signature is put under it.
TEST(Agreement, RememberedSignaturesCoverNothingElse) {
  const Voters voters(4);
  const NoChains chains;
  const ClusterId cluster{};
  const RememberingSigner signer(voters.signers[0]);
  Agreement agreement({cluster, voters.roster, signer, chains, "rules", 0, {}});
  const Signer& other = voters.signers[1];
  Statement honest;
  honest.phase = Phase::prepare;
  honest.subject = stream_subject(cluster, "s");
  honest.view = 1;
  honest.incarnation = 1;
  honest.value = Value{1, Hash{}, 0};
  const SignedStatement vote = sign_bundle(cluster, other, {honest}).front();
  const auto hear = [&](const SignedStatement& said) {
    agreement.on_words(Instant{}, other.id(), encode_words({{SubjectKind::stream, "s", said}}));
    return agreement.counters().bad_words;
  };
  ASSERT_EQ(hear(vote), 0u);
  ASSERT_EQ(hear(vote), 0u);
  SignedStatement forged = vote;
  forged.statement.value->size = 2;
  EXPECT_EQ(hear(forged), 1u);
  // A signature bent so that its sum with the new root is the old one.
  const Hash was = bundle_root(cluster, vote.statement, vote.path);
  const Hash is = bundle_root(cluster, forged.statement, forged.path);
  for (std::size_t i = 0; i < Hash::size; ++i) {
    forged.signature.bytes[i] =
        static_cast<std::uint8_t>(forged.signature.bytes[i] ^ was.bytes[i] ^ is.bytes[i]);
  }
  EXPECT_EQ(hear(forged), 2u);
}

}  // namespace
}  // namespace vouch::consensus::agreement_test
