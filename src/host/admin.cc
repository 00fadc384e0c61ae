// SPDX-License-Identifier: Apache-2.0
#include "host/admin.h"

#include "loop/scope.h"
#include "telemetry/exposition.h"

#include <fmt/format.h>

namespace nacre::host {
namespace {

using telemetry::Metric;
using telemetry::MetricKind;

double sum(const std::vector<const Counters*>& counters, Counter Counters::* field) {
  std::uint64_t total = 0;
  for (const Counters* one : counters)
    total += (one->*field).get();
  return static_cast<double>(total);
}

Metric responses(const std::vector<const Counters*>& counters) {
  Metric metric{"nacre_http_responses_total",
                "Exchanges that ended, by class of status; none: nothing was sent.",
                MetricKind::counter,
                {}};
  for (std::size_t i = 0; i < 6; ++i) {
    std::uint64_t total = 0;
    for (const Counters* one : counters)
      total += one->responses.at(i).get();
    metric.samples.push_back(
        {{{"class", i == 0 ? "none" : fmt::format("{}xx", i)}}, static_cast<double>(total)});
  }
  return metric;
}

} // namespace

std::string Admin::metrics() const {
  const auto one = [&](const char* name, const char* help, MetricKind kind,
                       Counter Counters::* field) {
    return Metric{name, help, kind, {{{}, sum(counters_, field)}}};
  };
  return telemetry::to_prometheus_text({
      responses(counters_),
      one("nacre_guests_active", "Guests that run or wait now.", MetricKind::gauge,
          &Counters::active),
      one("nacre_requests_queued", "Requests that wait for their turn now.", MetricKind::gauge,
          &Counters::queued),
      one("nacre_requests_rejected_total", "Requests answered 503 because of load.",
          MetricKind::counter, &Counters::rejected),
      one("nacre_instances_total", "Fresh instances made.", MetricKind::counter,
          &Counters::instances),
      one("nacre_guest_faults_total", "Guests that trapped.", MetricKind::counter,
          &Counters::faults),
      one("nacre_guest_cpu_stops_total", "Guests stopped at their CPU budget.", MetricKind::counter,
          &Counters::cpu_stops),
      one("nacre_guest_timeouts_total", "Guests stopped at their deadline.", MetricKind::counter,
          &Counters::timeouts),
      one("nacre_guest_cancelled_total", "Guests stopped because the client went away.",
          MetricKind::counter, &Counters::cancelled),
      Metric{"nacre_bugs_total",
             "Tasks of the host that ended with a bug.",
             MetricKind::counter,
             {{{}, static_cast<double>(bugs_seen())}}},
  });
}

Task<> Admin::respond(http::Exchange* exchange) const {
  const std::string_view path =
      exchange->request().path.substr(0, exchange->request().path.find('?'));
  http::ResponseHead head;
  std::string text;
  std::string_view type = "text/plain; charset=utf-8";
  if (path == "/-/healthz") {
    text = "ok\n";
  } else if (path == "/-/readyz") {
    head.status = ready_ ? 200 : 503;
    text = ready_ ? "ready\n" : "draining\n";
  } else if (path == "/metrics" || path == "/-/metrics") {
    text = metrics();
    type = "text/plain; version=0.0.4; charset=utf-8";
  } else {
    head.status = 404;
    text = "here are /-/healthz, /-/readyz and /metrics\n";
  }
  head.fields.add("content-type", type);
  head.fields.add("content-length", std::to_string(text.size()));
  CO_TRY(http::BodySink* const sink, exchange->respond(head));
  CO_TRY_OK(sink->write(std::as_bytes(std::span(text))));
  co_return sink->finish(nullptr);
}

} // namespace nacre::host
