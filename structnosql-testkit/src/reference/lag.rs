//! Reads that are late.
//!
//! From AWS's page "DynamoDB read consistency": without asking for consistency a read may miss writes that were done
//! shortly before, and a global secondary index cannot be read otherwise.

use std::collections::{BTreeMap, VecDeque};

use fastrand::Rng;
use structnosql_core::Map;

use super::table::ItemKey;

/// How many writes a read may be late by.
const MOST: usize = 3;

/// What a table held of late.
#[derive(Clone, Debug)]
pub(super) struct Lag {
    rng: Rng,
    /// The oldest first.
    past: VecDeque<BTreeMap<ItemKey, Map>>,
}

impl Lag {
    pub(super) fn new(seed: u64) -> Self {
        Lag { rng: Rng::with_seed(seed), past: VecDeque::new() }
    }

    /// Notes what the table holds before a write.
    pub(super) fn note(&mut self, items: &BTreeMap<ItemKey, Map>) {
        if self.past.len() == MOST {
            self.past.pop_front();
        }
        self.past.push_back(items.clone());
    }

    /// What a read sees, where it is late. With each read the database catches up.
    pub(super) fn pick(&mut self) -> Option<BTreeMap<ItemKey, Map>> {
        let picked = self.past.get(self.rng.usize(..=self.past.len())).cloned();
        self.past.pop_front();
        picked
    }

    /// Whether a read may see another item than this one.
    pub(super) fn is_late(&self, key: &ItemKey, item: Option<&Map>) -> bool {
        self.past.iter().any(|items| items.get(key) != item)
    }
}
