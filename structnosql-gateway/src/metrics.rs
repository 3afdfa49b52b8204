//! Counts of what was done: no key, value or name of a client is in them.

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use structnosql_external::wire::extension::Answer;

/// What is counted.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    requests: Family<Request, Counter>,
    operations: Family<Ran, Counter>,
    seconds: Histogram,
    pub(crate) connections: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Request {
    wire: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Ran {
    operation: &'static str,
    outcome: String,
}

impl EncodeLabelSet for Request {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), std::fmt::Error> {
        [("wire", self.wire.to_owned()), ("status", self.status.to_string())].encode(encoder)
    }
}

impl EncodeLabelSet for Ran {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), std::fmt::Error> {
        [("operation", self.operation), ("outcome", self.outcome.as_str())].encode(encoder)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics {
            requests: Family::default(),
            operations: Family::default(),
            seconds: Histogram::new([0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0]),
            connections: Gauge::default(),
        }
    }
}

impl Metrics {
    /// A request was answered.
    pub(crate) fn answered(&self, wire: &'static str, status: u16, seconds: f64) {
        self.requests.get_or_create(&Request { wire, status }).inc();
        self.seconds.observe(seconds);
    }

    /// An operation was run.
    pub(crate) fn ran(&self, operation: &'static str, answer: &Answer) {
        let outcome = match answer {
            Answer::Failed(failure) => failure.class().to_string(),
            _ => "done".to_owned(),
        };
        self.operations.get_or_create(&Ran { operation, outcome }).inc();
    }

    /// All of it, in the text form of OpenMetrics.
    pub(crate) fn text(&self) -> String {
        let mut registry = Registry::with_prefix("structnosql_gateway");
        registry.register("requests", "Requests that were answered", self.requests.clone());
        registry.register("operations", "Operations that the backend answered", self.operations.clone());
        registry.register("request_seconds", "How long requests took", self.seconds.clone());
        registry.register("connections", "Connections that are open", self.connections.clone());
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }
}
