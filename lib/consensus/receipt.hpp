// A receipt: a certificate with what somebody needs to check it years later, alone, with a roster
// and at will the events. docs/RECEIPTS.md says what it proves. Absent: files, peers, clocks.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vouch/base/signer.hpp"
#include "vouch/membership/roster.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/votes.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::consensus {

struct Receipt {
  ClusterId cluster;
  std::string stream;
  std::string rule_set;  ///< id that the certified head is bound to
  Certificate certificate;
  bool operator==(const Receipt&) const = default;
};

/// One JSON object, see docs/RECEIPTS.md.
std::string write_receipt(const Receipt& receipt);
/// From any text; Errc::malformed for what write_receipt does not make.
Result<Receipt> read_receipt(std::string_view text);

enum class Flaw : std::uint8_t {
  none,
  other_cluster,
  other_stream,  ///< the certificate is about another stream than the receipt says
  other_epoch,   ///< the roster is that of another epoch
  not_a_voter,   ///< somebody signed who is not on the roster, or twice
  too_few,       ///< fewer than a quorum signed
  bad_signature,
  events_missing,  ///< fewer events than were certified
  head_differs,    ///< these events do not fold to the certified head
  other_rules,     ///< the key of the stream means another rule set than the receipt says
};
/// For people: "fewer voters than a quorum signed".
std::string_view describe(Flaw flaw);

/// Who may certify: what the verifier trusts.
struct Electorate {
  ClusterId cluster;
  membership::Roster roster;
};

/// Checks cluster, stream, roster, quorum and every signature. `signer` only verifies: its own key
/// plays no part. Pure and thread-safe.
Flaw verify_receipt(const Receipt& receipt, const Electorate& electorate, const Signer& signer);

/// The epoch whose roster named the rule set of the receipt's stream; 0: that of the configs, which
/// no roster names. Nothing: the stream is called as none can be.
std::optional<std::uint32_t> rules_epoch(const Receipt& receipt);
/// `naming`: the roster of that epoch, which is not 0. It must name the rule set of the receipt;
/// the certificate must not be of an earlier epoch.
Flaw check_rules(const Receipt& receipt, const membership::Roster& naming);

/// Folds the events of the receipt's stream again and compares what comes out.
class EventCheck {
 public:
  /// Errc::invalid_config when the rule set is unknown here; of custom rules `custom` must have
  /// those that it names.
  static Result<EventCheck> begin(const Receipt& receipt, validator::CustomRules custom = {});

  /// The next event in order; those beyond the certified ones are counted and left out.
  void feed(std::string_view unit);
  /// After the last event. Where one entry more was certified than there are events, it was the
  /// close mark.
  Flaw finish();
  /// After finish gave none: whether the events give the certified state, too. Nothing where no
  /// state was certified. Another version of this program may hash states otherwise: then that they
  /// differ means nothing.
  std::optional<bool> same_state() const;
  std::uint64_t folded() const { return validator_.size(); }  ///< entries, the close mark included
  std::uint64_t beyond() const { return beyond_; }
  bool closed() const { return validator_.closed(); }

 private:
  EventCheck(const Value& certified, validator::Options options)
      : certified_(certified), validator_(std::move(options)) {}
  Value certified_;
  std::uint64_t beyond_ = 0;
  validator::StreamValidator validator_;
};

}  // namespace vouch::consensus
