// For hash tables whose keys others choose: nobody but the owner of the signer can tell which keys
// meet in a bucket, and for the owner the order is the same at every start.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string_view>

#include "vouch/base/signer.hpp"

namespace vouch {

class TableHash {
 public:
  /// Two tables with other purposes have other orders.
  TableHash(const Signer& signer, std::string_view purpose) {
    std::string text("vouch/table/1\0", 14);
    text += purpose;
    const Hash secret = crypto::blake2b(signer.sign(as_bytes(text)).view());
    std::copy_n(secret.bytes.begin(), key_.size(), key_.begin());
  }

  template <class Tag, std::size_t Size>
  std::size_t operator()(const FixedBytes<Tag, Size>& id) const {
    return crypto::table_hash(key_, id.view());
  }

 private:
  crypto::TableKey key_{};
};

}  // namespace vouch
