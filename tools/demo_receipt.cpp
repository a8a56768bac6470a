// SPDX-License-Identifier: MIT
#include "tools/demo_receipt.hpp"

#include "tools/dump_source.hpp"
#include "tools/receipt_file.hpp"

namespace vouch::tools {
namespace {

Result<consensus::Flaw> fold(const consensus::Receipt& receipt, const EventTexts& events) {
  auto check = consensus::EventCheck::begin(receipt);
  if (!check) return tl::unexpected(check.error());
  for (const std::string& event : events) check->feed(event);
  return check->finish();
}

}  // namespace

std::optional<EventTexts> tampered(EventTexts events) {
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

Result<ReceiptOutcome> try_receipt(const ProcessPeer& from, const ProcessPeer& roster_of,
                                   const std::string& stream, const EventTexts& told,
                                   const EventTexts& forged) {
  const auto dump = load_dump(from.socket, {});
  if (!dump) return tl::unexpected(dump.error());
  const auto receipt = receipt_of_dump(*dump, stream, 0);
  if (!receipt) return tl::unexpected(receipt.error());
  const auto roster = read_roster(roster_of.config());
  if (!roster) return tl::unexpected(roster.error());

  const Certificate& c = receipt->certificate;
  ReceiptOutcome out{stream, c.height, c.value.size, c.commits.size(), false, false};
  const auto checked = check_receipt(*receipt, *roster, *roster, "");
  if (!checked) return tl::unexpected(checked.error());
  const auto of_told = fold(*receipt, told), of_forged = fold(*receipt, forged);
  if (!of_told) return tl::unexpected(of_told.error());
  if (!of_forged) return tl::unexpected(of_forged.error());
  out.valid = checked->flaw == consensus::Flaw::none && *of_told == consensus::Flaw::none;
  out.tampered_refused = *of_forged == consensus::Flaw::head_differs;
  return out;
}

}  // namespace vouch::tools
