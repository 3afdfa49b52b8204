//! What a batch could not do.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::key::Key;

/// What became of a batch that could not be done as a whole. What was done stays done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchReport {
    /// How many records were read or written.
    pub processed: usize,
    /// The others, in the order of their keys, each with why. Where that error [may be
    /// applied](Error::may_be_applied), so may this write.
    pub remaining: Vec<(Key, Arc<Error>)>,
}

impl BatchReport {
    /// The report of what became of each record, as an error where anything was left.
    pub(crate) fn of(outcomes: impl Iterator<Item = (Key, Result<(), Arc<Error>>)>) -> Result<(), BatchReport> {
        let mut report = BatchReport { processed: 0, remaining: Vec::new() };
        for (key, outcome) in outcomes {
            match outcome {
                Ok(()) => report.processed += 1,
                Err(error) => report.remaining.push((key, error)),
            }
        }
        report.remaining.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        if report.remaining.is_empty() { Ok(()) } else { Err(report) }
    }
}

impl fmt::Display for BatchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.processed + self.remaining.len();
        write!(f, "{} of {all} records were left", self.remaining.len())?;
        match self.remaining.first() {
            Some((key, error)) => write!(f, "; `{key}`: {error}"),
            None => Ok(()),
        }
    }
}
