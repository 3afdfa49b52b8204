//! Histories of documents: records of nested maps, structs, lists and sets.

use fastrand::Rng;
use structnosql_core::Capabilities;

use super::Tally;
use super::bench::Bench;
use super::draw::Draw;
use super::habits::Climate;
use super::history::{Failed, History};
use super::step::{Faults, RECORDS, Setting, Step, Weather};
use crate::Fault;
use crate::model::Entries;

/// A history of a caching table of documents.
#[derive(Clone)]
pub(super) struct Documents {
    items: Vec<Option<Entries>>,
    setting: Setting,
    steps: Vec<Step>,
}

/// More requests than one call of a short history sends.
const MOST_REQUESTS: usize = 8;
/// More polls than it takes.
const MOST_POLLS: usize = 24;

impl Documents {
    pub(super) fn draw(mut rng: Rng) -> Documents {
        let climates = [
            Climate::default(),
            Climate { steady: true, ..Climate::default() },
            Climate { foreign: true, ..Climate::default() },
            Climate { stormy: true, ..Climate::default() },
            Climate { two_tasks: true, ..Climate::default() },
            Climate { stormy: true, two_tasks: true, ..Climate::default() },
            Climate { foreign: true, two_tasks: true, ..Climate::default() },
            Climate { lagging: true, ..Climate::default() },
        ];
        let climate = climates[rng.usize(..climates.len())];
        let mut draw = Draw::new(rng, climate);
        let items =
            (0..RECORDS).map(|_| if draw.rng.u32(..3) == 0 { None } else { Some(draw.stored_item()) }).collect();
        let length = [4, 10, 25, 50][draw.rng.usize(..4)];
        let steps = (0..length).map(|_| draw.step()).collect();
        let setting = match climate.lagging {
            true => Setting { lag: Some(draw.rng.u64(..)), ..Setting::usual(None) },
            false if draw.rng.u32(..4) == 0 => Setting::usual(Some(draw.rng.usize(..RECORDS))),
            false => Setting::usual(None),
        };
        Documents { items, setting, steps }
    }

    /// A history with writes that are too large for a request, or over a database that can do less than DynamoDB.
    pub(super) fn draw_unusual(mut rng: Rng) -> Documents {
        let bulky = rng.bool();
        let can = Capabilities::ALL;
        let lesser = [
            Capabilities { transactions: false, batched_updates: false, ..can },
            Capabilities { grouped_updates: false, ..can },
        ];
        let capabilities = if bulky { can } else { lesser[rng.usize(..lesser.len())] };
        let mut draw = Draw::new(rng, Climate { steady: bulky, bulky, ..Climate::default() });
        let items =
            (0..RECORDS).map(|_| if draw.rng.u32(..3) == 0 { None } else { Some(draw.stored_item()) }).collect();
        let steps = (0..draw.rng.usize(4..16)).map(|_| draw.step()).collect();
        Documents { items, setting: Setting { capabilities, bulky, ..Setting::usual(None) }, steps }
    }

    /// A short history without faults.
    pub(super) fn draw_short(rng: Rng) -> Documents {
        let mut draw = Draw::new(rng, Climate::default());
        let items = (0..RECORDS).map(|_| if draw.rng.bool() { None } else { Some(draw.stored_item()) }).collect();
        let steps = (0..6).map(|_| draw.step()).collect();
        Documents { items, setting: Setting::usual(None), steps }
    }

    /// The same short history once for every way in which one of its requests can go wrong, and once for every moment at
    /// which one of its calls can be given up.
    pub(super) fn with_each_fault(&self) -> impl Iterator<Item = Documents> {
        let hanging = [Fault::HangBefore, Fault::HangAfter];
        let mut weathers = Vec::new();
        for request in 0..MOST_REQUESTS {
            let faults = Fault::RANDOM.iter().chain(&hanging);
            weathers.extend(faults.map(|fault| Weather { faults: Faults::After(request, *fault), polls: MOST_POLLS }));
        }
        let none = Faults::Random { seed: 0, probability: 0.0 };
        weathers.extend((1..MOST_POLLS).map(|polls| Weather { faults: none, polls }));
        (0..self.steps.len()).flat_map(move |at| {
            let with = move |weather| {
                let mut one = self.clone();
                one.steps[at].weather = Some(weather);
                one
            };
            weathers.clone().into_iter().map(with)
        })
    }
}

impl History for Documents {
    type Step = Step;

    fn steps(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    fn run(&self) -> Result<Tally, Failed> {
        let mut bench = Bench::new(&self.items, self.setting).map_err(Failed::at(0))?;
        let mut operations = 0;
        for (at, step) in self.steps.iter().enumerate() {
            operations += bench.step(step).map_err(Failed::at(at))?;
        }
        bench.end().map_err(|error| Failed { at: self.steps.len(), what: format!("at the end: {error}") })?;
        let requests = bench.counted().requests() as u64;
        let (faults, cancellations) = (bench.faulty().injected(), bench.cancellations);
        Ok(Tally { cases: 1, operations: operations + bench.reads, requests, faults, cancellations })
    }

    fn strip(&mut self) {
        for at in 0..self.steps.len() {
            self.without(|case| drop(case.steps[at].meanwhile.take()));
            self.without(|case| case.steps[at].looks.clear());
        }
        for at in 0..self.items.len() {
            self.without(|case| case.items[at] = None);
        }
    }

    fn lines(&self) -> Vec<String> {
        let items = self
            .items
            .iter()
            .zip(0..)
            .filter_map(|(item, at)| Some(format!("r{at} = {item:?}", item = item.as_ref()?)));
        let setting = format!("{:?}", self.setting);
        std::iter::once(setting).chain(items).chain(self.steps.iter().map(|step| format!("{step:?}"))).collect()
    }
}
