// SPDX-License-Identifier: MIT
#include "tools/demo_receipt.hpp"

#include <optional>

#include "tools/dump_source.hpp"
#include "tools/receipt_file.hpp"

namespace vouch::tools {
namespace {

using Events = std::vector<std::string>;

/// The events with another letter in the first text delta; nothing when there is none.
std::optional<Events> tampered(Events events) {
  constexpr std::string_view key = "\"delta\"";
  for (std::string& event : events) {
    const std::size_t member = event.find(key);
    if (event.find("\"TEXT_MESSAGE_CONTENT\"") == std::string::npos ||
        member == std::string::npos) {
      continue;
    }
    const std::size_t letter = event.find('"', member + key.size()) + 1;
    const bool plain = letter < event.size() && ((event[letter] >= 'a' && event[letter] <= 'z') ||
                                                 (event[letter] >= 'A' && event[letter] <= 'Z'));
    if (!plain) continue;
    event[letter] = event[letter] == 'x' ? 'y' : 'x';
    return events;
  }
  return std::nullopt;
}

Result<consensus::Flaw> fold(const consensus::Receipt& receipt, const Events& events) {
  auto check = consensus::EventCheck::begin(receipt);
  if (!check) return tl::unexpected(check.error());
  for (const std::string& event : events) check->feed(event);
  return check->finish();
}

}  // namespace

Result<ReceiptOutcome> try_receipt(ProcessCluster& cluster, const RecordedStream& stream) {
  const auto other = tampered(stream.events);
  if (!other) return fail(Errc::unknown, "no text to tamper with in " + stream.name);
  const auto dump = load_dump(cluster.peers().front().socket, {});
  if (!dump) return tl::unexpected(dump.error());
  const auto receipt = receipt_of_dump(*dump, stream.name, 0);
  if (!receipt) return tl::unexpected(receipt.error());
  const auto roster = read_roster(cluster.peers().back().config());
  if (!roster) return tl::unexpected(roster.error());

  const Certificate& c = receipt->certificate;
  ReceiptOutcome out{stream.name, c.height, c.value.size, c.commits.size(), false, false};
  const auto checked = check_receipt(*receipt, *roster, "");
  if (!checked) return tl::unexpected(checked.error());
  const auto told = fold(*receipt, stream.events);
  const auto forged = fold(*receipt, *other);
  if (!told) return tl::unexpected(told.error());
  if (!forged) return tl::unexpected(forged.error());
  out.valid = checked->flaw == consensus::Flaw::none && *told == consensus::Flaw::none;
  out.tampered_refused = *forged == consensus::Flaw::head_differs;
  return out;
}

}  // namespace vouch::tools
