//! Histories: what cases of every kind have in common.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::patience::outside_time;
use super::{Divergence, Tally};

/// A history that is drawn in full before it runs: what a step does never depends on the steps before it, so that steps
/// can be taken out of a failing one without changing the others.
pub(super) trait History: Clone {
    type Step: Clone;

    fn steps(&mut self) -> &mut Vec<Self::Step>;

    fn run(&self) -> Result<Tally, Failed>;

    /// Takes out what it fails without as well, besides steps.
    fn strip(&mut self) {}

    /// It, for people to read.
    fn lines(&self) -> Vec<String>;

    /// Changes it where it still fails then.
    fn without(&mut self, change: impl FnOnce(&mut Self)) {
        let mut smaller = self.clone();
        change(&mut smaller);
        if outcome(&smaller).is_err() {
            *self = smaller;
        }
    }
}

/// At which step a history failed, and how.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) at: usize,
    pub(super) what: String,
}

impl Failed {
    pub(super) fn at(at: usize) -> impl FnOnce(String) -> Failed {
        move |what| Failed { at, what }
    }
}

/// Runs the history of a seed; one that fails is made as small as it still fails.
pub(super) fn check<H: History>(seed: u64, mut history: H) -> Result<Tally, Divergence> {
    let failed = match outcome(&history) {
        Ok(tally) => return Ok(tally),
        Err(failed) => failed,
    };
    history.steps().truncate(failed.at + 1);
    take_out_steps(&mut history);
    history.strip();
    let what = match outcome(&history) {
        Err(failed) => failed.what,
        Ok(_) => "it failed once and not again: the engine depends on more than the seed".to_owned(),
    };
    Err(Divergence { seed, what, steps: history.lines() })
}

fn outcome<H: History>(history: &H) -> Result<Tally, Failed> {
    catch_unwind(AssertUnwindSafe(|| outside_time(|| history.run())))
        .unwrap_or_else(|_| Err(Failed { at: usize::MAX - 1, what: "a panic".to_owned() }))
}

/// Leaves out ever fewer steps at a time, for as long as it goes on failing.
fn take_out_steps<H: History>(history: &mut H) {
    let mut size = history.steps().len().max(1);
    loop {
        let mut start = 0;
        while start < history.steps().len() {
            let before = history.steps().len();
            history.without(|smaller| {
                let end = (start + size).min(before);
                drop(smaller.steps().drain(start..end));
            });
            if history.steps().len() == before {
                start += size;
            }
        }
        if size == 1 {
            break;
        }
        size = (size / 2).max(1);
    }
}
