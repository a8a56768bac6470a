// SPDX-License-Identifier: MIT
#include "vouch/ingest/verdict_codec.hpp"

#include "vouch/schemas/byte_io.hpp"

namespace vouch::ingest {
namespace {

void write_finding(ByteWriter& out, const validator::Finding& finding) {
  out.zigzag(finding.index);
  out.u16(finding.code);
  out.u8(static_cast<std::uint8_t>(finding.severity));
  out.text(finding.message);
  out.text(finding.pointer);
  out.u8(finding.related ? 1 : 0);
  if (finding.related) out.zigzag(*finding.related);
}

validator::Finding read_finding(ByteReader& in) {
  validator::Finding finding;
  finding.index = in.zigzag();
  finding.code = in.u16();
  const std::uint8_t severity = in.u8();
  if (severity > 2) in.spoil();
  finding.severity = static_cast<validator::Severity>(severity);
  finding.message = in.text();
  finding.pointer = in.text();
  if (in.u8() != 0) finding.related = in.zigzag();
  return finding;
}

validator::Verdict read_verdict(ByteReader& in) {
  validator::Verdict verdict;
  verdict.index = in.zigzag();
  const std::uint8_t outcome = in.u8();
  if (outcome > 3) in.spoil();
  verdict.outcome = static_cast<validator::Outcome>(outcome);
  verdict.code = in.u16();
  for (std::size_t left = in.count(7); left > 0 && in.ok(); --left) {
    verdict.findings.push_back(read_finding(in));
  }
  return verdict;
}

}  // namespace

Bytes encode_submitted(const Submitted& submitted) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(submitted.answer));
  out.leb(submitted.index);
  out.leb(submitted.verdicts.size());
  for (const validator::Verdict& verdict : submitted.verdicts) {
    out.zigzag(verdict.index);
    out.u8(static_cast<std::uint8_t>(verdict.outcome));
    out.u16(verdict.code);
    out.leb(verdict.findings.size());
    for (const validator::Finding& finding : verdict.findings) write_finding(out, finding);
  }
  return out.take();
}

Result<Submitted> decode_submitted(ByteView bytes) {
  ByteReader in(bytes);
  Submitted out;
  const std::uint8_t answer = in.u8();
  if (answer > 2) in.spoil();
  out.answer = static_cast<Answer>(answer);
  out.index = in.leb();
  for (std::size_t left = in.count(5); left > 0 && in.ok(); --left) {
    out.verdicts.push_back(read_verdict(in));
  }
  if (!in.done()) return fail(Errc::malformed, "an answer has another form");
  return out;
}

}  // namespace vouch::ingest
