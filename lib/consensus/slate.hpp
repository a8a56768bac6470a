// Subjects that one primary leads in view 1, decided as one: what a voter says about the slate it
// says about each of them (base/bundle.hpp has the hashes). A plain value; which subjects may stand
// on one, and when they leave it, is in agreement_slates.cpp.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vouch/base/bundle.hpp"

namespace vouch::consensus {

/// A user's subject, and the hash of the bytes that it is to be decided as.
struct SlateEntry {
  std::string name;
  Hash head;
  bool operator==(const SlateEntry&) const = default;
};

class Slate {
 public:
  struct Place {
    SubjectId subject;
    Value value;
    SlatePath path;
  };

  /// Precondition: 2 to bundle_statements_max entries. O(n) hashes.
  Slate(const ClusterId& cluster, std::vector<SlateEntry> entries);

  const std::vector<SlateEntry>& entries() const { return entries_; }
  const std::vector<Place>& places() const { return places_; }
  /// What instances about the slate are about, and its name as one.
  const SubjectId& id() const { return id_; }
  std::string name() const { return {value_.head.bytes.begin(), value_.head.bytes.end()}; }
  const Value& value() const { return value_; }
  /// No subject stands on it twice.
  bool is_distinct() const;

 private:
  std::vector<SlateEntry> entries_;
  std::vector<Place> places_;
  SubjectId id_;
  Value value_;
};

/// What a certificate about the slate says about one that stands on it.
Certificate spread(const Certificate& whole, const Slate::Place& place);

void write_slate_entries(ByteWriter& out, const std::vector<SlateEntry>& entries);
/// Spoils `in` for anything that no writer makes.
std::vector<SlateEntry> read_slate_entries(ByteReader& in);

}  // namespace vouch::consensus
