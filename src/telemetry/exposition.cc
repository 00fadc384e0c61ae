// SPDX-License-Identifier: Apache-2.0
#include "telemetry/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace nacre::telemetry {

std::string to_prometheus_text(const std::vector<Metric>& metrics) {
  std::vector<prometheus::MetricFamily> families;
  for (const Metric& metric : metrics) {
    prometheus::MetricFamily& family = families.emplace_back();
    family.name = metric.name;
    family.help = metric.help;
    family.type = metric.kind == MetricKind::counter ? prometheus::MetricType::Counter
                                                     : prometheus::MetricType::Gauge;
    for (const Sample& sample : metric.samples) {
      prometheus::ClientMetric& out = family.metric.emplace_back();
      for (const auto& [name, value] : sample.labels)
        out.label.push_back({name, value});
      out.counter.value = sample.value;
      out.gauge.value = sample.value;
    }
  }
  return prometheus::TextSerializer{}.Serialize(families);
}

} // namespace nacre::telemetry
