//! Commits under faults and cancellation, and writes in doubt.

use structnosql_core::{DocumentPath, Outcome, Resolution};

use super::bench::{Bench, Checked, id, is_missing_parent};
use super::document::FIELDS;
use super::patience::finish_within;
use super::step::{RECORDS, Weather};
use super::storm::is_injected;
use crate::model::{Commit, Entries, Pending, Tree};

/// A record of which answers to commits were lost.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    /// The record before the first of them.
    before: Option<Entries>,
    /// What they were to do, one after another; the last ones may not have been sent.
    pub(crate) layers: Vec<Pending>,
}

impl Doubt {
    /// Whether what is in doubt cannot be sent again.
    pub(crate) fn is_final(&self) -> bool {
        self.layers.first().is_some_and(Pending::has_list)
    }
}

impl Bench {
    pub(crate) fn storm_commit(&mut self, weather: Weather) -> Result<bool, String> {
        match finish_within(self.table.commit_operations(), weather.polls) {
            Ok(committed) => {
                let report = match &committed {
                    Ok(report) => report,
                    Err(error) => error.commit_report().ok_or_else(|| format!("a commit failed: {error}"))?,
                };
                for record in 0..RECORDS {
                    let outcome = report.records.iter().find(|one| one.key.to_string() == id(record));
                    let outcome = outcome.map(|one| one.outcome.clone());
                    self.landed(record, outcome.as_ref())
                        .map_err(|error| format!("{}: {error} ({outcome:?})", id(record)))?;
                }
            }
            Err(_) => {
                for record in 0..RECORDS {
                    self.dropped(record).map_err(|error| format!("{} after a dropped commit: {error}", id(record)))?;
                }
            }
        }
        Ok(true)
    }

    /// The states that the record may be in: as it is, and after each of the requests that it is to get.
    fn states(&self, record: usize) -> Vec<Option<Entries>> {
        let model = &self.records[record];
        match &self.doubts[record] {
            None => vec![model.db.clone(), model.committed(None)],
            Some(doubt) => {
                let mut states = vec![doubt.before.clone()];
                for layer in &doubt.layers {
                    states.push(model.laid(layer, states.last().cloned().flatten()));
                }
                states
            }
        }
    }

    /// A commit has reported this outcome of a record.
    fn landed(&mut self, record: usize, outcome: Option<&Outcome>) -> Checked {
        let stored = self.stored(record)?;
        let states = self.states(record);
        let was_in_doubt = self.doubts[record].is_some();
        let model = &mut self.records[record];
        let missing = model.expected(None, FIELDS) == Commit::Missing;
        match outcome {
            None if model.whole.is_empty() && stored == model.db => Ok(()),
            None => Err("it is not in the report".to_owned()),
            Some(Outcome::Committed) => {
                // A list whose positions another outcome has shifted is the database's affair.
                if !model.stale && !states.last().is_some_and(|all| is_alike(&stored, all)) {
                    return Err(format!("reported as committed; stored {stored:?}, expected {:?}", states.last()));
                }
                model.commit(None, stored);
                model.stale = false;
                self.doubts[record] = None;
                Ok(())
            }
            Some(Outcome::Rejected(error) | Outcome::NotSent(error)) => {
                let allowed = if was_in_doubt { &states[..] } else { &states[..1] };
                if !allowed.iter().any(|state| is_alike(&stored, state)) {
                    return Err("reported as not applied, and it is".to_owned());
                }
                let expected = is_injected(error) || (missing && is_missing_parent(error));
                if !expected && !model.stale && !was_in_doubt {
                    return Err("rejected for no reason".to_owned());
                }
                self.resolved(record, stored, &states);
                Ok(())
            }
            Some(_) => self.doubted(record),
        }
    }

