//! What the benches do: the same operations on every machine.

use structnosql::TableDataModel;

/// The record that sessions are about.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts")]
pub(crate) struct Account {
    #[field(partition_key)]
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) visits: Option<u64>,
    pub(crate) score: Option<i64>,
}

impl Account {
    pub(crate) fn numbered(record: usize) -> Account {
        let text = || Some("x".to_owned());
        Account { id: format!("a{record}"), name: text(), city: text(), visits: Some(0), score: Some(0) }
    }
}

/// One step of a session.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Reads the name and the visits.
    Read,
    /// Sets the visits.
    Set(u64),
    /// Deletes the city.
    Delete,
}

/// A small generator of numbers: the same on every machine.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// A record: the first one is asked for most, by Zipf's law.
    fn record(&mut self, weights: &[u64]) -> String {
        let mut left = self.below(weights.iter().sum());
        let at = weights.iter().position(|weight| {
            left < *weight || {
                left -= weight;
                false
            }
        });
        format!("a{}", at.unwrap_or(0))
    }
}

/// 69 % reads, 25 % sets, 6 % deletes.
pub(crate) fn session(count: usize) -> Vec<Step> {
    let mut numbers = Numbers(7);
    let step = |_| match numbers.below(100) {
        0..69 => Step::Read,
        69..94 => Step::Set(7),
        _ => Step::Delete,
    };
    (0..count).map(step).collect()
}

/// The steps, each for one of so many records.
pub(crate) fn spread(steps: Vec<Step>, records: usize) -> Vec<(String, Step)> {
    let weights: Vec<u64> = (1..=records as u64).map(|rank| 1_000_000 / rank).collect();
    let mut numbers = Numbers(42);
    steps.into_iter().map(|step| (numbers.record(&weights), step)).collect()
}
