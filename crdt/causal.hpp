// A store with its causal context: what is sent, joined and kept of every causal type. Also how a
// store gets mutators of its own. Deliberately absent: a context inside the store, which could not
// be nested, and tombstones.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/dot_store.hpp"
#include "vouch/crdt/lattice.hpp"

namespace vouch::crdt {

/// A causal type as a lattice, and a delta of one: a delta covers exactly the dots that it speaks
/// about, those it adds and those it ends, so any part of it, in any order, is safe to join.
/// Mutators are the store's; they take the dot that `next` gives and return a delta:
///
///     Causal<AwSet<std::string>> set;
///     set.join(set->add(set.next(replica), "apple"));
///
/// Joins cost what the store's do: O(what the other side speaks about · log n). `Store` is a
/// DotStore; its mutators name this class while it is incomplete, so the head cannot ask for it.
template <class Store>
class Causal {
 public:
  Causal() { static_assert(DotStore<Store>); }
  /// Precondition: `context` covers all dots of `store`.
  Causal(Store store, DotContext context)
      : store_(std::move(store)), context_(std::move(context)) {}

  const Store& store() const { return store_; }
  const Store* operator->() const { return &store_; }
  /// All updates that this value knows, also those that are over.
  const DotContext& context() const { return context_; }
  /// The updates that still show. O(n).
  DotContext live() const { return dots_of(store_); }
  /// The dot of the next update of `replica`. Join the delta of one before you take another.
  Dot next(ReplicaId replica) const { return context_.next(replica); }

  void join(const Causal& other) {
    if (this == &other) return;
    store_.join(context_, other.store_, other.context_, nullptr);
    context_.join(other.context_);
  }
  bool leq(const Causal& other) const {
    return context_.leq(other.context_) && store_.leq(context_, other.store_);
  }
  Causal delta_of(const Causal& local) const {
    Causal news;
    news.context_ = context_.delta_of(local.context_);
    news.store_ = store_.delta_of(context_, local.store_, local.context_, news.context_);
    return news;
  }
  /// One part per live dot (more if its value has more), one per interval of dead ones.
  template <class Visit>
  void decompose(const Visit& visit) const {
    store_.decompose(
        [&](const Store& part, const Dot& dot) { visit(Causal(part, DotContext(dot))); });
    context_.delta_of(live()).decompose(
        [&](const DotContext& dead) { visit(Causal(Store{}, dead)); });
  }

  void write(ByteWriter& out, const Causal&) const
    requires WiredStore<Store>
  {
    context_.write(out, {});
    store_.write(out, context_);
  }
  static Causal read(ByteReader& in, const Causal&)
    requires WiredStore<Store>
  {
    DotContext context = DotContext::read(in, {});
    Store store = Store::read(in, context);
    return {std::move(store), std::move(context)};
  }

  bool operator==(const Causal&) const = default;

 private:
  Store store_;
  DotContext context_;
};

/// `Self` derives from `StoreOf<Self, Body>` and adds mutators and queries. All costs are Body's.
template <class Self, DotStore Body>
class StoreOf {
 public:
  StoreOf() = default;

  const Body& body() const { return body_; }
  bool empty() const { return body_.empty(); }
  template <class Visit>
  void each_dot(const Visit& visit) const {
    body_.each_dot(visit);
  }
  void join(const DotContext& own, const Self& other, const DotContext& theirs,
            DotChanges* changes) {
    body_.join(own, other.body(), theirs, changes);
  }
  bool leq(const DotContext& own, const Self& other) const { return body_.leq(own, other.body()); }
  Self delta_of(const DotContext& own, const Self& other, const DotContext& theirs,
                DotContext& news) const {
    return made(body_.delta_of(own, other.body(), theirs, news));
  }
  template <class Visit>
  void decompose(const Visit& visit) const {
    body_.decompose([&](const Body& part, const Dot& dot) { visit(made(part), dot); });
  }
  void write(ByteWriter& out, const DotContext& context) const
    requires WiredStore<Body>
  {
    body_.write(out, context);
  }
  static Self read(ByteReader& in, const DotContext& context)
    requires WiredStore<Body>
  {
    return made(Body::read(in, context));
  }
  bool operator==(const StoreOf&) const = default;

  /// The store whose body is `body`.
  static Self made(Body body) {
    Self self;
    static_cast<StoreOf&>(self).body_ = std::move(body);
    return self;
  }

 private:
  Body body_;
};

}  // namespace vouch::crdt
