// SPDX-License-Identifier: MIT
#include "vouch/validator/date.hpp"

#include <chrono>

namespace vouch::validator {
namespace {

/// Reads from the front; after a mismatch nothing fits any more.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (; count > 0; --count) {
      if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') return fail();
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  /// The next character when it is one of these, else 0.
  char one_of(std::string_view chars) {
    if (rest_.empty() || chars.find(rest_[0]) == std::string_view::npos) return 0;
    const char found = rest_[0];
    rest_.remove_prefix(1);
    return found;
  }
  char need(std::string_view chars) {
    const char found = one_of(chars);
    if (found == 0) fail();
    return found;
  }
  /// Thousandths of the digits that follow.
  int thousandths() {
    int value = digits(1) * 100;
    int weight = 10;
    for (char digit = 0; (digit = one_of("0123456789")) != 0; weight /= 10) {
      value += (digit - '0') * weight;
    }
    return value;
  }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  int fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::optional<std::int64_t> read_date(std::string_view text) {
  using namespace std::chrono;
  Scanner in(text);
  const year y(in.digits(4));
  in.need("-");
  const month m(static_cast<unsigned>(in.digits(2)));
  in.need("-");
  const day d(static_cast<unsigned>(in.digits(2)));
  in.need("Tt ");
  const int hour = in.digits(2);
  in.need(":");
  const int minute = in.digits(2);
  in.need(":");
  const int second = in.digits(2);
  const int thousandths = in.one_of(".") != 0 ? in.thousandths() : 0;
  const char zone = in.need("Zz+-");
  int offset = 0;
  if (zone == '+' || zone == '-') {
    const int hours = in.digits(2);
    in.need(":");
    const int minutes = in.digits(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = (hours * 60 + minutes) * (zone == '+' ? 1 : -1);
  }
  const year_month_day date(y, m, d);
  if (!in.done() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  const std::int64_t minutes = (days * 24 + hour) * 60 + minute - offset;
  return (minutes * 60 + second) * 1'000 + thousandths;
}

}  // namespace vouch::validator
