// tests/corpora/disagreements.jsonl: every case in which we judge otherwise than a corpus, and why.
// A case in the file that agrees fails the test, and so does one that no test looked at.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <tuple>

#include "tests/validator/corpus.hpp"
#include "tests/validator/judged.hpp"

namespace vouch::validator {

class Disagreements {
 public:
  Disagreements(const std::string& of_corpus, const std::string& under) {
    for (const json::Value& line : corpus("disagreements.jsonl")) {
      EXPECT_NE(line.find_text("why"), nullptr) << name_of_case(line);
      if (*line.find_text("corpus") != of_corpus || *line.find_text("rules") != under) continue;
      std::optional<Rejection> ours;
      if (const json::Value* entry = line.find("ours"); entry->get<json::Object>() != nullptr) {
        ours = {*entry->find("index")->get<std::int64_t>(), *entry->find_text("rule")};
      }
      expected_[name_of_case(line)] = ours;
    }
  }
  ~Disagreements() {
    for (const auto& [name, ours] : expected_) EXPECT_TRUE(seen_.contains(name)) << name;
  }

  /// `theirs`: index of the first rejection by the corpus, nothing when valid.
  void compare(const std::string& name, std::optional<std::int64_t> theirs, const Judged& ours) {
    const auto index = ours.first ? std::optional(ours.first->index) : std::nullopt;
    const auto entry = expected_.find(name);
    if (entry == expected_.end()) {
      EXPECT_EQ(index, theirs) << name << ": " << (ours.first ? ours.first->rule : "valid");
      agreed_ += index == theirs ? 1 : 0;
      return;
    }
    seen_.insert(name);
    EXPECT_NE(index, theirs) << name << " agrees; take it off the list of disagreements";
    EXPECT_EQ(ours.first, entry->second) << name;
  }
  std::size_t agreed() const { return agreed_; }

 private:
  std::map<std::string, std::optional<Rejection>> expected_;
  std::set<std::string> seen_;
  std::size_t agreed_ = 0;
};

}  // namespace vouch::validator
