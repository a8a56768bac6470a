// Any bytes as a state to go on from: it is refused, or what follows is judged as ever and the
// same bytes come out again. Only certified bytes get so far, and rows of the own store.
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.hpp"

#include "vouch/schemas/bytes.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::fuzz {

void run(std::string_view input) {
  const std::uint8_t first = take_byte(input);
  validator::Options options{rules_of(first), "t"};
  options.keeps_states = true;
  options.state_interval = 1;
  auto stream = validator::StreamValidator::resume(as_bytes(input), options);
  if (!stream) return;
  VOUCH_CHECK(stream->state_at(stream->size()).has_value());
  const Bytes snapshot = stream->snapshot();
  VOUCH_CHECK(validator::StreamValidator::restore(snapshot, options).has_value());
  for (const char* event : {R"({"type":"RUN_STARTED","threadId":"t","runId":"next"})",
                            R"({"type":"TEXT_MESSAGE_START","messageId":"m0","role":"user"})",
                            R"({"type":"TEXT_MESSAGE_END","messageId":"m0"})",
                            R"({"type":"RUN_FINISHED","threadId":"t","runId":"next"})"}) {
    stream->feed(event);
  }
  stream->close();
  if (const auto next = stream->take_state()) {
    VOUCH_CHECK(validator::StreamValidator::resume(next->bytes, options).has_value());
  }
}

}  // namespace vouch::fuzz
