//! What is counted while the program runs, in the names that monitors know (requirements B6, D4).
//!
//! Labels are few and bounded: routes as they are declared, never an address; no label and no
//! value is of a patient. The text is Prometheus' (exposition format 0.0.4).

use std::sync::Arc;
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Counter, CounterVec, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts,
    Registry, TextEncoder,
};

use super::pace::{Pace, SLOW, SlowRequest};

/// Upper bounds of the durations of requests, milliseconds: the unit of the name that D4 asks for.
const REQUEST_MS: [f64; 12] =
    [1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 10_000.0];
/// Upper bounds of the durations of jobs, milliseconds.
const JOB_S: [f64; 10] = [
    10.0,
    100.0,
    1_000.0,
    5_000.0,
    15_000.0,
    60_000.0,
    300_000.0,
    900_000.0,
    3_600_000.0,
    14_400_000.0,
];
/// Methods that are told apart; every other one is `OTHER`.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What is counted as it happens. What can be asked at any time is not in here.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    requests: Option<IntCounterVec>,
    request_ms: Option<HistogramVec>,
    job_s: Option<HistogramVec>,
    pace: Arc<Pace>,
}

impl Default for Metrics {
    fn default() -> Self {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("http_requests_total", "Requests that were answered"),
            &["method", "route", "status"],
        );
        let request_ms = HistogramVec::new(
            HistogramOpts::new("http_request_duration_milliseconds", "From request to answer")
                .buckets(REQUEST_MS.to_vec()),
            &["method", "route"],
        );
        let job_s = HistogramVec::new(
            HistogramOpts::new("queue_job_duration_seconds", "Of one attempt at a job")
                .buckets(JOB_S.to_vec()),
            &["kind", "outcome"],
        );
        Self {
            requests: kept(&registry, requests),
            request_ms: kept(&registry, request_ms),
            job_s: kept(&registry, job_s),
            pace: Arc::default(),
            registry,
        }
    }
}

/// The collector, registered. Names and labels are constants, so that none is refused; one that
/// were would only be missing.
fn kept<C: Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<C>,
) -> Option<C> {
    let made = made.and_then(|made| registry.register(Box::new(made.clone())).map(|()| made));
    made.inspect_err(|cause| tracing::error!("A metric is missing: {cause}")).ok()
}

impl Metrics {
    /// Counts the request `id` of `method` to the declared `route` that was answered with `status`.
    pub fn request(&self, id: &str, (method, route): (&str, &str), status: u16, took: Duration) {
        self.pace.count(status, took);
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("OTHER");
        if let Some(requests) = &self.requests {
            requests.with_label_values(&[method, route, &status.to_string()]).inc();
        }
        if let Some(request_ms) = &self.request_ms {
            request_ms.with_label_values(&[method, route]).observe(took.as_secs_f64() * 1e3);
        }
        if SLOW <= took {
            let (method, route) = (method.to_owned(), route.to_owned());
            let (id, ago) = (id.to_owned(), Duration::ZERO);
            self.pace.keep(SlowRequest { method, route, status, took, id, ago });
        }
    }

    /// How fast requests are answered.
    #[must_use]
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Counts an attempt at a job of `kind` with its `outcome`.
    pub fn job(&self, kind: &str, outcome: &str, took: Duration) {
        if let Some(job_s) = &self.job_s {
            job_s.with_label_values(&[kind, outcome]).observe(took.as_secs_f64());
        }
    }

    /// All that was counted, and what was `asked` just now, as text.
    #[must_use]
    pub fn text(&self, asked: &Asked) -> String {
        let mut families = self.registry.gather();
        families.extend(asked.0.gather());
        families.sort_by(|one, other| one.name().cmp(other.name()));
        let text = TextEncoder::new().encode_to_string(&families);
        text.inspect_err(|cause| tracing::error!("The metrics cannot be told: {cause}"))
            .unwrap_or_default()
    }
}

/// What was asked at the moment of a scrape.
#[derive(Debug, Default)]
pub struct Asked(Registry);

impl Asked {
    /// A value that goes up and down.
    #[expect(clippy::cast_precision_loss, reason = "metrics are floating point")]
    pub fn gauge(&self, name: &str, help: &str, value: u64) {
        self.level(name, help, value as f64);
    }

    /// The same with a fraction.
    pub fn level(&self, name: &str, help: &str, value: f64) {
        if let Some(gauge) = kept(&self.0, Gauge::new(name, help)) {
            gauge.set(value);
        }
    }

    /// A value that only goes up, from 0 at the start of the program.
    pub fn total(&self, name: &str, help: &str, value: f64) {
        if let Some(counter) = kept(&self.0, Counter::new(name, help)) {
            counter.inc_by(value.max(0.0));
        }
    }

    /// Several values of one name that only go up, told apart by `label`.
    pub fn totals<'a>(
        &self,
        (name, help, label): (&str, &str, &str),
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        if let Some(totals) = kept(&self.0, CounterVec::new(Opts::new(name, help), &[label])) {
            for (word, value) in values {
                totals.with_label_values(&[word]).inc_by(value.max(0.0));
            }
        }
    }

    /// Several values of one name, told apart by `label`.
    pub fn gauges<'a>(
        &self,
        (name, help, label): (&str, &str, &str),
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        if let Some(gauges) = kept(&self.0, GaugeVec::new(Opts::new(name, help), &[label])) {
            for (word, value) in values {
                gauges.with_label_values(&[word]).set(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_in_the_form_that_monitors_read() {
        let metrics = Metrics::default();
        for ms in [3, 30, 300] {
            let place = ("GET", "/api/v1/patients/{id}");
            metrics.request("-", place, 200, Duration::from_millis(ms));
        }
        metrics.request("-", ("BREW", "unmatched"), 405, Duration::ZERO);
        metrics.job("clear_away", "done", Duration::from_millis(50));
        let asked = Asked::default();
        asked.gauge("memory_usage_bytes", "Memory", 4_096);
        asked.total("database_commits_total", "Commits", 7.0);
        let ratios = [("sessions", 0.5), ("shelf", 1.0)];
        asked.gauges(("cache_hit_ratio", "Found of asked", "cache"), ratios);
        let text = metrics.text(&asked);
        let told = |line: &str| assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        told("# TYPE http_requests_total counter");
        told(
            "http_requests_total{method=\"GET\",route=\"/api/v1/patients/{id}\",status=\"200\"} 3",
        );
        told("http_requests_total{method=\"OTHER\",route=\"unmatched\",status=\"405\"} 1");
        let bucket = "http_request_duration_milliseconds_bucket\
            {method=\"GET\",route=\"/api/v1/patients/{id}\",le=\"50\"} 2";
        told(bucket);
        told("# TYPE memory_usage_bytes gauge");
        told("memory_usage_bytes 4096");
        told("# TYPE database_commits_total counter");
        told("database_commits_total 7");
        told("cache_hit_ratio{cache=\"sessions\"} 0.5");
        told("queue_job_duration_seconds_count{kind=\"clear_away\",outcome=\"done\"} 1");
        let names: Vec<&str> = text.lines().filter_map(|it| it.strip_prefix("# TYPE ")).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}
