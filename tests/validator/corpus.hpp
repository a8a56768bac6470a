// Cases of tests/corpora as values.
// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/paths.hpp"
#include <gtest/gtest.h>

#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::validator {

/// All lines of a file below tests/. A missing or broken file fails the test.
inline std::vector<json::Value> json_lines(const std::string& name) {
  std::ifstream in(std::string(paths::source) + "/tests/" + name);
  EXPECT_TRUE(in.good()) << name;
  std::vector<json::Value> cases;
  for (std::string line; std::getline(in, line);) {
    auto value = json::parse(line);
    EXPECT_TRUE(value.has_value()) << name << ": " << line.substr(0, 80);
    if (value) cases.push_back(std::move(*value));
  }
  EXPECT_FALSE(cases.empty()) << name;
  return cases;
}

inline std::vector<json::Value> corpus(const std::string& name) {
  return json_lines("corpora/" + name);
}

inline std::vector<std::string> events_of(const json::Value& one) {
  std::vector<std::string> events;
  const json::Value* list = one.find("events");
  if (list == nullptr || list->get<json::Array>() == nullptr) return events;
  for (const json::Value& event : *list->get<json::Array>()) events.push_back(json::to_text(event));
  return events;
}

/// Raw units, for cases about decoding.
inline std::vector<std::string> lines_of(const json::Value& one) {
  std::vector<std::string> lines;
  const json::Value* list = one.find("lines");
  if (list == nullptr || list->get<json::Array>() == nullptr) return lines;
  for (const json::Value& line : *list->get<json::Array>()) {
    lines.push_back(*line.get<std::string>());
  }
  return lines;
}

inline std::string name_of_case(const json::Value& one) {
  const std::string* name = one.find_text("name");
  return name == nullptr ? "" : *name;
}

/// Every stream of every corpus, for tests of what must hold for any; the documents of
/// spec_fixtures as one stream more.
inline std::vector<std::vector<std::string>> all_streams() {
  std::vector<std::vector<std::string>> streams;
  for (const char* name :
       {"auv", "cxx_verify", "kotlin_verify", "real_streams", "spec_rules", "ts_verify"}) {
    for (const json::Value& one : corpus(name + std::string(".jsonl"))) {
      for (auto& units : {events_of(one), lines_of(one)}) {
        if (!units.empty()) streams.push_back(units);
      }
    }
  }
  auto& documents = streams.emplace_back();
  documents.emplace_back(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})");
  for (const json::Value& one : corpus("spec_fixtures.jsonl")) {
    if (const json::Value* document = one.find("doc"))
      documents.push_back(json::to_text(*document));
  }
  return streams;
}

}  // namespace vouch::validator
