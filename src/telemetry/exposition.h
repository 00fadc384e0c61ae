// SPDX-License-Identifier: Apache-2.0
// Metrics as Prometheus reads them (text exposition format 0.0.4).
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nacre::telemetry {

enum class MetricKind : unsigned char { counter, gauge };

/// One value with its labels.
struct Sample {
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
};

struct Metric {
  std::string name; ///< nacre_…; counters end in _total
  std::string help;
  MetricKind kind = MetricKind::counter;
  std::vector<Sample> samples;
};

std::string to_prometheus_text(const std::vector<Metric>& metrics);

} // namespace nacre::telemetry
