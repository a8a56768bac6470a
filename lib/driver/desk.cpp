// SPDX-License-Identifier: MIT
#include "vouch/driver/desk.hpp"

#include "vouch/driver/driver.hpp"
#include "vouch/ingest/verdict_codec.hpp"
#include "vouch/observe/dump.hpp"

namespace vouch::driver {
namespace {

Refused refusal(const Error& error) {
  return {error.code, error.detail};
}

MessageBody answer(Driver& driver, const Open& open) {
  const auto [next, closed] = driver.lanes().position(open.stream);
  return Opened{next, closed};
}

/// Answers for as many events as were taken: the client goes on behind them. A refusal of the
/// very first one is the answer itself.
MessageBody answer(Driver& driver, const Submit& submit) {
  Verdicts out;
  std::optional<std::uint64_t> index = submit.first;
  for (const std::string& event : submit.events) {
    const auto taken = driver.lanes().submit(submit.stream, event, index, false);
    if (!taken && out.verdicts.empty()) return refusal(taken.error());
    if (!taken) break;
    out.verdicts.push_back(ingest::encode_submitted(*taken));
    if (index) ++*index;
  }
  if (submit.closes && out.verdicts.size() == submit.events.size()) {
    const auto closing = driver.lanes().close(submit.stream);
    if (!closing) return refusal(closing.error());
    ingest::Submitted mark{
        ingest::Answer::verdict, driver.lanes().position(submit.stream).first - 1, {*closing}};
    out.verdicts.push_back(ingest::encode_submitted(mark));
  }
  out.next = driver.lanes().position(submit.stream).first;
  return out;
}

MessageBody answer(Driver& driver, const Dump& wanted) {
  if (const auto known = observe::check_parts(wanted); !known) return refusal(known.error());
  return Dumped{driver.dump(wanted)};
}

/// What was proposed is told with where the change stands.
MessageBody answer(Driver& driver, const ChangeRoster& change) {
  if (!change.roster.empty()) {
    const auto next = membership::decode_roster(change.roster);
    if (!next) return refusal(next.error());
    if (auto proposed = driver.propose_roster(*next); !proposed) return refusal(proposed.error());
  }
  return Dumped{driver.rosters()};
}

}  // namespace

std::optional<Message> answer_client(Driver& driver, const Message& message) {
  if (const auto* open = std::get_if<Open>(&message.body)) {
    return Message{message.id, answer(driver, *open)};
  }
  if (const auto* submit = std::get_if<Submit>(&message.body)) {
    return Message{message.id, answer(driver, *submit)};
  }
  if (const auto* dump = std::get_if<Dump>(&message.body)) {
    return Message{message.id, answer(driver, *dump)};
  }
  if (const auto* change = std::get_if<ChangeRoster>(&message.body)) {
    return Message{message.id, answer(driver, *change)};
  }
  return std::nullopt;
}

}  // namespace vouch::driver
