// What every benchmark prints: named figures with their unit, as lines for people or as the one
// JSON object {"figures": {"NAME": {"value": X, "unit": "U"}}}. Deliberately absent: timing, which
// each benchmark does itself.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace vouch::bench {

/// Value at `share` (0 to 1) of the sorted samples; 0 when there are none.
inline double quantile(std::vector<double> samples, double share) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  const auto last = static_cast<double>(samples.size() - 1);
  return samples[static_cast<std::size_t>(std::lround(share * last))];
}

inline double median(std::vector<double> samples) {
  return quantile(std::move(samples), 0.5);
}

class Figures {
 public:
  /// With `json` nothing but the object goes to standard output.
  explicit Figures(bool json) : json_(json) {}

  void add(const std::string& name, double value, const std::string& unit) {
    figures_[name] = {value, unit};
  }
  double value(const std::string& name) const { return figures_.at(name).value; }
  /// A line for people, on standard error when the output is JSON.
  void say(const std::string& line) const {
    fmt::print(json_ ? stderr : stdout, "{}\n", line);
    std::fflush(json_ ? stderr : stdout);
  }
  void print() const {
    if (json_) {
      std::string out;
      for (const auto& [name, figure] : figures_) {
        out += fmt::format("{}\"{}\": {{\"value\": {:.6g}, \"unit\": \"{}\"}}",
                           out.empty() ? "" : ", ", name, figure.value, figure.unit);
      }
      fmt::print("{{\"figures\": {{{}}}}}\n", out);
      return;
    }
    for (const auto& [name, figure] : figures_) {
      fmt::print("{:<36} {:>14.6g} {}\n", name, figure.value, figure.unit);
    }
  }

 private:
  struct Figure {
    double value = 0;
    std::string unit;
  };
  bool json_;
  std::map<std::string, Figure> figures_;
};

}  // namespace vouch::bench
