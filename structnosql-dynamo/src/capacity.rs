//! The capacity that requests consume, for whoever observes them.

use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use structnosql_core::meter;

/// What to ask the server for.
pub(crate) fn wanted() -> Option<ReturnConsumedCapacity> {
    meter::is_observed().then_some(ReturnConsumedCapacity::Total)
}

pub(crate) fn read(consumed: impl IntoIterator<Item = ConsumedCapacity>) {
    consumed.into_iter().filter_map(|consumed| consumed.capacity_units).for_each(meter::consumed_read_units);
}

pub(crate) fn written(consumed: impl IntoIterator<Item = ConsumedCapacity>) {
    consumed.into_iter().filter_map(|consumed| consumed.capacity_units).for_each(meter::consumed_write_units);
}
