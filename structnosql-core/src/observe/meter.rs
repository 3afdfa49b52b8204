//! What a request takes: told by the backend that sends it, to whoever observes it.
//!
//! A backend calls these functions while it works on a request, in the task that polls it. Where nobody observes the
//! request they do nothing.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

tokio::task_local! {
    static METER: Arc<Meter>;
}

/// What one request has taken so far.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<Took>);

/// What a request takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Took {
    pub(super) attempts: u32,
    pub(super) read_units: f64,
    pub(super) write_units: f64,
}

impl Meter {
    pub(super) fn took(&self) -> Took {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, more: Took) {
        let mut took = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        took.attempts += more.attempts;
        took.read_units += more.read_units;
        took.write_units += more.write_units;
    }
}

pub(super) fn within<F: Future>(meter: Arc<Meter>, request: F) -> impl Future<Output = F::Output> {
    METER.scope(meter, request)
}

pub(super) fn add(took: Took) {
    // Without a meter nobody wants to know.
    let _ = METER.try_with(|meter| meter.add(took));
}

/// Whether anybody wants to know what this request takes.
pub fn is_observed() -> bool {
    METER.try_with(|_| ()).is_ok()
}

/// The request is sent, for the first time or again.
pub fn attempted() {
    add(Took { attempts: 1, ..Took::default() });
}

/// The server says that the request consumed so many read capacity units.
pub fn consumed_read_units(units: f64) {
    add(Took { read_units: units, ..Took::default() });
}

/// The server says that the request consumed so many write capacity units.
pub fn consumed_write_units(units: f64) {
    add(Took { write_units: units, ..Took::default() });
}