    /// What was in doubt is so no longer, and what came after it is still pending.
    fn resolved(&mut self, record: usize, stored: Option<Entries>, states: &[Option<Entries>]) {
        let listed = self.table.pending_for(id(record));
        let model = &mut self.records[record];
        if let Some(doubt) = self.doubts[record].take() {
            let applied = states.iter().position(|state| is_alike(&stored, state)).unwrap_or(0);
            let mut newer = Pending::default();
            doubt.layers.iter().skip(applied).for_each(|layer| newer.follow(layer));
            // Of operations that change nothing the database does not tell whether they have been applied.
            let mut left = Pending::default();
            newer.visit(&[], &mut |path, node| {
                let at = DocumentPath::from_iter(path.iter().cloned());
                if listed.iter().any(|one| one.path.starts_with(&at) || at.starts_with(&one.path)) {
                    left.put(path, node.clone());
                }
            });
            (model.visible, model.whole) = (left.clone(), left);
        }
        model.layered = true;
        model.db = stored;
    }

    /// The record's write is in doubt: it is there as a whole, or not at all.
    fn doubted(&mut self, record: usize) -> Checked {
        let stored = self.stored(record)?;
        let states = self.states(record);
        let model = &mut self.records[record];
        if !model.stale && !states.iter().any(|state| is_alike(&stored, state)) {
            return Err(format!("{} is neither as before nor as after the write in doubt", id(record)));
        }
        let begun = || Doubt { before: model.db.clone(), layers: vec![model.whole.clone()] };
        self.doubts[record].get_or_insert_with(begun).layers.push(Pending::default());
        model.layered = true;
        model.db = stored;
        Ok(())
    }

    /// The commit of this record was given up, or of others before its turn.
    fn dropped(&mut self, record: usize) -> Checked {
        let plan = self.table.plan_commit();
        let planned = plan.records.iter().find(|planned| planned.key.to_string() == id(record));
        let stored = self.stored(record)?;
        match planned {
            Some(planned) if planned.in_doubt.is_some() => self.doubted(record),
            Some(_) => {
                let states = self.states(record);
                let allowed = if self.doubts[record].is_some() { &states[..] } else { &states[..1] };
                if !allowed.iter().any(|state| is_alike(&stored, state)) {
                    return Err("pending, and applied".to_owned());
                }
                self.resolved(record, stored, &states);
                Ok(())
            }
            None if self.records[record].whole.is_empty() => Ok(()),
            None => self.landed(record, Some(&Outcome::Committed)),
        }
    }

    /// The weather clears: everything that was accepted is committed, once.
    pub(crate) fn calm(&mut self) -> Checked {
        self.faulty().heal();
        let calm = Weather { seed: 0, probability: 0.0, polls: 10_000 };
        self.storm_commit(calm)?;
        for record in 0..RECORDS {
            let Some(doubt) = self.doubts[record].clone() else { continue };
            if !doubt.is_final() {
                return Err(format!("a commit without faults left {} in doubt", id(record)));
            }
            let applied = self.stored(record)? != doubt.before;
            let resolution = if applied { Resolution::Applied } else { Resolution::NotApplied };
            self.table.resolve_in_doubt(id(record), resolution);
            self.doubts[record] = None;
            let model = &mut self.records[record];
            if applied {
                let mut newer = Pending::default();
                doubt.layers.iter().skip(1).for_each(|layer| newer.follow(layer));
                (model.visible, model.whole) = (newer.clone(), newer);
            }
        }
        self.storm_commit(calm)?;
        if let Some(record) = (0..RECORDS).find(|record| self.doubts[*record].is_some()) {
            return Err(format!("{} is in doubt without a fault", id(record)));
        }
        self.look_everywhere()?;
        self.table.clear_cached_data_and_pending_operations();
        self.records.iter_mut().for_each(|record| {
            record.rollback();
            record.clear_cached_data();
        });
        self.look_everywhere()
    }
}

/// Whether two records are the same but for empty maps: two requests in place of one leave them.
fn is_alike(one: &Option<Entries>, other: &Option<Entries>) -> bool {
    let [one, other] = [one, other].map(|item| Tree::without_empty(item.clone().map(Tree::Map).as_ref()));
    one == other
}
