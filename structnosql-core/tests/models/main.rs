//! What models declare beside names and types, through tables.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod enums;
#[cfg(all(feature = "chrono", feature = "jiff", feature = "rust_decimal", feature = "time", feature = "uuid"))]
mod foreign;
mod lenient;
mod rest;
mod rules;
#[cfg(feature = "serde")]
mod serde;
mod ttl;

use structnosql_core::{Backend, Map, PutRequest, TableDataModel, Value};

/// Stores an item past the model.
async fn store<M: TableDataModel>(backend: &impl Backend, item: Map) {
    let request = PutRequest { table: M::table().name.into(), item, condition: None, return_old: false };
    backend.put(request).await.unwrap();
}

fn item(fields: &[(&'static str, Value)]) -> Map {
    fields.iter().cloned().collect()
}
