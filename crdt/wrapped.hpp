// A type with its own mutators whose merging is that of another lattice.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/wire.hpp"

namespace vouch::crdt {

/// `Self` derives from `Wrapped<Self, Body>` and adds mutators and queries. All costs are Body's.
template <class Self, std::regular Body>
class Wrapped {
 public:
  Wrapped() = default;

  const Body& body() const { return body_; }
  void join(const Self& other) { body_.join(other.body()); }
  bool leq(const Self& other) const { return body_.leq(other.body()); }
  Self delta_of(const Self& local) const { return made(body_.delta_of(local.body())); }
  template <class Visit>
  void decompose(const Visit& visit) const {
    body_.decompose([&](const Body& part) { visit(made(part)); });
  }
  void write(ByteWriter& out, const Self& before) const
    requires Wired<Body>
  {
    Wire<Body>::write(out, body_, before.body());
  }
  static Self read(ByteReader& in, const Self& before)
    requires Wired<Body>
  {
    return made(Wire<Body>::read(in, before.body()));
  }
  bool operator==(const Wrapped&) const = default;

 protected:
  /// The value, mostly a delta, whose body is `body`.
  static Self made(Body body) {
    Self self;
    static_cast<Wrapped&>(self).body_ = std::move(body);
    return self;
  }

 private:
  Body body_;
};

}  // namespace vouch::crdt
