// Streams that all voters have finished: nothing is said of them any more, so nobody holds them in
// memory. What must still be known is asked here: that such a stream was there. Deliberately
// absent: what else is kept of it (lib/sync/released_row.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "vouch/base/bundle.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch {

class Released {
 public:
  explicit Released(const ClusterId& cluster) : cluster_(cluster) {}
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
  virtual ~Released() = default;

  /// Entries of a stream that was released, its close mark included; nothing of any other. Errors:
  /// io, malformed: it may be released or not.
  virtual Result<std::optional<std::uint64_t>> size_of(const SubjectId& stream) const = 0;
  /// For who cannot put off what rests on it: also true where that cannot be read. Rows that rest
  /// on such a guess must not be stored.
  bool contains(const SubjectId& stream) const {
    const auto size = size_of(stream);
    return !size || size->has_value();
  }
  bool contains(std::string_view name) const { return contains(subject_of(name)); }
  /// It is released from now on, though its row may not be stored yet.
  virtual void add(const SubjectId& stream, std::uint64_t size) = 0;
  /// The row that is about to be stored, for who asks in between.
  virtual void describe(const SubjectId& stream, Bytes row) = 0;

  SubjectId subject_of(std::string_view name) const { return stream_subject(cluster_, name); }
  Result<std::optional<std::uint64_t>> size_of(std::string_view name) const {
    return size_of(subject_of(name));
  }

 private:
  ClusterId cluster_;
};

}  // namespace vouch
