// Subjects as batches and messages hold them: count (LEB128), then each (32 bytes), rising.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch {

/// `subjects` are rising.
inline Bytes pack_subjects(const std::vector<SubjectId>& subjects) {
  ByteWriter out(subjects.size() * SubjectId::size + 3);
  out.leb(subjects.size());
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    VOUCH_CHECK(i == 0 || subjects[i - 1] < subjects[i]);
    out.raw(subjects[i].view());
  }
  return out.take();
}

/// Spoils `in` when they are not.
inline std::vector<SubjectId> unpack_subjects(ByteReader& in) {
  std::vector<SubjectId> subjects(in.count(SubjectId::size));
  for (std::size_t i = 0; in.ok() && i < subjects.size(); ++i) {
    subjects[i] = in.fixed<SubjectId>();
    if (i > 0 && subjects[i] <= subjects[i - 1]) in.spoil();
  }
  return subjects;
}

}  // namespace vouch
