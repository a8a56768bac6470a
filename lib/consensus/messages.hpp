// What voters tell each other directly, outside the gossip: everything about views from 1 on,
// certificates, and questions. Decoding takes any bytes; signatures and meaning are judged by the
// instance that a word is about.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "vouch/consensus/slate.hpp"
#include "vouch/schemas/votes.hpp"
#include "vouch/validator/links.hpp"

namespace vouch::consensus {

using validator::LinkList;

/// A view-change and what makes it complete: the entries of its claim, the prepares of its lock.
struct ViewChange {
  SignedStatement vote;
  std::optional<LinkList> links;
  std::vector<SignedStatement> lock_proof;
  bool operator==(const ViewChange&) const = default;
};

/// The primary's choice and the view-changes that it follows from.
struct NewView {
  SignedStatement vote;
  std::vector<ViewChange> basis;  ///< by voter
  bool operator==(const NewView&) const = default;
};

struct AskCertificate {
  std::uint32_t height = 1;
  bool operator==(const AskCertificate&) const = default;
};
/// Somebody waits for a certificate of at least so many entries.
struct Request {
  std::uint64_t size = 0;
  bool operator==(const Request&) const = default;
};
/// Asks for the entries of the segment that contains entry `from`, up to `size` entries.
struct AskLinks {
  std::uint64_t from = 0;
  std::uint64_t size = 0;
  bool operator==(const AskLinks&) const = default;
};
inline constexpr std::size_t proposal_bytes_max = 64U << 10;
/// A value for a subject, from its proposer; passed on by whoever hears it first. It is signed with
/// the votes that left with it.
struct Proposal {
  Bytes bytes;
  PeerId proposer;
  BundlePath path;
  Signature signature;
  bool operator==(const Proposal&) const = default;
};

/// What a voter knows as its roster ends (handover.hpp), signed by the hash of the index.
struct Handover {
  SignedStatement vote;
  Bytes index;
  bool operator==(const Handover&) const = default;
};
/// Asks for all handovers of an epoch but those of some voters, which are read.
struct AskHandovers {
  std::uint32_t epoch = 0;
  std::vector<PeerId> read;  ///< rising
  bool operator==(const AskHandovers&) const = default;
};

/// Asks for pages of handovers.
struct AskPages {
  std::vector<Hash> pages;
  bool operator==(const AskPages&) const = default;
};
inline constexpr std::size_t asked_pages_max = 32;
/// One of them; its hash says which.
struct HandoverPage {
  Bytes bytes;
  bool operator==(const HandoverPage&) const = default;
};

/// The new view of a slate, with what stands on it.
struct SlateOffer {
  SignedStatement vote;
  std::vector<SlateEntry> entries;
  /// The same, as far as it was made already: for who opens the bundle.
  std::shared_ptr<const Slate> slate = {};
  bool operator==(const SlateOffer& other) const {
    return vote == other.vote && entries == other.entries;
  }
};

using Body = std::variant<SignedStatement, ViewChange, NewView, Certificate, AskCertificate,
                          Request, AskLinks, LinkList, Proposal, Handover, AskHandovers, AskPages,
                          HandoverPage, SlateOffer>;

enum class SubjectKind : std::uint8_t { stream = 1, proposal = 2, roster = 3, slate = 4 };

/// One thing said about one subject.
struct Word {
  SubjectKind kind = SubjectKind::stream;
  std::string name;
  Body body;
  bool operator==(const Word&) const = default;
};

/// A page of a handover, for who lacks it.
Word page_word(ByteView bytes);

Bytes encode_word(const Word& word);
/// Spoils `in` for anything that no writer makes.
Word read_word(ByteReader& in);
inline constexpr std::size_t word_bytes_min = 4;
/// Words that stand alone as one message (word_bundle.hpp has all that one may be).
Bytes encode_words(const std::vector<Word>& words);

void write_view_change(ByteWriter& out, const ViewChange& change);
/// Hash that a new view names as its basis.
Hash basis_hash(const std::vector<ViewChange>& basis);
/// What a proposer signs: the value, for an instance whose roster has `epoch`.
Statement proposal_statement(const SubjectId& subject, std::uint32_t epoch, const Hash& value);
/// The same of a roster, decided by the one before.
Statement roster_statement(const SubjectId& subject, const Value& value);

}  // namespace vouch::consensus
