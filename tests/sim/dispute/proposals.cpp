// Subjects of users beside the disputed stream: much of what is said about them at one time leaves
// in one bundle.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/sim/dispute/disputing.hpp"
#include <fmt/format.h>

#include "vouch/base/bundle.hpp"

namespace vouch::sim {
namespace {

constexpr std::size_t subjects_max = 12;

}  // namespace

/// Others may propose something else. A proposal is on no disk: who waits for a decision asks
/// again, after a crash for something else perhaps.
void Disputing::propose(Copy& copy, std::size_t index) {
  const bool may = copy.honest && copy.agreement->rosters().newest().contains(copy.id);
  if (!may) {  // somebody else, then
    if (settings_.spares > 0) plan(Kind::propose, (index + 1) % copies_.size(), 2000 * ms);
    return;
  }
  if (now_ < trouble_until_) {
    const std::size_t count = 1 + random_.below(subjects_max);
    for (std::size_t i = subjects_.size(); i < count; ++i)
      subjects_.push_back(fmt::format("p{}", i));
  }
  for (const std::string& name : subjects_) {
    const Bytes value = to_bytes(as_bytes(fmt::format("{}", random_.below(3))));
    const SubjectId subject = proposal_subject(cluster_, name);
    const Statement said = consensus::proposal_statement(subject, 0, crypto::blake2b(value));
    referee_->proposed(subject, *said.value);
    (void)copy.agreement->propose(now(), name, value);
  }
  if (!decided_all(copy)) plan(Kind::propose, index, 2000 * ms);
}

bool Disputing::decided_all(const Copy& copy) const {
  return std::ranges::all_of(subjects_, [&](const std::string& name) {
    const auto last = copy.agreement->certificate(consensus::SubjectKind::proposal, name);
    return last && last->value != Value{};
  });
}

}  // namespace vouch::sim
