// Form: kind (1 stream, 2 proposal), name, size, head, certificate (sized, empty when there is
// none); of a stream summary, count and keys of who agrees; of a proposal its value (sized).
// SPDX-License-Identifier: MIT
#include "vouch/sync/released_row.hpp"

#include <algorithm>
#include <map>

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::sync {

ReleasedRow row_of(std::string name, const state::StreamCells& attestations) {
  ReleasedRow row;
  row.name = std::move(name);
  std::map<std::pair<std::uint64_t, Hash>, std::vector<PeerId>> ends;
  const auto add = [&](bool closed) {
    for (const auto& [voter, cell] : attestations.entries()) {
      const auto& [head, claim] = *cell.claims().begin();
      if (cell.contradicts_itself() || (closed && !claim.value.value()->closed)) continue;
      ends[{cell.rank().upto, head}].push_back(voter);
    }
  };
  // It is over: who has no vote any more may not have heard of its end, and several of them alike.
  add(true);
  if (ends.empty()) add(false);
  const auto most =
      std::ranges::max_element(ends, {}, [](const auto& e) { return e.second.size(); });
  if (most == ends.end()) return row;
  row.size = most->first.first + 1;
  row.head = most->first.second;
  row.agreeing = most->second;
  const auto* cell = attestations.find(row.agreeing.front());
  row.summary = *cell->claims().begin()->second.value.value();
  return row;
}

ReleasedRow row_of(std::string name, std::optional<Certificate> certificate) {
  ReleasedRow row;
  row.proposal = true;
  row.name = std::move(name);
  row.size = 1;
  if (certificate) row.head = certificate->value.head;
  row.certificate = std::move(certificate);
  return row;
}

bool tells_value(const ReleasedRow& row) {
  return row.proposal && row.certificate &&
         row.certificate->value.head == crypto::blake2b(row.value);
}

Bytes encode_released_row(const ReleasedRow& row) {
  ByteWriter out;
  out.u8(row.proposal ? 2 : 1);
  out.text(row.name);
  out.leb(row.size);
  out.raw(row.head.view());
  out.sized(row.certificate ? encode_certificate(*row.certificate) : Bytes{});
  if (row.proposal) {
    out.sized(row.value);
    return out.take();
  }
  write_summary(out, row.summary);
  out.leb(row.agreeing.size());
  for (const PeerId& voter : row.agreeing) out.raw(voter.view());
  return out.take();
}

Result<ReleasedRow> decode_released_row(ByteView bytes) {
  const auto malformed = [] {
    return fail(Errc::malformed, "a stored stream or proposal that is over has another form");
  };
  ByteReader in(bytes);
  ReleasedRow row;
  const std::uint8_t kind = in.u8();
  row.proposal = kind == 2;
  row.name = in.text();
  row.size = in.leb();
  row.head = in.fixed<Hash>();
  const ByteView certificate = in.sized();
  if (row.proposal) {
    row.value = to_bytes(in.sized());
  } else {
    row.summary = read_summary(in);
    for (std::size_t left = in.count(PeerId::size); left > 0 && in.ok(); --left) {
      row.agreeing.push_back(in.fixed<PeerId>());
    }
  }
  if (!in.done() || kind < 1 || kind > 2) return malformed();
  if (certificate.empty()) return row;
  auto read = decode_certificate(certificate);
  if (!read) return malformed();
  row.certificate = std::move(*read);
  return row;
}

}  // namespace vouch::sync
